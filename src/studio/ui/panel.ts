import type { StudioLink, StudioMessage, View } from '../messages.js';
import { saidBy } from '../said.js';
import type { Theme } from '../studio-arguments.js';
import { panelStyles } from './style/panel.js';

/** The panels of the page. Each button has its own place; one panel is open at a time. */
const panels: (Panel | undefined)[] = [];

/** What a panel needs of the studio in it. */
interface Shown {
  dispose(): void;
}

/**
 * A floating button in the colour of the client's state, and a panel at the edge of the page that it opens. The code
 * of the studio is loaded when the panel is opened first.
 */
export class Panel {
  readonly #link: StudioLink;
  readonly #theme: Theme;
  readonly #isWanted: () => boolean;
  readonly #button = document.createElement('button');
  readonly #dock = document.createElement('section');
  readonly #stop: () => void;
  readonly #place: number;
  #title = '';
  #shown: Promise<Shown> | null = null;
  #view: View | undefined;
  #isGone = false;

  /** @param host an element with a shadow root. @param isWanted whether the studio was not disposed of yet */
  constructor(host: Element, link: StudioLink, theme: Theme, isWanted: () => boolean) {
    this.#link = link;
    this.#theme = theme;
    this.#isWanted = isWanted;
    const root = host.shadowRoot as ShadowRoot;
    root.adoptedStyleSheets = panelStyles();
    this.#button.type = 'button';
    this.#button.className = 'floating';
    this.#button.setAttribute('aria-controls', 'dock');
    this.#button.addEventListener('click', () => this.#toggle(this.#dock.hidden !== false));
    this.#dock.id = 'dock';
    this.#dock.hidden = true;
    this.#dock.setAttribute('aria-label', 'Latchkey studio');
    // What the user types here is not for the page.
    for (const type of ['keydown', 'keypress', 'keyup'])
      this.#dock.addEventListener(type, (event) => event.stopPropagation());
    const free = panels.indexOf(undefined);
    this.#place = free < 0 ? panels.length : free;
    panels[this.#place] = this;
    this.#button.style.setProperty('--place', String(this.#place));
    root.append(this.#dock, this.#button);
    this.#stop = link.subscribe((message) => this.#take(message));
    this.#toggle(wasOpen(this.#title));
  }

  dispose(): void {
    this.#stop();
    panels[this.#place] = undefined;
    void this.#shown?.then((shown) => shown.dispose());
    this.#dock.remove();
    this.#button.remove();
  }

  #take(message: StudioMessage): void {
    if (message.type === 'hello') this.#title = message.session.title;
    if (message.type === 'gone') this.#isGone = true;
    const entries =
      message.type === 'hello' ? message.entries : message.type === 'entry' ? [message.entry] : [];
    for (const entry of entries) if (entry.kind === 'view') this.#view = entry.view;
    this.#draw();
  }

  #draw(): void {
    const { tone, text } = standingOf(this.#view, this.#isGone);
    this.#button.dataset.tone = tone;
    this.#button.textContent = text;
    this.#button.title = `${this.#dock.hidden ? 'Open' : 'Close'} the Latchkey studio`;
    this.#button.setAttribute('aria-expanded', String(!this.#dock.hidden));
  }

  #toggle(isOpen: boolean): void {
    this.#dock.hidden = !isOpen;
    remember(this.#title, isOpen);
    if (isOpen) {
      for (const other of panels)
        if (other !== undefined && other !== this && !other.#dock.hidden) other.#toggle(false);
      this.#shown ??= this.#show().catch((thrown) => this.#fail(thrown));
    }
    this.#draw();
  }

  /** Says why there is no studio. It is loaded again when the panel is opened again. */
  #fail(thrown: unknown): Shown {
    this.#shown = null;
    this.#dock.replaceChildren();
    const text = document.createElement('p');
    text.textContent = `The studio could not be loaded: ${saidBy(thrown)}`;
    this.#dock.append(text);
    return { dispose() {} };
  }

  async #show(): Promise<Shown> {
    const { App } = await import('./app.js');
    const place = document.createElement('div');
    place.setAttribute('fill', '');
    if (this.#theme !== 'auto') place.setAttribute('data-theme', this.#theme);
    this.#dock.replaceChildren(place);
    return this.#isWanted() ? new App(place, this.#link) : { dispose() {} };
  }
}

/** The colour and the text of the button: the worse of token and connection. */
export function standingOf(
  view: View | undefined,
  isGone: boolean,
): { readonly tone: string; readonly text: string } {
  if (view === undefined) return { tone: 'idle', text: 'Latchkey' };
  const { value } = view.decision;
  const state = view.connection?.state;
  const text = `Latchkey: ${isGone ? 'was ' : ''}${value}${state === undefined ? '' : `, ${state}`}`;
  if (isGone) return { tone: 'idle', text };
  const isWell = value === 'authorized' || value === 'renewing';
  if (state === 'failed') return { tone: 'failed', text };
  const isNextTry = state === 'connecting' && view.connection?.error != null;
  const isTroubled = state === 'disconnected' || state === 'suspended' || isNextTry;
  return { tone: isWell && isTroubled ? 'renewing' : value, text };
}

/** Where the browser remembers whether the panel of a client is open. */
const keyOf = (title: string): string => `latchkey studio: ${title}`;

/** A browser may forbid to remember anything. */
function wasOpen(title: string): boolean {
  try {
    return localStorage.getItem(keyOf(title)) === 'open';
  } catch {
    return false;
  }
}

function remember(title: string, isOpen: boolean): void {
  try {
    localStorage.setItem(keyOf(title), isOpen ? 'open' : 'closed');
  } catch {
    // Then it is closed the next time.
  }
}
