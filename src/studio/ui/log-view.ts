import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { type About, aboutOf, type LogEntry, PAGE } from './event-log.js';
import type { Model } from './model.js';
import { timeText } from './remote-clock.js';

const abouts: readonly (readonly [About, string])[] = [
  ['token', 'Token'],
  ['connection', 'Connection'],
  ['hand', 'By hand'],
  ['service', 'Service'],
  ['machine', 'Machine steps'],
];

/** The log, the newest entry first, filtered. */
export function logView(model: Model): TemplateResult {
  const { log } = model;
  const { rows, count } = log.rowsAt(model.n);
  return html`<section class="log" aria-labelledby="log-title">
    <div class="section-head">
      <h2 id="log-title">What happened</h2>
      <p class="clock mono" id="clock" title="the client's clock">${timeText(model.now)}</p>
    </div>
    ${filters(model)}
    <p class="count" id="count">${countText(count, log.filter.text)}</p>
    <ol id="log" tabindex="0" aria-labelledby="log-title">
      ${repeat(
        rows,
        ({ n }) => n,
        (entry) => row(model, entry),
      )}
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
    <input
      type="search"
      id="search"
      placeholder="Search"
      aria-label="Search in what happened"
      .value=${filter.text}
      @input=${(event: InputEvent) => log.set({ text: (event.target as HTMLInputElement).value })}
    />
  </div>`;
}

function row(model: Model, entry: LogEntry): TemplateResult {
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
    <button type="button" class="at" title="Look at this moment" @click=${() => model.travelTo(n)}>
      <time datetime=${new Date(at).toISOString()}>${timeText(at)}</time>
    </button>
    <p><strong>${title}</strong>${detail === '' ? nothing : html` <span>${detail}</span>`}</p>
  </li>`;
}

function countText(count: number, text: string): string {
  if (count === 0) return text === '' ? 'Nothing yet' : `Nothing with “${text}”`;
  return `${count} ${count === 1 ? 'entry' : 'entries'}`;
}
