import type { Chart, Step } from '../messages.js';
import { type Direction, type Layout, layOut, type PlacedEdge, type PlacedState } from './chart-layout.js';
import { arrowHead, nameWidth, rounded, shape, tag } from './shapes.js';

/** How many of the last steps stay traced, the newest the strongest. */
const TRACED = 3;

/** The chart as a drawing that is lit where the machine is. */
export class ChartView {
  readonly #host: HTMLElement;
  #chart: Chart | undefined;
  #direction: Direction | undefined;
  #active: readonly string[] = [];
  #traced: readonly Step[] = [];
  #svg: SVGElement | undefined;
  #width = 0;
  #tag: SVGElement | undefined;
  #states = new Map<string, SVGElement>();
  #edges = new Map<string, SVGPathElement>();

  constructor(host: HTMLElement) {
    this.#host = host;
    new ResizeObserver(() => void this.#draw()).observe(host);
  }

  show(chart: Chart): void {
    if (JSON.stringify(chart) === JSON.stringify(this.#chart)) return;
    this.#chart = chart;
    this.#direction = undefined;
    void this.#draw();
  }

  /** Lights the active states, and the ways out of them. */
  light(active: readonly string[]): void {
    this.#active = active;
    for (const [id, element] of this.#states) {
      const isActive = active.includes(id);
      const path = id.split('.').slice(1).join(', in it ');
      element.classList.toggle('active', isActive);
      element.setAttribute('aria-label', isActive ? `${path}: active` : path);
    }
    for (const path of this.#edges.values()) {
      path.classList.toggle('open', active.includes(path.dataset.source ?? ''));
    }
  }

  trace(step: Step): void {
    this.#traced = [step, ...this.#traced].slice(0, TRACED);
    this.#paintTrace(true);
  }

  /** Points at edges, as long as somebody looks at them elsewhere. */
  point(edgeIds: readonly string[]): void {
    for (const [id, path] of this.#edges) path.classList.toggle('pointed', edgeIds.includes(id));
  }

  #paintTrace(isNew: boolean): void {
    const age = (id: string) => this.#traced.findIndex(({ edges }) => edges.includes(id));
    for (const [id, path] of this.#edges) {
      const since = age(id);
      if (since === -1) delete path.dataset.age;
      else path.dataset.age = String(since);
      path.classList.remove('fresh');
      if (isNew && since === 0) {
        // Reading its size makes the browser forget the last run of the animation.
        path.getBoundingClientRect();
        path.classList.add('fresh');
      }
    }
    this.#nameLastStep();
  }

  /** The last step's event stands on its edge. */
  #nameLastStep(): void {
    this.#tag?.remove();
    const [last] = this.#traced;
    const path = last?.edges.map((id) => this.#edges.get(id)).find((found) => found !== undefined);
    if (last === undefined || path === undefined) return;
    this.#tag = tag(last.event, path.getPointAtLength(path.getTotalLength() / 2), this.#width);
    this.#svg?.append(this.#tag);
  }

  /** Lies where there is room, stands where there is not. */
  async #draw(): Promise<void> {
    const chart = this.#chart;
    const direction = this.#host.clientWidth < 720 ? 'DOWN' : 'RIGHT';
    if (chart === undefined || direction === this.#direction) return;
    this.#direction = direction;
    const layout = await layOut(chart, direction, (name) => nameWidth(name, direction));
    if (direction !== this.#direction || chart !== this.#chart) return;
    this.#states = new Map();
    this.#edges = new Map();
    this.#svg = this.#drawing(layout);
    this.#host.replaceChildren(this.#svg);
    this.light(this.#active);
    this.#paintTrace(false);
  }

  #drawing({ width, height, states, edges }: Layout): SVGElement {
    const svg = shape('svg', { viewBox: `0 0 ${width} ${height}`, role: 'list', 'aria-label': 'states' });
    svg.style.maxWidth = `${width * 1.25}px`;
    svg.dataset.direction = this.#direction ?? '';
    this.#width = width;
    svg.append(arrowHead());
    svg.append(...states.filter(({ isParent }) => isParent).map((state) => this.#state(state)));
    svg.append(...edges.map((edge) => this.#line(edge)));
    svg.append(...states.filter(({ isParent }) => !isParent).map((state) => this.#state(state)));
    return svg;
  }

  #state({ id, name, isInitial, isParent, x, y, width, height }: PlacedState): SVGElement {
    const group = shape('g', { class: isParent ? 'node parent' : 'node', role: 'listitem' });
    group.dataset.id = id;
    const text = isParent
      ? shape('text', { x: x + 18, y: y + 25 })
      : shape('text', {
          x: x + width / 2 + (isInitial ? 6 : 0),
          y: y + height / 2 + 5,
          'text-anchor': 'middle',
        });
    text.textContent = name;
    group.append(shape('rect', { x, y, width, height, rx: isParent ? 14 : height / 2 }), text);
    if (isInitial && !isParent)
      group.append(shape('circle', { class: 'initial', cx: x + 15, cy: y + height / 2, r: 3 }));
    this.#states.set(id, group);
    return group;
  }

  #line({ edge, points }: PlacedEdge): SVGElement {
    const path = shape('path', {
      class: 'edge',
      d: rounded(points),
      'marker-end': 'url(#arrow)',
      pathLength: 100,
    }) as SVGPathElement;
    const title = shape('title', {});
    title.textContent = edge.conditions.join('\n');
    path.append(title);
    path.dataset.edge = edge.id;
    path.dataset.source = edge.source;
    this.#edges.set(edge.id, path);
    return path;
  }
}
