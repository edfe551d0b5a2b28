import { html, type TemplateResult } from 'lit-html';
import type { Chart, ChartState } from '../messages.js';

/** How many states of an unknown machine are listed. */
const MOST = 200;

/** The states of a chart that has no drawing, as buttons, the active ones highlighted. */
export function chartList(
  { name, states }: Chart,
  active: readonly string[],
  opened: string | undefined,
  press: (stateId: string) => void,
): TemplateResult {
  const shown = states.filter(({ id }, index) => index < MOST || active.includes(id));
  return html`<ul class="states" aria-label="states of ${name}">
      ${shown.map(
        (state) => html`<li>
          <button
            type="button"
            class="node ${active.includes(state.id) ? 'active' : ''}"
            data-id=${state.id}
            aria-expanded=${String(state.id === opened)}
            @click=${() => press(state.id)}
          >
            ${state.name}${active.includes(state.id) ? html`<span class="visually-hidden">: active</span>` : ''}
            ${insideOf(state, active)}
          </button>
        </li>`,
      )}
    </ul>
    ${
      shown.length < states.length
        ? html`<p class="anywhere">${shown.length} of ${states.length} states are listed.</p>`
        : ''
    }`;
}

/** The active states inside a state. */
function insideOf({ states }: ChartState, active: readonly string[]): TemplateResult[] {
  return states
    .filter(({ id }) => active.includes(id))
    .flatMap((state) => [
      html`<span class="node inner active" data-id=${state.id}>${state.name}</span> `,
      ...insideOf(state, active),
    ]);
}
