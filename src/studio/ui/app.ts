import { html, nothing, render } from 'lit-html';
import type { StudioLink } from '../messages.js';
import { Charts } from './charts.js';
import { dragOver, drop } from './files.js';
import { logView } from './log-view.js';
import { masthead } from './masthead.js';
import { Model } from './model.js';
import { standing } from './standing.js';
import { styles } from './style/index.js';
import { Timeline } from './timeline.js';

/** How often the page is drawn while no event arrives, ms: countdowns have whole seconds. */
const IDLE_MS = 250;

/** The same while the client's clock runs faster. */
const FAST_MS = 60;

/**
 * The studio in its own shadow root: styles of the page do not affect it, and its styles do not affect the
 * page.
 */
export class App {
  readonly model: Model;
  readonly #root: ShadowRoot;
  #place = newPlace();
  readonly #charts = new Charts();
  readonly #timeline = new Timeline();
  readonly #unsubscribe: () => void;
  #isDirty = true;
  #drawnAt = 0;
  #frame = 0;

  constructor(host: Element, link: StudioLink) {
    this.#root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
    this.#root.adoptedStyleSheets = styles();
    this.#root.append(this.#place);
    this.model = new Model(link);
    this.model.sessions.isSeen = (one) => one === this.model.shown;
    this.#unsubscribe = link.subscribe((message) => {
      this.model.take(message);
      this.#isDirty = true;
    });
    for (const type of ['click', 'input', 'change', 'drop', 'keydown', 'pointermove', 'wheel'])
      this.#root.addEventListener(type, () => {
        this.#isDirty = true;
      });
    this.#drawWhole();
    this.#next();
  }

  /** A part of the session cannot be drawn: draws everything again without it. */
  #recover(): void {
    this.#charts.dispose();
    this.#timeline.dispose();
    const place = newPlace();
    this.#place.replaceWith(place);
    this.#place = place;
    const { shown } = this.model;
    this.model.giveUp();
    if (this.model.shown === shown) this.#clear();
    this.#isDirty = true;
  }

  /** The session of the client cannot be drawn, and would fail again: it is shown without its history. */
  #clear(): void {
    this.model.sessions.clear();
    this.model.log.show([]);
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
    this.#unsubscribe();
    this.#charts.dispose();
    this.#timeline.dispose();
    this.#place.remove();
  }

  #next(): void {
    this.#frame = requestAnimationFrame((at) => {
      this.#next();
      const isFast = (this.model.view?.rate ?? 1) > 1;
      if (!this.#isDirty && at - this.#drawnAt < (isFast ? FAST_MS : IDLE_MS)) return;
      // A panel that is closed is not drawn.
      if (this.#place.getClientRects().length === 0) return;
      this.#drawnAt = at;
      this.#drawWhole();
    });
  }

  #drawWhole(): void {
    try {
      this.#draw();
    } catch {
      this.#recover();
    }
  }

  #draw(): void {
    this.#isDirty = false;
    const { model } = this;
    const { silence, view } = model;
    const isSeen = view !== undefined && silence === undefined;
    render(
      html`<div
        class="studio"
        data-state=${isSeen ? view.decision.value : 'idle'}
        data-connection=${(isSeen && view.connection?.state) || 'none'}
        data-past=${model.cursor === null ? nothing : 'yes'}
        data-link=${model.state}
        @dragover=${dragOver}
        @drop=${(event: DragEvent) => drop(event, model)}
      >
        ${masthead(model)}
        <div class="main">
          ${standing(model)}
          <div class="charts" role="group" tabindex="0" aria-label="Charts">${this.#charts.template(model)}</div>
          ${logView(model)} ${this.#timeline.template(model)}
        </div>
      </div>`,
      this.#place,
    );
    this.#timeline.update(this.#root);
    this.#charts.update(this.#root, model);
  }
}

function newPlace(): HTMLElement {
  const place = document.createElement('div');
  place.className = 'place';
  return place;
}
