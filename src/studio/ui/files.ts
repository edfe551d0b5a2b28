import { html, type TemplateResult } from 'lit-html';
import { checkFileSize, readRecording, recordingText } from '../recording.js';
import type { Model } from './model.js';

/** The buttons that save and open recordings. */
export function filesBar(model: Model): TemplateResult {
  return html`<div class="files">
    <button
      type="button"
      id="export"
      title="Saves the session as a file without secrets: for a bug report"
      ?disabled=${model.history.entries.length === 0}
      @click=${() => save(model)}
    >
      Export
    </button>
    <label class="file" title="Opens a saved session. You can also drop the file anywhere on this page."
      ><span>Import</span
      ><input
        type="file"
        id="import"
        class="visually-hidden"
        accept="application/json,.json"
        @change=${(event: Event) => {
          const input = event.target as HTMLInputElement;
          void open(input.files?.[0], model);
          input.value = '';
        }}
    /></label>
  </div>`;
}

/** Opens a file that is dropped on the page. */
export function drop(event: DragEvent, model: Model): void {
  if (!hasFiles(event)) return;
  event.preventDefault();
  void open(event.dataTransfer?.files[0], model);
}

/** Says that a file may be dropped. */
export function dragOver(event: DragEvent): void {
  if (hasFiles(event)) event.preventDefault();
}

const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') ?? false;

function save({ history, frames }: Model): void {
  const { session, entries } = history;
  const file = new Blob([recordingText({ session, entries, frames })], { type: 'application/json' });
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = `latchkey-${new Date(history.firstAt).toISOString().replaceAll(':', '-').slice(0, 19)}.json`;
  link.click();
  // The browser needs some time to begin reading the file.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

async function open(file: File | undefined, model: Model): Promise<void> {
  if (file === undefined) return;
  try {
    checkFileSize(file.size);
    model.open(readRecording(await file.text()));
  } catch (error) {
    model.notice = error instanceof TypeError ? error.message : 'The browser cannot read this file.';
  }
}
