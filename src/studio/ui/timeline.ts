import { type ScaleTime, scaleTime } from 'd3-scale';
import { html, nothing, type SVGTemplateResult, svg, type TemplateResult } from 'lit-html';
import { spanText } from '../../client/duration-text.js';
import type { Span } from '../history.js';
import type { TokenLife } from '../token-lives.js';
import type { Model } from './model.js';
import { timeText } from './remote-clock.js';

type Scale = ScaleTime<number, number>;

/** The positions of the lanes, px from the top. */
const AUTH = { y: 26, height: 22 };
const TOKENS = { y: 58, height: 18, rows: 3, gap: 4 };
const CONNECTION = { y: 132, height: 22 };
const HEIGHT = 176;
/** Shorter bars have no text, px. */
const NAMED_PX = 58;

/** Tokens and the states of client and connection, over time. */
export class Timeline {
  #width = 800;
  #observer: ResizeObserver | undefined;
  #host: Element | undefined;
  #dragFrom: { x: number; moved: boolean } | undefined;

  readonly template = (model: Model): TemplateResult => {
    const { history, window } = model;
    const range = window.at(model.now, history.firstAt, history.lastAt);
    const scale = scaleTime([new Date(range[0]), new Date(range[1])], [0, this.#width]);
    const place = { width: this.#width, until: Math.max(model.now, history.lastAt) };
    return html`<section class="timeline" aria-labelledby="timeline-title">
      <div class="section-head">
        <h2 id="timeline-title">Tokens and connection</h2>
        ${this.#zoomBar(model)}
      </div>
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
          ${axis(scale)} ${laneNames()} ${spans(history.auth, scale, AUTH, 'value', place)}
          ${history.tokens.map((life) => token(life, scale, model.now, this.#width))}
          ${spans(history.connection, scale, CONNECTION, 'connection', place)} ${present(model, scale)}
        </svg>
      </div>
      ${travel(model, range)} ${table(model)}
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
    if (this.#dragFrom?.moved === false) model.travelTo(model.history.numberAt(momentAt(event, scale)));
    this.#dragFrom = undefined;
  }
}

function momentAt(event: MouseEvent, scale: Scale): number {
  const { left } = (event.currentTarget as Element).getBoundingClientRect();
  return scale.invert(event.clientX - left).getTime();
}

function axis(scale: Scale): SVGTemplateResult[] {
  const [from = 0, to = 0] = scale.range();
  const text = scale.tickFormat();
  return scale.ticks(Math.max(2, Math.floor((to - from) / 110))).map((tick) => {
    const x = scale(tick);
    return svg`<g class="tick"><line x1=${x} x2=${x} y1="0" y2=${HEIGHT} /><text x=${x + 4} y="14">${text(tick)}</text></g>`;
  });
}

function laneNames(): SVGTemplateResult {
  return svg`<g class="lane-names" aria-hidden="true">
    <line x1="0" x2="100%" y1=${TOKENS.y - 5} y2=${TOKENS.y - 5} />
    <line x1="0" x2="100%" y1=${CONNECTION.y - 6} y2=${CONNECTION.y - 6} />
  </g>`;
}

interface Lane {
  readonly y: number;
  readonly height: number;
}

function spans<T extends string>(
  all: readonly Span<T>[],
  scale: Scale,
  { y, height }: Lane,
  attribute: 'value' | 'connection',
  { width, until }: { readonly width: number; readonly until: number },
): SVGTemplateResult[] {
  return visible(all, scale).map(({ what, from, to }) => {
    const x = Math.max(-10, scale(from));
    const end = Math.min(width + 10, scale(to ?? until));
    const wide = Math.max(1.5, end - x);
    const label = wide < NAMED_PX ? nothing : svg`<text x=${Math.max(x, 0) + 8} y=${y + 15}>${what}</text>`;
    return svg`<g class="span" data-value=${attribute === 'value' ? what : nothing}
      data-connection=${attribute === 'connection' ? what : nothing}>
      <title>${what}, ${timeText(from)}${to === null ? '' : ` to ${timeText(to)}`}</title>
      <rect x=${x} y=${y} width=${wide} height=${height} rx="4" />${label}</g>`;
  });
}

/** The visible spans. Of many very short ones only some are drawn. */
function visible<T>(all: readonly Span<T>[], scale: Scale): Span<T>[] {
  const [from = 0, to = 0] = scale.domain().map((date) => date.getTime());
  const hair = (to - from) / 1_500;
  let lastEnd = Number.NEGATIVE_INFINITY;
  return all.filter((one) => {
    const end = one.to ?? Number.POSITIVE_INFINITY;
    if (end < from || one.from > to || end < lastEnd + hair) return false;
    lastEnd = end;
    return true;
  });
}

/**
 * A token: light until its expiry, full while it is the current one, striped while the client fetches the
 * next one.
 */
function token(
  life: TokenLife,
  scale: Scale,
  now: number,
  width: number,
): SVGTemplateResult | typeof nothing {
  const { number, receivedAt, renewAt, diesAt, endedAt, overlapFrom, end } = life;
  const until = endedAt ?? now;
  const lives = Math.max(diesAt ?? until, until);
  const place = (at: number) => Math.min(width + 20, Math.max(-20, scale(at)));
  const [x, used, dead] = [place(receivedAt), place(until), place(end === 'refused' ? until : lives)];
  if (dead < 0 || x > width || (dead - x < 0.5 && number % 4 !== 0)) return nothing;
  const y = TOKENS.y + ((number - 1) % TOKENS.rows) * (TOKENS.height + TOKENS.gap);
  const { height } = TOKENS;
  const overlap = overlapFrom === null ? undefined : place(overlapFrom);
  return svg`<g class="token" data-token=${number} data-end=${end ?? 'in use'}>
    <title>${describe(life)}</title>
    <rect class="life" x=${x} y=${y} width=${Math.max(1, dead - x)} height=${height} rx="5" />
    <rect class="used" x=${x} y=${y} width=${Math.max(1, used - x)} height=${height} rx="5" />
    ${overlap === undefined ? nothing : svg`<rect class="overlap" x=${overlap} y=${y} width=${Math.max(1, used - overlap)} height=${height} />`}
    ${renewAt === null || endedAt !== null ? nothing : svg`<line class="renewal" x1=${place(renewAt)} x2=${place(renewAt)} y1=${y - 3} y2=${y + height + 3} />`}
    ${end === 'refused' || end === 'died' ? svg`<path class="death" d="M${used - 4} ${y + 5}l8 8m0 -8l-8 8" />` : nothing}
    ${used - x < NAMED_PX ? nothing : svg`<text x=${Math.max(x, 0) + 8} y=${y + 13}>token ${number}</text>`}
  </g>`;
}

function describe({ number, clientId, receivedAt, diesAt, endedAt, end }: TokenLife): string {
  const who = clientId === null ? '' : ` for ${clientId}`;
  const lives = diesAt === null ? 'no known expiry' : `lives for ${spanText(diesAt - receivedAt)}`;
  const until = endedAt === null ? 'in use' : `in use until ${timeText(endedAt)}: ${end}`;
  return `token ${number}${who}: received ${timeText(receivedAt)}, ${lives}, ${until}`;
}

function present(model: Model, scale: Scale): SVGTemplateResult {
  const x = scale(model.now);
  return svg`<g class=${model.cursor === null ? 'present' : 'present past'}>
    <line x1=${x} x2=${x} y1="0" y2=${HEIGHT} /></g>`;
}

/** The controls to show the session at an earlier entry. */
function travel(model: Model, range: readonly [number, number]): TemplateResult {
  const { history, cursor, n, lastN } = model;
  const first = history.entries[0]?.n ?? 0;
  const go = (to: number) => {
    model.travelTo(to);
    model.window.include(model.now, range);
  };
  const isLive = cursor === null && model.state !== 'recording';
  const where = isLive
    ? 'the newest entry'
    : `entry ${n - first + 1} of ${lastN - first + 1}, ${timeText(model.now)}`;
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
    <button type="button" id="live" class="primary" ?disabled=${isLive} @click=${() => model.goLive()}>
      ${model.state === 'recording' ? 'Close the recording' : 'Back to now'}
    </button>
  </div>`;
}

/** The same information as text, for screen readers. */
function table({ history }: Model): TemplateResult {
  const last = history.tokens.slice(-20).reverse();
  return html`<details class="as-table">
    <summary>The last ${last.length} of ${history.tokens.length} tokens in words</summary>
    <ul id="tokens">
      ${last.map((life) => html`<li>${describe(life)}</li>`)}
    </ul>
  </details>`;
}

function summary({ history, view }: Model): string {
  const tokens = `${history.tokens.length} tokens so far`;
  const connection =
    view?.connection == null ? 'no connection' : `the connection is ${view.connection.state}`;
  return `${tokens}; the client is ${view?.decision.value ?? 'unknown'}; ${connection}`;
}
