import { App } from '../studio/ui/app.js';
import { Playground } from './playground.js';
import { pageStyles } from './styles.js';

function start(place: HTMLElement): void {
  const playground = new Playground();
  const go = () => void playground.goTo(location.hash);
  place.replaceChildren();
  place.setAttribute('fill', '');
  document.adoptedStyleSheets = [pageStyles()];
  new App(place, playground.recorder);
  addEventListener('hashchange', go);
  go();
  document.documentElement.setAttribute('data-started', '');
}

// The script before this one takes the element away if the browser lacks something.
const place = document.getElementById('studio');
if (place !== null) start(place);
