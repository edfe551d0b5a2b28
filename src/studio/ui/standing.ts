import { html, type TemplateResult } from 'lit-html';
import { connectionPane } from './connection-pane.js';
import type { Model } from './model.js';
import { tokenPane } from './token-pane.js';
import { troublePane } from './trouble-pane.js';
import { whoPane } from './who-pane.js';

/** The answers to five questions, at the moment that is shown: who, is it good, why, what next, what went wrong. */
export function standing(model: Model): TemplateResult {
  const { view } = model;
  return html`<section class="now" aria-labelledby="now-title">
    <h2 id="now-title" class="visually-hidden">Now</h2>
    ${
      view === undefined
        ? waiting()
        : html`${tokenPane(model, view)} ${connectionPane(model, view)} ${whoPane(model, view)} ${troublePane(model)}`
    }
  </section>`;
}

function waiting(): TemplateResult {
  return html`<div class="pane standing">
    <p class="eyebrow">There is</p>
    <p class="state" id="state" aria-live="polite">no client yet</p>
    <p class="words" id="words">The page shows a client as soon as it attaches.</p>
  </div>`;
}
