import { html, type TemplateResult } from 'lit-html';
import type { Chart, ChartEdge } from '../messages.js';
import { ChartView } from './chart-view.js';
import { eventBar } from './control-bars.js';
import type { Model } from './model.js';

const titles: Readonly<Record<string, string>> = {
  auth: 'auth: how a token is fetched, used and renewed',
  connection: 'connection: how it opens and closes',
};

/** The charts of the machines. The drawings are kept from one rendering to the next. */
export class Charts {
  readonly #views = new Map<string, ChartView>();

  readonly template = (model: Model): TemplateResult[] =>
    model.history.session.charts.map((chart) => {
      const active = model.view?.active[chart.name] ?? [];
      const [step] = model.history.stepsAt(model.n, chart.name);
      return html`<section class="chart" data-chart=${chart.name} aria-labelledby="chart-${chart.name}">
        <div class="section-head">
          <h2 id="chart-${chart.name}">${titles[chart.name] ?? chart.name}</h2>
          <p class="step" id="step-${chart.name}">
            ${step === undefined ? 'No step yet' : `Last step: ${step.event} → ${targetOf(step.edges)}`}
          </p>
        </div>
        <div class="chart-body">
          <div class="canvas" data-canvas=${chart.name}></div>
          <div class="on">
            ${this.#ways(chart, active)} ${chart.name === 'auth' ? eventBar(model) : ''} ${anywhere(chart)}
          </div>
        </div>
      </section>`;
    });

  /** Updates the drawings, after their elements exist. */
  update(root: ParentNode, model: Model): void {
    for (const chart of model.history.session.charts) {
      const view = this.#viewOf(root, chart.name);
      if (view === undefined) continue;
      view.show(chart);
      view.light(model.view?.active[chart.name] ?? none);
      view.trace(model.history.stepsAt(model.n, chart.name));
    }
  }

  dispose(): void {
    for (const view of this.#views.values()) view.dispose();
    this.#views.clear();
  }

  #viewOf(root: ParentNode, name: string): ChartView | undefined {
    const known = this.#views.get(name);
    const host = root.querySelector<HTMLElement>(`[data-canvas="${CSS.escape(name)}"]`);
    if (host === null || known?.host === host) return known;
    // Another session may have other charts, which are drawn in the same elements.
    known?.dispose();
    const view = new ChartView(host);
    this.#views.set(name, view);
    return view;
  }

  /** The transitions from the active states with their events, the innermost state first. */
  #ways(chart: Chart, active: readonly string[]): TemplateResult {
    const ways = new Map<string, ChartEdge[]>();
    for (const id of [...active].reverse()) {
      for (const edge of chart.edges.filter(({ source }) => source === id)) {
        ways.set(edge.target, [...(ways.get(edge.target) ?? []), edge]);
      }
    }
    const title = `ways-${chart.name}`;
    return html`<h3 id=${title}>${ways.size === 0 ? 'No transition from here' : 'From here'}</h3>
      <ul class="ways" aria-labelledby=${title}>
        ${[...ways].map(([target, edges]) => this.#way(chart.name, target, edges))}
      </ul>`;
  }

  #way(chart: string, target: string, edges: readonly ChartEdge[]): TemplateResult {
    const point = (ids: readonly string[]) => this.#views.get(chart)?.point(ids);
    return html`<li
      title=${edges.flatMap((edge) => edge.conditions).join('\n')}
      @pointerenter=${() => point(edges.map(({ id }) => id))}
      @pointerleave=${() => point([])}
    >
      <strong>${nameOf(target)}</strong>
      <span>${[...new Set(edges.flatMap((edge) => edge.events))].join(' · ')}</span>
    </li>`;
  }
}

const none: readonly string[] = [];

function anywhere({ fromAnywhere }: Chart): TemplateResult | string {
  if (fromAnywhere.length === 0) return '';
  const text = fromAnywhere.map(({ event, target }) => `From anywhere: ${event} leads to ${nameOf(target)}.`);
  return html`<p class="anywhere">${text.join(' ')}</p>`;
}

function nameOf(id: string): string {
  return id.split('.').slice(1).join(' · ');
}

function targetOf([edge = '']: readonly string[]): string {
  return nameOf(edge.split('→')[1] ?? '');
}
