import { html, type TemplateResult } from 'lit-html';
import type { ConnectionFacts, View } from '../messages.js';
import type { Model } from './model.js';
import { timeText, wholeSpan } from './time-text.js';
import { sentence, verb } from './verb.js';

/** The connection: its state, why, which try it is, when the next one is, and until when it can be resumed. */
export function connectionPane(model: Model, { connection }: View): TemplateResult {
  const state = connection?.state ?? 'none';
  return html`<div class="pane link-pane" id="connection-pane" role="group" tabindex="0" aria-label="The connection" data-tone=${model.silence === undefined ? toneOf(state) : 'idle'}>
    <p class="eyebrow">The connection ${verb(model)}</p>
    <p class="state" id="connection-state" aria-live="polite" aria-atomic="true">${state}</p>
    <p class="words" id="connection-words">${sentence(model, connection === null ? 'The client has no connection.' : words(connection, model.now))}</p>
    <p class="why" id="connection-place">${connection === null ? '' : place(connection, model)}</p>
  </div>`;
}

/** The state of the client whose colour the state of a connection has. */
function toneOf(state: string): string {
  if (state === 'connected') return 'authorized';
  if (state === 'connecting') return 'requesting';
  if (state === 'disconnected' || state === 'suspended') return 'renewing';
  return state === 'failed' ? 'failed' : 'idle';
}

function words({ state, error, tries = 0, nextTryAt }: ConnectionFacts, now: number): string {
  const why = error == null ? '' : ` ${capitalized(error.message)} (${error.code}).`;
  const failed = tries === 0 ? '' : ` ${tries === 1 ? 'One try' : `${tries} tries`} failed.`;
  const wait = (nextTryAt ?? 0) - now;
  const next =
    nextTryAt == null
      ? 'It tries again.'
      : wait <= 0
        ? 'It tries again now.'
        : `Next try in ${wholeSpan(wait)}.`;
  switch (state) {
    case 'connected':
      return 'Open. Its token is presented, and renewed in place.';
    case 'connecting':
      return `Try ${tries + 1} to connect.${why}${failed}`;
    case 'disconnected':
      return `${next}${why}${failed}`;
    case 'suspended':
      return `${next} It cannot be resumed.${why}${failed}`;
    case 'failed':
      return `It does not connect again by itself.${why}`;
    case 'initialized':
      return 'It has not been opened yet.';
    default:
      return `It does not connect by itself.${why}`;
  }
}

function place({ address, forgottenAt, state }: ConnectionFacts, { isLive, now }: Model): string {
  const where = address == null ? '' : `Host ${address}. `;
  if (forgottenAt == null || state === 'connected') return where;
  const left = forgottenAt - now;
  if (left <= 0) return `${where}The server ${isLive ? 'has' : 'had'} forgotten the session.`;
  const forgets = isLive ? 'forgets' : 'was going to forget';
  return `${where}The server ${forgets} the session in ${wholeSpan(left)}, at ${timeText(forgottenAt)}.`;
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
