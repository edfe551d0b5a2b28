import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { actionName } from '../frames.js';
import type { Frame } from '../messages.js';
import { type About, aboutOf, type LogEntry, PAGE, type Row } from './event-log.js';
import type { Model } from './model.js';
import { timeText } from './time-text.js';

const abouts: readonly (readonly [About, string])[] = [
  ['token', 'Token'],
  ['connection', 'Connection'],
  ['hand', 'By hand'],
  ['service', 'Service'],
  ['machine', 'Machine steps'],
  ['message', 'Messages'],
];

/** The log, the newest entry first, filtered. */
export function logView(model: Model): TemplateResult {
  const { log } = model;
  const { rows, count } = log.rowsAt(model.n, model.frames);
  return html`<section class="log" aria-labelledby="log-title">
    <div class="section-head">
      <h2 id="log-title">What happened</h2>
      <p class="count" id="count">${countText(count, log.filter.text)}</p>
      <input
        type="search"
        id="search"
        placeholder="Search"
        aria-label="Search in what happened"
        .value=${log.filter.text}
        @input=${(event: InputEvent) => log.set({ text: (event.target as HTMLInputElement).value })}
      />
    </div>
    ${filters(model)}
    <ol id="log" tabindex="0" aria-labelledby="log-title">
      ${repeat(rows, keyOf, (row) => ('action' in row ? frameRow(model, row) : entryRow(model, row)))}
    </ol>
    ${
      rows.length < count
        ? html`<button type="button" class="more" @click=${() => {
            log.shown += PAGE;
          }}>Show ${Math.min(PAGE, count - rows.length)} older</button>`
        : nothing
    }
  </section>`;
}

const frameKeys = new WeakMap<Frame, string>();
let madeKeys = 0;

/** A key for each row that stays the same. */
function keyOf(row: Row): string {
  if (!('action' in row)) return String(row.n);
  const known = frameKeys.get(row);
  if (known !== undefined) return known;
  madeKeys += 1;
  const key = `message ${madeKeys}`;
  frameKeys.set(row, key);
  return key;
}

function filters({ log }: Model): TemplateResult {
  const { filter } = log;
  return html`<div class="filters" role="group" aria-label="Filter">
    ${abouts.map(
      ([about, label]) =>
        html`<button
          type="button"
          class="chip"
          data-about=${about}
          aria-pressed=${String(filter.abouts.has(about))}
          @click=${() => log.toggle(about)}
        >
          ${label}
        </button>`,
    )}
    <button
      type="button"
      class="chip"
      data-about="trouble"
      aria-pressed=${String(filter.onlyTrouble)}
      @click=${() => log.set({ onlyTrouble: !filter.onlyTrouble })}
    >
      Only trouble
    </button>
  </div>`;
}

function entryRow(model: Model, entry: LogEntry): TemplateResult {
  const { n, at } = entry;
  const [title, detail] =
    entry.kind === 'told'
      ? [entry.title, entry.detail]
      : [`${entry.step.machine}: ${entry.step.event}`, entry.step.edges.join(', ')];
  return html`<li
    data-n=${n}
    data-about=${aboutOf(entry)}
    data-tone=${entry.kind === 'told' ? entry.tone : 'calm'}
    aria-current=${model.cursor === n ? 'true' : nothing}
  >
    ${timeButton(model, n, at)}
    <p><strong>${title}</strong>${detail === '' ? nothing : html` <span>${detail}</span>`}</p>
    ${entry.kind === 'told' && entry.claims !== undefined ? claims(entry.claims) : nothing}
  </li>`;
}

/** A protocol message: its direction, its action and its size. */
function frameRow(model: Model, { after, at, isSent, action, size }: Frame): TemplateResult {
  return html`<li data-about="message" data-tone="calm">
    ${timeButton(model, after, at)}
    <p class="mono">${isSent ? 'sent →' : 'received ←'} ${actionName(action)}, ${sizeText(size)}</p>
  </li>`;
}

function timeButton(model: Model, n: number, at: number): TemplateResult {
  return html`<button type="button" class="at" title="Look at this moment" @click=${() => model.travelTo(n)}>
    <time datetime=${new Date(at).toISOString()}>${timeText(at)}</time>
  </button>`;
}

function claims(all: readonly { readonly name: string; readonly text: string }[]): TemplateResult {
  return html`<details class="claims">
    <summary>Claims of the token, not verified; its signature is not shown</summary>
    <dl>${all.map(({ name, text }) => html`<div><dt class="mono">${name}</dt><dd class="mono">${text}</dd></div>`)}</dl>
  </details>`;
}

const sizeText = (letters: number): string =>
  letters < 10_000 ? `${letters} letters` : `${Math.round(letters / 1_000)} thousand letters`;

function countText(count: number, text: string): string {
  if (count === 0) return text === '' ? 'Nothing yet' : `Nothing with “${text}”`;
  return `${count} ${count === 1 ? 'entry' : 'entries'}`;
}
