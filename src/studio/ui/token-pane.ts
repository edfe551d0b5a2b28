import { html, nothing, type TemplateResult } from 'lit-html';
import { type DecisionFacts, inWords } from '../../client/decision-words.js';
import { spanText } from '../../client/duration-text.js';
import type { View } from '../messages.js';
import { stepsText } from '../words.js';
import type { Model } from './model.js';
import { decisionAt } from './moment.js';
import { agoText, timeText, wholeSpan } from './time-text.js';
import { sentence, verb } from './verb.js';

/** The token: its state, for how long it is good, when and why it is renewed, and why it was obtained. */
export function tokenPane(model: Model, view: View): TemplateResult {
  const decision = decisionAt(view.decision, model.now);
  return html`<div class="pane standing" id="token-pane" role="group" tabindex="0" aria-label="The token">
    <p class="eyebrow">The token ${verb(model)}</p>
    <p class="state" id="state" aria-live="polite" aria-atomic="true">${decision.value}</p>
    <p class="words" id="words">${sentence(model, inWords(decision))}${view.isSpread === true && decision.next?.step === 'renew' ? html` <span id="spread">${SPREAD}</span>` : nothing}</p>
    ${life(decision, model.isLive)}
    <p class="why" id="obtained">${obtained(model, view)}</p>
  </div>`;
}

const SPREAD =
  'This is early on purpose: first renewals, and those after trouble, are spread, so that many clients do not renew at once.';

function life({ token, value }: DecisionFacts, isLive: boolean): TemplateResult {
  const diesInMs = token?.diesInMs ?? null;
  const isKnown = token !== null && diesInMs !== null;
  const whole = isKnown ? Math.max(1, diesInMs - token.receivedInMs) : 1;
  const percent = (inMs: number) =>
    isKnown ? Math.min(100, Math.max(0, ((diesInMs - inMs) / whole) * 100)) : 0;
  const left = leftText(token, value, isLive);
  const renewInMs = token?.renewInMs ?? null;
  const mark =
    !isKnown || renewInMs === null
      ? nothing
      : html`<svg class="bar-mark" x="${percent(renewInMs).toFixed(2)}%" overflow="visible">
          <line y1="-3" y2="15" />
        </svg>`;
  return html`<div class="life">
    <p class="countdown" id="countdown">${left}</p>
    <svg class="bar" aria-hidden="true" height="12" width="100%">
      <rect class="bar-whole" width="100%" height="12" rx="6" />
      <rect class="bar-left" id="bar-left" width="${percent(0).toFixed(2)}%" height="12" rx="6" />
      ${mark}
    </svg>
    <meter
      class="visually-hidden"
      id="life-meter"
      min="0"
      max="100"
      .value=${Math.round(percent(0))}
      aria-label="Current token"
      aria-valuetext=${isKnown ? `${left}, of ${spanText(whole)}` : left}
    ></meter>
  </div>`;
}

function leftText(token: DecisionFacts['token'], value: string, isLive: boolean): string {
  if (token === null) return value === 'idle' ? 'No token' : 'No usable token';
  const good = isLive ? 'Good' : 'Was good';
  if (token.diesInMs === null) return `${good}; its expiry is not known`;
  if (token.diesInMs <= 0) return isLive ? 'Expired' : 'Had expired';
  return `${good} for ${wholeSpan(token.diesInMs)}`;
}

function obtained(model: Model, { acquired }: View): string {
  if (acquired == null) return '';
  const { at, attempt, reason, stepsMs, why } = acquired;
  const tries = attempt > 1 ? `, at try ${attempt}` : '';
  const took = Object.keys(stepsMs).length === 0 ? '' : `, took ${stepsText(stepsMs)}`;
  const because = why === undefined ? `reason: ${reason}` : `because ${why}`;
  return `Obtained ${timeText(at)} (${agoText(at, model)}), ${because}${tries}${took}.`;
}
