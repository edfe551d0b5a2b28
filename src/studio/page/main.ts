import { App } from '../ui/app.js';
import { ServerLink } from './server-link.js';

// The server redirects to the address without its token; a proxy may not.
if (new URLSearchParams(location.search).has('token')) history.replaceState(null, '', location.pathname);

const place = document.getElementById('studio');
place?.setAttribute('fill', '');
if (place !== null) new App(place, new ServerLink());
