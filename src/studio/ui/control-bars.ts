import { html, nothing, type TemplateResult } from 'lit-html';
import type { Control } from '../messages.js';
import type { Model } from './model.js';

/** The controls of the client, and two menus: with the faults, and with the scenarios. */
export function controlBars(model: Model): TemplateResult | typeof nothing {
  const { controls } = model.history.session;
  const group = (name: Control['group']) => controls.filter((control) => control.group === name);
  const [client, faults, scenarios, speeds] = [
    group('client'),
    group('fault'),
    group('scenario'),
    group('speed'),
  ];
  const on = faults.filter(({ name }) => model.view?.on.includes(name)).length;
  const playing = scenarios.find(({ name }) => model.view?.on.includes(name));
  if (client.length + faults.length + scenarios.length === 0) return nothing;
  return html`<div class="controls">
    <div class="bar" role="toolbar" aria-label="Controls" @keydown=${moveFocus}>
      ${client.map((control) => button(model, control))}
    </div>
    ${menu('faults', 'Faults', 'Break something', on === 0 ? '' : `${on} on`, model, faults)}
    ${menu('scenarios', 'Scenarios', 'Scenarios', playing === undefined ? '' : 'plays', model, scenarios, speeds)}
  </div>`;
}

/** The events that can be sent by hand. Those that the machine would ignore now are disabled. */
export function eventBar(model: Model): TemplateResult {
  const events = model.history.session.controls.filter(({ group }) => group === 'event');
  const may = model.view?.may ?? [];
  return html`<div class="bar events" role="toolbar" aria-label="Send an event" @keydown=${moveFocus}>
    <span class="controls-label" aria-hidden="true">Send</span>
    ${events.map((control) => button(model, control, may.includes(control.label)))}
  </div>`;
}

function menu(
  id: string,
  name: string,
  label: string,
  note: string,
  model: Model,
  controls: readonly Control[],
  speeds: readonly Control[] = [],
): TemplateResult | typeof nothing {
  if (controls.length === 0) return nothing;
  return html`<details class="menu" id=${id} @keydown=${leave} @focusout=${closeBehind}>
    <summary>${label}${note === '' ? nothing : html`<span class="note">${note}</span>`}</summary>
    <div class="menu-body" role="toolbar" aria-label=${name} aria-orientation="vertical" @keydown=${moveFocus}>
      ${controls.map((control) => html`<div class="choice">${button(model, control)}<span>${control.hint}</span></div>`)}
      ${
        speeds.length === 0
          ? nothing
          : html`<div class="speeds" role="group" aria-label="Speed">${speeds.map((control) => button(model, control))}</div>`
      }
    </div>
  </details>`;
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

/** Escape closes a menu. */
function leave(event: KeyboardEvent): void {
  if (event.key !== 'Escape') return;
  const details = event.currentTarget as HTMLDetailsElement;
  details.open = false;
  details.querySelector('summary')?.focus();
}

/** A menu that the focus has left is closed. */
function closeBehind(event: FocusEvent): void {
  const details = event.currentTarget as HTMLDetailsElement;
  const next = event.relatedTarget;
  if (next instanceof Node && !details.contains(next)) details.open = false;
}

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** The arrow keys move the focus from button to button, as in any toolbar. Tab leaves the toolbar. */
function moveFocus(event: KeyboardEvent): void {
  const step = STEPS[event.key];
  if (step === undefined) return;
  const bar = event.currentTarget as HTMLElement;
  const all = [...bar.querySelectorAll<HTMLButtonElement>('button:enabled')];
  const index = all.findIndex((one) => one.matches(':focus'));
  all[(index + step + all.length) % all.length]?.focus();
  event.preventDefault();
}
