import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { parseJson } from '../../redaction/received.js';
import type { View } from '../messages.js';
import type { Model } from './model.js';

/** How many channels are shown until all are asked for. */
const FIRST = 8;

/** More channels are counted and not drawn. */
const MOST = 1_000;

const ALL = 'all channels';

/** The client, and what its token allows: each channel with its operations. */
export function whoPane(model: Model, { clientId, connection, decision, source }: View): TemplateResult {
  const who = clientId === null ? 'anonymous' : clientId === '*' ? 'any (*)' : clientId;
  const { capability, keyName } = decision.token ?? {};
  const channels = allowed(capability);
  const isAll = model.opened.has(ALL);
  const left = channels.length - FIRST;
  return html`<div class="pane who-pane" id="who-pane" role="group" tabindex="0" aria-label="Who, and what is allowed">
    <p class="eyebrow">Who, and what is allowed</p>
    <p class="who mono" id="client-id" title=${who}>${who}</p>
    <ul class="chips" id="capability" aria-label="Allowed channels">
      ${channels.length === 0 ? html`<li class="none">${decision.token === null ? 'Nothing: there is no token' : 'Not known: the token does not say it'}</li>` : nothing}
      ${repeat(
        channels.slice(0, isAll ? MOST : FIRST),
        ([channel]) => channel,
        ([channel, operations]) => chip(model, channel, operations),
      )}
      ${
        left <= 0
          ? nothing
          : html`<li><button type="button" class="chip" id="all-channels" aria-expanded=${String(isAll)} @click=${() => toggle(model, ALL)}>
              ${isAll ? 'Fewer' : `${left} more…`}
            </button></li>`
      }
    </ul>
    <dl class="meta">
      <div><dt>Source</dt><dd class="mono" id="source">${source ?? 'not known'}</dd></div>
      <div><dt>Connection id</dt><dd class="mono" id="connection-id">${connection?.id ?? 'none'}</dd></div>
      <div><dt>Key</dt><dd class="mono" id="key-name">${keyName ?? 'not known'}</dd></div>
      <div><dt>Acquisitions</dt><dd class="mono" id="acquisitions">${decision.acquisitions}</dd></div>
    </dl>
  </div>`;
}

function chip(model: Model, channel: string, operations: readonly string[]): TemplateResult {
  const isOpen = model.opened.has(`channel ${channel}`);
  const text = operations.join(' ');
  return html`<li>
    <button
      type="button"
      class="chip channel"
      aria-expanded=${String(isOpen)}
      title=${`${channel}: ${text}`}
      @click=${() => toggle(model, `channel ${channel}`)}
    ><span class="mono">${channel}</span> ${text}</button
    >${isOpen ? html`<button type="button" class="chip copy" @click=${(event: Event) => void copy(event, channel)}>Copy</button>` : nothing}
  </li>`;
}

function toggle({ opened }: Model, name: string): void {
  if (!opened.delete(name)) opened.add(name);
}

/** Copies the name of a channel, and says whether that worked. */
async function copy(event: Event, text: string): Promise<void> {
  const button = event.currentTarget as HTMLButtonElement;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'The browser does not allow it';
  }
}

let last: { readonly text: string; readonly channels: [string, string[]][] } | undefined;

/** The channels of a capability with their operations. The text is read once. */
function allowed(text: string | undefined): readonly (readonly [string, readonly string[]])[] {
  if (text === undefined) return [];
  if (last?.text !== text) last = { text, channels: read(text) };
  return last.channels;
}

function read(text: string): [string, string[]][] {
  try {
    const channels = Object.entries(parseJson(text) as object);
    return channels.map(([name, operations]) => [
      name,
      (Array.isArray(operations) ? operations : []).map(String),
    ]);
  } catch {
    return [];
  }
}
