import type { StudioLink, StudioMessage, View } from '../messages.js';
import type { Theme } from '../studio-arguments.js';
import { panelStyles } from './style/panel.js';

/** Where the browser remembers whether the panel is open. */
const REMEMBERED = 'latchkey studio';

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
    root.append(this.#dock, this.#button);
    this.#stop = link.subscribe((message) => this.#take(message));
    this.#toggle(wasOpen());
  }

  dispose(): void {
    this.#stop();
    void this.#shown?.then((shown) => shown.dispose());
    this.#dock.remove();
    this.#button.remove();
  }

  #take(message: StudioMessage): void {
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
    remember(isOpen);
    if (isOpen) this.#shown ??= this.#show();
    this.#draw();
  }

  async #show(): Promise<Shown> {
    const { App } = await import('./app.js');
    const place = document.createElement('div');
    place.setAttribute('fill', '');
    if (this.#theme !== 'auto') place.setAttribute('data-theme', this.#theme);
    this.#dock.append(place);
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

/** A browser may forbid to remember anything. */
function wasOpen(): boolean {
  try {
    return localStorage.getItem(REMEMBERED) === 'open';
  } catch {
    return false;
  }
}

function remember(isOpen: boolean): void {
  try {
    localStorage.setItem(REMEMBERED, isOpen ? 'open' : 'closed');
  } catch {
    // Then it is closed the next time.
  }
}
