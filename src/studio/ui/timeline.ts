import { html, nothing, svg, type TemplateResult } from 'lit-html';
import { describe, HEIGHT, lanes, NAMES_PX } from './lanes.js';
import type { Model } from './model.js';
import { Scale } from './scale.js';
import { momentText, zoneText } from './time-text.js';
import { verb } from './verb.js';

/** Tokens and the states of client and connection, over time. */
export class Timeline {
  #width = 800;
  #observer: ResizeObserver | undefined;
  #host: Element | undefined;
  #dragFrom: { x: number; moved: boolean } | undefined;

  readonly template = (model: Model): TemplateResult => {
    const era = model.history.eraAt(model.n);
    const range = this.#range(model);
    const scale = new Scale(range, NAMES_PX, this.#width);
    return html`<section class="timeline" aria-labelledby="timeline-title">
      <h2 id="timeline-title" class="visually-hidden">Tokens and connection</h2>
      <div
        class="lanes"
        id="lanes"
        tabindex="0"
        role="group"
        aria-label="Timeline: arrow keys move it, plus and minus zoom"
        @keydown=${(event: KeyboardEvent) => this.#key(event, model)}
        @wheel=${(event: WheelEvent) => this.#wheel(event, model, scale)}
        @pointerdown=${(event: PointerEvent) => this.#press(event)}
        @pointermove=${(event: PointerEvent) => this.#drag(event, model)}
        @pointerup=${(event: PointerEvent) => this.#release(event, model, scale)}
      >
        <svg height=${HEIGHT} width="100%" role="img" aria-label=${summary(model)}>
          <defs>
            ${svg`<pattern id="unseen" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <line x1="0" x2="0" y1="0" y2="8" /></pattern>`}
          </defs>
          ${era === undefined ? nothing : lanes(era, scale, model)}
        </svg>
      </div>
      ${this.#travel(model, range)}
    </section>`;
  };

  /** Observes the width of the timeline. */
  update(root: ParentNode): void {
    const host = root.querySelector('#lanes');
    if (host === null || host === this.#host) return;
    this.dispose();
    this.#host = host;
    this.#observer = new ResizeObserver(([entry]) => {
      this.#width = Math.max(200, entry?.contentRect.width ?? 0);
    });
    this.#observer.observe(host);
  }

  dispose(): void {
    this.#observer?.disconnect();
  }

  /** The period that is shown: three lives of the token, unless the user chose another one. */
  #range({ history, n, now, view, window }: Model): readonly [number, number] {
    const { firstAt = 0, lastAt = 0 } = history.eraAt(n) ?? {};
    const token = view?.decision.token;
    const lifeMs = token?.diesInMs == null ? undefined : token.diesInMs - token.receivedInMs;
    return window.at(now, firstAt, lastAt, lifeMs);
  }

  #zoomBar({ window }: Model): TemplateResult {
    return html`<div class="zoom" role="toolbar" aria-label="Timeline">
      <button type="button" id="zoom-out" aria-label="Zoom out" @click=${() => window.zoom(-1, null)}>−</button>
      <button type="button" id="zoom-in" aria-label="Zoom in" @click=${() => window.zoom(1, null)}>+</button>
      <button type="button" id="show-all" @click=${() => window.showAll()}>All</button>
      <button type="button" id="follow" aria-pressed=${String(window.isFollowing)} @click=${() => window.follow()}>
        Follow
      </button>
    </div>`;
  }

  #key(event: KeyboardEvent, model: Model): void {
    const { window } = model;
    if (event.target !== event.currentTarget) return;
    if (event.key === '+' || event.key === '=') window.zoom(1, null);
    else if (event.key === '-') window.zoom(-1, null);
    else if (event.key === 'ArrowLeft') window.pan(-0.2, model.now);
    else if (event.key === 'ArrowRight') window.pan(0.2, model.now);
    else return;
    event.preventDefault();
  }

  /**
   * With Ctrl, as with a pinch gesture, the wheel zooms; sideways it moves the timeline; otherwise the page
   * scrolls.
   */
  #wheel(event: WheelEvent, model: Model, scale: Scale): void {
    if (event.ctrlKey) model.window.zoom(-Math.sign(event.deltaY), momentAt(event, scale));
    else if (Math.abs(event.deltaX) > Math.abs(event.deltaY))
      model.window.pan(event.deltaX / this.#width, model.now);
    else return;
    event.preventDefault();
  }

  #press(event: PointerEvent): void {
    this.#dragFrom = { x: event.clientX, moved: false };
  }

  #drag(event: PointerEvent, model: Model): void {
    const from = this.#dragFrom;
    if (from === undefined || event.buttons === 0) return;
    const by = event.clientX - from.x;
    if (!from.moved && Math.abs(by) < 4) return;
    model.window.pan(-by / this.#width, model.now);
    this.#dragFrom = { x: event.clientX, moved: true };
  }

  /** A press without dragging shows that moment. */
  #release(event: PointerEvent, model: Model, scale: Scale): void {
    if (this.#dragFrom?.moved === false)
      model.travelTo(model.history.numberAt(momentAt(event, scale), model.n));
    this.#dragFrom = undefined;
  }

  /** The controls to show the session at an earlier entry. */
  #travel(model: Model, range: readonly [number, number]): TemplateResult {
    const { history, n, lastN } = model;
    const first = history.entries[0]?.n ?? 0;
    const go = (to: number) => {
      model.travelTo(to);
      model.window.include(model.now, range);
    };
    const isNewest = model.isLive || (model.cursor === null && model.state !== 'recording');
    const where = isNewest
      ? 'the newest entry'
      : `entry ${n - first + 1} of ${lastN - first + 1}, ${momentText(model.now)}`;
    const isAway = model.shown !== model.sessions.linked;
    const back = model.state === 'recording' ? 'Close the recording' : 'Back to now';
    return html`<div class="travel" role="group" aria-label="Look back">
      <button type="button" id="back" aria-label="One entry back" @click=${() => go(n - 1)}>◀</button>
      <input
        type="range"
        id="travel"
        aria-label="The shown moment"
        aria-valuetext=${where}
        min=${first}
        max=${lastN}
        .value=${String(n)}
        @input=${(event: InputEvent) => go(Number((event.target as HTMLInputElement).value))}
      />
      <button type="button" id="forth" aria-label="One entry on" @click=${() => go(n + 1)}>▶</button>
      <span class="where" id="where">${where}</span>
      <span class="where">times in ${zoneText(model.now)}</span>
      ${this.#zoomBar(model)}
      ${table(model)}
      <button type="button" id="live" class="primary" ?disabled=${isNewest && !isAway} @click=${() => model.goLive()}>
        ${back}
      </button>
    </div>`;
  }
}

function momentAt(event: MouseEvent, scale: Scale): number {
  const { left } = (event.currentTarget as Element).getBoundingClientRect();
  return scale.at(event.clientX - left);
}

/** The same information as text, for screen readers. */
function table({ history, n }: Model): TemplateResult {
  const tokens = history.eraAt(n)?.tokens ?? [];
  const last = tokens.slice(-20).reverse();
  return html`<details class="menu as-table">
    <summary>In words</summary>
    <div class="menu-body">
      <p>The last ${last.length} of ${tokens.length} tokens</p>
      <ul id="tokens">
        ${last.map((life) => html`<li>${describe(life)}</li>`)}
      </ul>
    </div>
  </details>`;
}

/** The drawing in words. */
export function summary(model: Model): string {
  const { history, n, view } = model;
  const is = verb(model);
  const { tokens = [], unseen = [] } = history.eraAt(n) ?? {};
  const connection =
    view?.connection == null ? 'no connection' : `the connection ${is} ${view.connection.state}`;
  const slept = unseen.length === 0 ? '' : `; ${unseen.length} times nothing was seen`;
  return `${tokens.length} tokens so far; the client ${is} ${view?.decision.value ?? 'unknown'}; ${connection}${slept}`;
}
