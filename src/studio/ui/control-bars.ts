import { html, nothing, type TemplateResult } from 'lit-html';
import type { Control } from '../messages.js';
import type { Model } from './model.js';

/** The controls of the client and of the service, and the scenarios. */
export function controlBars(model: Model): TemplateResult | typeof nothing {
  const { controls } = model.history.session;
  const group = (name: Control['group']) => controls.filter((control) => control.group === name);
  if (controls.length === 0) return nothing;
  const scenarios = group('scenario');
  return html`<div class="controls" role="toolbar" aria-label="Controls" @keydown=${moveFocus}>
      ${[...group('client'), ...group('fault')].map((control) => button(model, control))}
    </div>
    ${
      scenarios.length === 0
        ? nothing
        : html`<div class="controls scenarios" role="toolbar" aria-label="Scenarios" @keydown=${moveFocus}>
            <span class="controls-label" aria-hidden="true">Scenarios</span>
            ${scenarios.map((control) => button(model, control))}
            <span class="speeds" role="group" aria-label="Speed"
              >${group('speed').map((control) => button(model, control))}</span
            >
          </div>`
    }`;
}

/** The events that can be sent by hand. Those that the machine would ignore now are disabled. */
export function eventBar(model: Model): TemplateResult {
  const events = model.history.session.controls.filter(({ group }) => group === 'event');
  const may = model.view?.may ?? [];
  return html`<div class="controls events" role="toolbar" aria-label="Send an event" @keydown=${moveFocus}>
    <span class="controls-label" aria-hidden="true">Send</span>
    ${events.map((control) => button(model, control, may.includes(control.label)))}
  </div>`;
}

function button(model: Model, control: Control, isPossible = true): TemplateResult {
  const { name, label, hint, group } = control;
  const isOn = model.view?.on.includes(name) ?? false;
  const isSwitch = group !== 'client' && group !== 'event';
  return html`<button
    type="button"
    class=${group}
    data-action=${name}
    title=${hint}
    aria-pressed=${isSwitch ? String(isOn) : nothing}
    ?disabled=${!model.isLive || !isPossible}
    @click=${() => void model.perform(name)}
  >
    ${label}
  </button>`;
}

/** The arrow keys move the focus from button to button, as in any toolbar. Tab leaves the toolbar. */
function moveFocus(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step === undefined) return;
  const bar = event.currentTarget as HTMLElement;
  const all = [...bar.querySelectorAll<HTMLButtonElement>('button:enabled')];
  const index = all.findIndex((one) => one.matches(':focus'));
  all[(index + step + all.length) % all.length]?.focus();
  event.preventDefault();
}
