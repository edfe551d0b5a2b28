import { html, nothing, type TemplateResult } from 'lit-html';
import { readRecording, recordingText } from '../recording.js';
import type { LinkState, Model } from './model.js';

const linkTexts: Readonly<Record<LinkState, string>> = {
  waiting: 'waiting for a client',
  live: 'live',
  gone: 'the client is gone',
  recording: 'a recording',
};

export function masthead(model: Model): TemplateResult {
  const { state, notice } = model;
  const { session, entries } = model.history;
  return html`<header class="masthead">
    <h1>
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <circle cx="11.5" cy="12.5" r="6" />
        <path d="m16 17 9.5 9.5M21 22l3.4-3.4" />
      </svg>
      Latchkey <em>studio</em>
    </h1>
    <p class="title">${session.title}</p>
    <div class="files">
      <button type="button" id="export" ?disabled=${entries.length === 0} @click=${() => save(model)}>
        Export
      </button>
      <label class="file"
        ><span>Import</span
        ><input
          type="file"
          id="import"
          class="visually-hidden"
          accept="application/json,.json"
          @change=${(event: Event) => void open(event, model)}
      /></label>
    </div>
    <p class="link" id="link" role="status" data-live=${state === 'live' ? 'yes' : 'no'}>${linkTexts[state]}</p>
    ${notice === '' ? nothing : html`<p class="notice" id="notice" role="alert">${notice}</p>`}
  </header>`;
}

function save({ history }: Model): void {
  const { session, entries } = history;
  const file = new Blob([recordingText({ session, entries })], { type: 'application/json' });
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = `latchkey-${new Date(history.firstAt).toISOString().replaceAll(':', '-').slice(0, 19)}.json`;
  link.click();
  // The browser needs some time to begin reading the file.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

async function open(event: Event, model: Model): Promise<void> {
  const input = event.target as HTMLInputElement;
  const [file] = input.files ?? [];
  input.value = '';
  if (file === undefined) return;
  try {
    model.open(readRecording(await file.text()));
    model.notice = '';
  } catch (error) {
    model.notice = error instanceof TypeError ? error.message : 'The browser cannot read this file.';
  }
}
