import { html, nothing, type TemplateResult } from 'lit-html';
import type { Model } from './model.js';
import { agoText, timeText } from './time-text.js';

/** The last failure up to the moment that is shown. It stays after the recovery. Its place is always there. */
export function troublePane(model: Model): TemplateResult {
  const past = model.history.troubleAt(model.n);
  return html`<div class="pane trouble-pane" id="trouble" role="group" tabindex="0" aria-labelledby="trouble-title">
    ${past === undefined ? html`<p id="trouble-title">No trouble so far</p>` : details(model, past)}
  </div>`;
}

function details(
  model: Model,
  { at, title, trouble }: NonNullable<ReturnType<Model['history']['troubleAt']>>,
): TemplateResult {
  const { address, causes, code, href, message, reason, remediation } = trouble;
  return html`<p id="trouble-title">
      <strong>Last trouble, ${timeText(at)} (${agoText(at, model)}): ${title}.</strong>
      <span id="trouble-message">${message}</span>
    </p>
    <p>
      <span id="trouble-reason">${reason}</span> · code <span id="trouble-code">${code}</span>${
        causes.length === 0 ? nothing : html` · cause: <span id="trouble-cause">${causes.join(' ← ')}</span>`
      }${address === null ? nothing : html` · at <span class="mono" id="trouble-address">${address}</span>`}
      ${page(href, code)}
    </p>
    <p id="remedy">${remediation ?? 'There is no advice for this code.'}</p>`;
}

/** The page about the code. A recording of a stranger may contain any address. */
function page(href: string | null, code: number): TemplateResult | typeof nothing {
  if (href === null || !/^https:\/\/[a-z0-9.-]+\//i.test(href)) return nothing;
  return html` · <a href=${href} target="_blank" rel="noreferrer noopener">about ${code}</a>`;
}
