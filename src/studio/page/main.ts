import { App } from '../ui/app.js';
import { ServerLink } from './server-link.js';

const place = document.getElementById('studio');
if (place !== null) new App(place, new ServerLink());
