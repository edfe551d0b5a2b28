import type { Chart, Step } from '../messages.js';
import type { Direction, Layout, PlacedEdge, PlacedState } from './chart-layout.js';
import { arrowHead, nameWidth, rounded, shape, tag } from './shapes.js';

/** The smallest scale of a horizontal chart. Below it the chart is drawn vertically. */
const SMALLEST = 0.7;

/** The drawing of one machine's chart, with the active states highlighted. */
export class ChartView {
  readonly host: HTMLElement;
  readonly #observer: ResizeObserver;
  #chart: Chart | undefined;
  #layouts = new Map<Direction, Promise<Layout>>();
  #direction: Direction | undefined;
  #active: readonly string[] = [];
  #traced: readonly Step[] = [];
  #svg: SVGElement | undefined;
  #width = 0;
  #tag: SVGElement | undefined;
  #states = new Map<string, SVGElement>();
  #edges = new Map<string, SVGPathElement>();

  constructor(host: HTMLElement) {
    this.host = host;
    this.#observer = new ResizeObserver(() => this.#redraw());
    this.#observer.observe(host);
  }

  show(chart: Chart): void {
    if (chart === this.#chart) return;
    this.#chart = chart;
    this.#layouts = new Map();
    this.#direction = undefined;
    this.#redraw();
  }

  /** Highlights the active states, and the edges that leave them. */
  light(active: readonly string[]): void {
    if (active === this.#active) return;
    this.#active = active;
    this.#paintActive();
  }

  /** Highlights the edges of the last steps, the newest first. */
  trace(steps: readonly Step[]): void {
    if (steps.length === this.#traced.length && steps.every((step, index) => step === this.#traced[index]))
      return;
    // Exactly one more step than before is new. Any other difference means that another moment is shown.
    const isNew = steps[1] === this.#traced[0];
    this.#traced = steps;
    this.#paintTrace(isNew);
  }

  /** Highlights edges while the pointer is on their entry in the list. */
  point(edgeIds: readonly string[]): void {
    for (const [id, path] of this.#edges) path.classList.toggle('pointed', edgeIds.includes(id));
  }

  dispose(): void {
    this.#observer.disconnect();
  }

  #paintActive(): void {
    for (const [id, element] of this.#states) {
      const isActive = this.#active.includes(id);
      const path = id.split('.').slice(1).join(', in it ');
      element.classList.toggle('active', isActive);
      element.setAttribute('aria-label', isActive ? `${path}: active` : path);
    }
    for (const path of this.#edges.values()) {
      path.classList.toggle('open', this.#active.includes(path.dataset.source ?? ''));
    }
  }

  #paintTrace(isNew: boolean): void {
    for (const [id, path] of this.#edges) {
      const since = this.#traced.findIndex(({ edges }) => edges.includes(id));
      if (since === -1) delete path.dataset.age;
      else path.dataset.age = String(since);
      path.classList.remove('fresh');
      if (isNew && since === 0) {
        // Reading the element's size restarts the animation.
        path.getBoundingClientRect();
        path.classList.add('fresh');
      }
    }
    this.#nameLastStep();
  }

  /** Shows the name of the last step's event on its edge. */
  #nameLastStep(): void {
    this.#tag?.remove();
    const [last] = this.#traced;
    const path = last?.edges.map((id) => this.#edges.get(id)).find((found) => found !== undefined);
    if (last === undefined || path === undefined) return;
    const middle = path.getPointAtLength(path.getTotalLength() / 2);
    this.#tag = tag(last.event, middle, this.#width, this.#family);
    this.#svg?.append(this.#tag);
  }

  get #family(): string {
    return getComputedStyle(this.host).fontFamily;
  }

  #redraw(): void {
    this.#draw().catch(() => this.host.replaceChildren('This chart cannot be drawn.'));
  }

  /** Draws the chart horizontally if there is room, otherwise vertically. */
  async #draw(): Promise<void> {
    const chart = this.#chart;
    // The width of the parent, which does not depend on the chart.
    const room = this.host.parentElement?.clientWidth ?? 0;
    if (chart === undefined || room === 0) return;
    const lying = await this.#layout(chart, 'RIGHT');
    const direction = room / lying.width < SMALLEST ? 'DOWN' : 'RIGHT';
    if (direction === this.#direction) return;
    const layout = await this.#layout(chart, direction);
    if (direction === this.#direction || chart !== this.#chart) return;
    this.#direction = direction;
    this.host.dataset.direction = direction;
    this.#states = new Map();
    this.#edges = new Map();
    this.#svg = this.#drawing(chart, layout);
    this.host.replaceChildren(this.#svg);
    this.#paintActive();
    this.#paintTrace(false);
  }

  /**
   * The layout engine is larger than the rest of the studio, so it is loaded while the rest is visible
   * already.
   */
  #layout(chart: Chart, direction: Direction): Promise<Layout> {
    const family = this.#family;
    const made =
      this.#layouts.get(direction) ??
      import('./chart-layout.js').then(({ layOut }) =>
        layOut(chart, direction, (name) => nameWidth(name, direction, family)),
      );
    this.#layouts.set(direction, made);
    return made;
  }

  #drawing({ name }: Chart, { width, height, states, edges }: Layout): SVGElement {
    const label = `states of ${name}`;
    const svg = shape('svg', { viewBox: `0 0 ${width} ${height}`, role: 'list', 'aria-label': label });
    svg.style.maxWidth = `${width * 1.1}px`;
    this.#width = width;
    const arrow = `arrow-${name}`;
    svg.append(arrowHead(arrow));
    svg.append(...states.filter(({ isParent }) => isParent).map((state) => this.#state(state)));
    svg.append(...edges.map((edge) => this.#line(edge, arrow)));
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

  #line({ edge, points }: PlacedEdge, arrow: string): SVGElement {
    const path = shape('path', {
      class: 'edge',
      d: rounded(points),
      'marker-end': `url(#${arrow})`,
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
