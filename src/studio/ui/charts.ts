import { html, nothing, type TemplateResult } from 'lit-html';
import { guard } from 'lit-html/directives/guard.js';
import type { Drawing } from '../drawings/drawing.js';
import { drawingOf } from '../drawings/fitting.js';
import type { Chart, ChartState } from '../messages.js';
import { ANY, pathOf, type Way, waysOf } from '../ways.js';
import { chartList } from './chart-list.js';
import { ChartView } from './chart-view.js';
import { eventBar } from './control-bars.js';
import type { Model } from './model.js';
import { waysTable } from './ways-table.js';

/** What is derived from a chart once. */
interface Known {
  readonly drawing: Drawing | undefined;
  readonly ways: readonly Way[];
}

/** The charts of the machines, one at a time. The drawings are kept from one rendering to the next. */
export class Charts {
  readonly #views = new Map<string, ChartView>();
  readonly #known = new WeakMap<Chart, Known>();
  /** The name of the chart that the user chose. */
  #chosen = '';
  /** The open state of each chart, by the chart's name. */
  readonly #opened = new Map<string, string>();
  /** The names of the charts whose table of all ways is open. */
  readonly #listed = new Set<string>();

  readonly template = (model: Model): TemplateResult | typeof nothing => {
    const { charts } = model.history.session;
    const shown = charts.find(({ name }) => name === this.#chosen) ?? charts[0];
    if (shown === undefined) return nothing;
    return html`<section class="chart" aria-label="Charts">
      ${this.#tabs(model, shown)}
      ${charts.map((chart) => this.#panel(model, chart, chart === shown))}
    </section>`;
  };

  /** Updates the drawings, after their elements exist. */
  update(root: ParentNode, model: Model): void {
    for (const chart of model.history.session.charts) {
      const { drawing } = this.#knownOf(chart);
      if (drawing === undefined) continue;
      const view = this.#viewOf(root, chart.name);
      view?.show(chart, drawing);
      view?.light(activeIn(model, chart.name));
      view?.trace(model.history.stepsAt(model.n, chart.name));
      view?.open(this.#opened.get(chart.name));
    }
  }

  dispose(): void {
    for (const view of this.#views.values()) view.dispose();
    this.#views.clear();
  }

  /** The names of the charts, each with its active state. */
  #tabs(model: Model, shown: Chart): TemplateResult {
    const { charts } = model.history.session;
    const [step] = model.history.stepsAt(model.n, shown.name);
    const target = step?.edges[0]?.split('→')[1];
    return html`<div class="chart-head">
      <div class="tabs" role="tablist" aria-label="Charts" @keydown=${moveFocus}>
        ${charts.map(({ name, states }) => {
          const active = activeIn(model, name);
          return html`<button
            type="button"
            role="tab"
            id="tab-${name}"
            data-chart=${name}
            aria-selected=${String(name === shown.name)}
            aria-controls="chart-${name}"
            tabindex=${name === shown.name ? 0 : -1}
            @click=${() => this.#choose(name)}
          >
            <span>${name}</span> <strong>${states.find(({ id }) => active.includes(id))?.name ?? ''}</strong>
          </button>`;
        })}
      </div>
      <p class="step" id="step-${shown.name}">
        ${step === undefined ? 'No step yet' : `Last step: ${step.event} → ${pathOf(target ?? '')}`}
      </p>
    </div>`;
  }

  #panel(model: Model, chart: Chart, isShown: boolean): TemplateResult {
    const { name } = chart;
    const { drawing, ways } = this.#knownOf(chart);
    const active = activeIn(model, name);
    const opened = this.#opened.get(name);
    const press = (id: string) => this.#press(name, id);
    const list = () =>
      guard(
        [chart, active, opened],
        () => html`<div class="canvas" data-canvas=${name}>
        ${chartList(chart, active, opened, press)}
      </div>`,
      );
    return html`<div
      class="chart-body"
      role="tabpanel"
      id="chart-${name}"
      data-chart=${name}
      aria-labelledby="tab-${name}"
      ?hidden=${!isShown}
    >
      ${drawing === undefined ? list() : html`<div class="canvas" data-canvas=${name}></div>`}
      <div class="on">
        ${name === 'auth' ? eventBar(model) : ''} ${this.#openedState(chart, ways, active)}
        <details class="all" ?open=${this.#listed.has(name)} @toggle=${(event: Event) => this.#list(name, event)}>
          <summary>All ${ways.length} ways of ${name}</summary>
          ${
            this.#listed.has(name)
              ? guard([chart], () => waysTable(`All ways of ${name}`, ways, this.#pointIn(name)))
              : nothing
          }
        </details>
      </div>
    </div>`;
  }

  /** The states inside the open state, and its ways. */
  #openedState(chart: Chart, ways: readonly Way[], active: readonly string[]): unknown {
    const state = chart.states.find(({ id }) => id === this.#opened.get(chart.name));
    if (state === undefined) return nothing;
    return guard([chart, state, active], () => {
      const isIn = (path: string) => path === state.name || path.startsWith(`${state.name}.`);
      const out = ways.filter(({ source }) => isIn(source) || source === ANY);
      const into = ways.filter(({ source, target }) => isIn(target) && !isIn(source) && source !== ANY);
      const point = this.#pointIn(chart.name);
      return html`<section
        class="opened"
        aria-label="${state.name}: states inside and ways"
        @keydown=${(event: KeyboardEvent) => event.key === 'Escape' && this.#press(chart.name, state.id)}
      >
        <h3>${state.name}</h3>
        <button type="button" class="shut" @click=${() => this.#press(chart.name, state.id)}>Close</button>
        ${state.states.length === 0 ? nothing : inside(state, active)}
        ${waysTable(`Ways out of ${state.name}`, out, point)}
        ${into.length === 0 ? nothing : html`<h4>Ways into ${state.name}</h4>`}
        ${into.length === 0 ? nothing : waysTable(`Ways into ${state.name}`, into, point)}
      </section>`;
    });
  }

  readonly #choose = (name: string): void => {
    this.#chosen = name;
  };

  readonly #press = (chart: string, id: string): void => {
    if (this.#opened.get(chart) === id) this.#opened.delete(chart);
    else this.#opened.set(chart, id);
  };

  #list(chart: string, { currentTarget }: Event): void {
    if ((currentTarget as HTMLDetailsElement).open) this.#listed.add(chart);
    else this.#listed.delete(chart);
  }

  #pointIn(chart: string): (edges: readonly string[]) => void {
    return (edges) => this.#views.get(chart)?.point(edges);
  }

  #knownOf(chart: Chart): Known {
    const known = this.#known.get(chart) ?? { drawing: drawingOf(chart), ways: waysOf(chart) };
    this.#known.set(chart, known);
    return known;
  }

  #viewOf(root: ParentNode, name: string): ChartView | undefined {
    const known = this.#views.get(name);
    const host = root.querySelector<HTMLElement>(`[data-canvas="${CSS.escape(name)}"]`);
    const room = host?.closest('.chart');
    if (!host || !room || known?.host === host) return known;
    // Another session may have other charts, which are drawn in the same elements.
    known?.dispose();
    const view = new ChartView(host, room, (id) => this.#press(name, id));
    this.#views.set(name, view);
    return view;
  }
}

const none: readonly string[] = [];

/** The active states of a chart, which may have any name: `constructor` too. */
export function activeIn({ view }: Pick<Model, 'view'>, name: string): readonly string[] {
  return (view !== undefined && Object.hasOwn(view.active, name) ? view.active[name] : undefined) ?? none;
}

function inside({ states }: ChartState, active: readonly string[]): TemplateResult {
  return html`<ul class="inside">
    ${states.map(
      (state) => html`<li class=${active.includes(state.id) ? 'active' : ''}>
        ${state.name}${active.includes(state.id) ? html`<span class="visually-hidden">: active</span>` : ''}
        ${state.states.length === 0 ? nothing : inside(state, active)}
      </li>`,
    )}
  </ul>`;
}

/** The arrow keys go from tab to tab, and show its chart. */
function moveFocus(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step === undefined) return;
  const all = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLButtonElement>('[role="tab"]')];
  const next = all[(all.findIndex((one) => one.matches(':focus')) + step + all.length) % all.length];
  next?.focus();
  next?.click();
  event.preventDefault();
}
