import { html, nothing, type TemplateResult } from 'lit-html';
import { controlBars } from './control-bars.js';
import { filesBar } from './files.js';
import type { LinkState, Model } from './model.js';
import type { ShownSession } from './sessions.js';
import { momentText, timeText } from './time-text.js';

const linkTexts: Readonly<Record<LinkState, string>> = {
  waiting: 'waiting for a client',
  live: 'live',
  gone: 'the client is gone',
  recording: 'a recording',
};

export function masthead(model: Model): TemplateResult {
  const { silence, state, notice } = model;
  const { session } = model.history;
  return html`<header class="masthead">
    <h1>
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <circle cx="11.5" cy="12.5" r="6" />
        <path d="m16 17 9.5 9.5M21 22l3.4-3.4" />
      </svg>
      Latchkey <em>studio</em>
    </h1>
    <p class="title" title=${session.title}>${session.title}</p>
    <p class="link" data-live=${state === 'live' && silence === undefined ? 'yes' : 'no'}>
      <span id="link" role="status">${silence === undefined ? linkTexts[state] : `nothing was heard since ${timeText(silence.from)}`}</span>
      <span class="mono" id="clock" title="the client's clock, in the zone of this browser">${
        model.view === undefined ? '' : momentText(model.now)
      }</span>
    </p>
    ${sessionChoice(model)} ${controlBars(model)} ${filesBar(model)}
    ${notice === '' ? nothing : html`<p class="notice" id="notice" role="alert">${notice}</p>`}
  </header>`;
}

/** The choice between the sessions, if there is more than one. */
function sessionChoice(model: Model): TemplateResult | typeof nothing {
  const { all } = model.sessions;
  if (all.length < 2) return nothing;
  return html`<select
    id="session"
    aria-label="The shown session"
    @change=${(event: Event) => {
      const chosen = all[(event.target as HTMLSelectElement).selectedIndex];
      if (chosen !== undefined) model.show(chosen);
    }}
  >
    ${all.map((one) => html`<option .selected=${one === model.shown}>${nameOf(one)}</option>`)}
  </select>`;
}

function nameOf({ history, state }: ShownSession): string {
  const kind = state === 'live' ? 'live' : state === 'recording' ? 'a recording' : 'before';
  return `${kind}: ${history.session.title.slice(0, 40)}, ${momentText(history.firstAt)} to ${momentText(history.lastAt)}`;
}
