import { html, nothing, type TemplateResult } from 'lit-html';
import { type DecisionFacts, inWords } from '../../client/decision-words.js';
import { spanText } from '../../client/duration-text.js';
import type { View } from '../messages.js';
import type { Model } from './model.js';
import { decisionAt } from './moment.js';

/** The state of the client at the moment that is shown. */
export function standing(model: Model): TemplateResult {
  const { view, now } = model;
  if (view === undefined) return waiting();
  const decision = decisionAt(view.decision, now);
  return html`<section class="now" aria-labelledby="now-title">
    <h2 id="now-title" class="visually-hidden">Now</h2>
    <div class="standing">
      <p class="eyebrow">${model.cursor === null && model.state !== 'gone' ? 'The client is' : 'The client was'}</p>
      <p class="state" id="state" aria-live="polite" aria-atomic="true">${decision.value}</p>
      <p class="words" id="words">${inWords(decision)}</p>
      ${remedy(decision)}
    </div>
    ${life(decision)} ${facts(view)}
  </section>`;
}

function waiting(): TemplateResult {
  return html`<section class="now" aria-labelledby="now-title">
    <h2 id="now-title" class="visually-hidden">Now</h2>
    <div class="standing">
      <p class="eyebrow">There is</p>
      <p class="state" id="state" aria-live="polite">no client yet</p>
      <p class="words" id="words">The page shows a client as soon as it attaches.</p>
    </div>
  </section>`;
}

function remedy({ error }: DecisionFacts): TemplateResult | typeof nothing {
  const remediation = error?.remediation;
  return remediation === undefined ? nothing : html`<p class="remedy" id="remedy">${remediation}</p>`;
}

function life({ token }: DecisionFacts): TemplateResult {
  const diesInMs = token?.diesInMs ?? null;
  if (token === null || diesInMs === null) return lifeless(token === null ? 'none' : 'no known expiry');
  const whole = Math.max(1, diesInMs - token.receivedInMs);
  const percent = (inMs: number) => Math.min(100, Math.max(0, ((diesInMs - inMs) / whole) * 100));
  const left = diesInMs <= 0 ? 'expired' : `${wholeSpan(diesInMs)} left`;
  const renewal =
    token.renewInMs === null
      ? nothing
      : html`<svg class="bar-mark" x="${percent(token.renewInMs)}%" overflow="visible">
          <line y1="-5" y2="25" /><text y="41" text-anchor="middle">renews</text>
        </svg>`;
  return html`<div class="life">
    <div class="life-head">
      <p class="eyebrow" id="life-title">Current token</p>
      <p class="countdown" id="countdown">${left}</p>
    </div>
    <svg class="bar" aria-hidden="true" height="20" width="100%">
      <rect class="bar-whole" width="100%" height="20" rx="10" />
      <rect class="bar-left" id="bar-left" width="${percent(0).toFixed(2)}%" height="20" rx="10" />
      ${renewal}
    </svg>
    <meter
      class="visually-hidden"
      id="life-meter"
      min="0"
      max="100"
      .value=${Math.round(percent(0))}
      aria-labelledby="life-title"
      aria-valuetext="${left} of ${spanText(whole)}"
    ></meter>
  </div>`;
}

function lifeless(what: string): TemplateResult {
  return html`<div class="life">
    <div class="life-head">
      <p class="eyebrow" id="life-title">Current token</p>
      <p class="countdown" id="countdown">${what}</p>
    </div>
    <svg class="bar" aria-hidden="true" height="20" width="100%">
      <rect class="bar-whole" width="100%" height="20" rx="10" />
    </svg>
  </div>`;
}

function facts({ connection, clientId, decision }: View): TemplateResult {
  const who = clientId === null ? 'anonymous' : clientId === '*' ? 'any (*)' : clientId;
  return html`<dl class="facts">
    <div>
      <dt>Connection</dt>
      <dd>
        <span class="dot" data-connection=${connection?.state ?? 'none'}></span
        ><span id="connection-state" aria-live="polite">${connection?.state ?? 'none'}</span>
      </dd>
    </div>
    <div>
      <dt>Connection id</dt>
      <dd class="mono" id="connection-id">${connection?.id ?? 'none'}</dd>
    </div>
    <div>
      <dt>Client id</dt>
      <dd class="mono" id="client-id">${who}</dd>
    </div>
    <div>
      <dt>Allowed</dt>
      <dd class="mono" id="capability">${decision.token?.capability ?? 'nothing'}</dd>
    </div>
    <div>
      <dt>Acquisitions</dt>
      <dd class="mono" id="acquisitions">${decision.acquisitions}</dd>
    </div>
  </dl>`;
}

/** A countdown in whole seconds. */
function wholeSpan(ms: number): string {
  return spanText(Math.ceil(ms / 1_000) * 1_000);
}
