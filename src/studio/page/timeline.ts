import type { Happening } from '../messages.js';
import { timeText } from './clock.js';
import { element } from './element.js';

const MOST = 200;
const list = element('timeline');
// It scrolls, so the keyboard must reach it.
list.tabIndex = 0;

/** Newest first. */
export function showHappenings(happenings: readonly Happening[]): void {
  list.replaceChildren(...happenings.map(item).reverse());
}

export function addHappening(happening: Happening): void {
  const isAtTop = list.scrollTop < 8;
  const added = item(happening);
  added.classList.add('fresh');
  list.prepend(added);
  while (list.childElementCount > MOST) list.lastElementChild?.remove();
  if (isAtTop) list.scrollTop = 0;
}

function item({ id, at, about, tone, title, detail }: Happening): HTMLLIElement {
  const row = document.createElement('li');
  row.dataset.id = String(id);
  row.dataset.about = about;
  row.dataset.tone = tone;
  const time = document.createElement('time');
  time.dateTime = new Date(at).toISOString();
  time.textContent = timeText(at);
  const words = document.createElement('p');
  const strong = document.createElement('strong');
  strong.textContent = title;
  words.append(strong);
  if (detail !== '') {
    const more = document.createElement('span');
    more.textContent = detail;
    words.append(' ', more);
  }
  row.append(time, words);
  return row;
}
