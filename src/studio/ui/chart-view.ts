import { type Drawing, type FormName, letters } from '../drawings/drawing.js';
import { figures } from '../drawings/figure.js';
import { insideCounts, topIds } from '../drawings/fitting.js';
import type { Chart, Step } from '../messages.js';
import { pathOf } from '../ways.js';
import { elementOf, shape } from './shapes.js';

/** The smallest letters of a drawing, px. Below that the tall one is drawn. */
const SMALLEST_PX = 11;

/** The space at both sides of a wide drawing together, px. */
const PADDING = 32;

/** How many steps are traced, if there were as many. */
const TRACED = 3;

/** How much larger than itself a drawing becomes. */
const LARGEST = { wide: 1.12, tall: 1.3 };

/** The width of a letter of the name inside a state, as a share of its size: that of a wide font. */
const LETTER_SHARE = 0.62;

/** The drawing of one machine's chart, with the active states highlighted. Each state is a button. */
export class ChartView {
  readonly host: HTMLElement;
  readonly #press: (stateId: string) => void;
  readonly #observer: ResizeObserver;
  #chart: Chart | undefined;
  #drawing: Drawing | undefined;
  #tops = new Map<string, string>();
  #form: FormName | undefined;
  #active: readonly string[] = [];
  #traced: readonly Step[] = [];
  #opened: string | undefined;
  #states = new Map<string, SVGElement>();
  #ways = new Map<string, SVGElement>();

  /**
   * @param room the element whose width the drawing has
   * @param press called with the id of a state that was pressed
   */
  constructor(host: HTMLElement, room: Element, press: (stateId: string) => void) {
    this.host = host;
    this.#press = press;
    this.#observer = new ResizeObserver(([entry]) => this.#draw(entry?.contentRect.width ?? 0));
    this.#observer.observe(room);
  }

  show(chart: Chart, drawing: Drawing): void {
    if (chart === this.#chart) return;
    this.#chart = chart;
    this.#drawing = drawing;
    this.#tops = topIds(chart);
    const form = this.#form;
    this.#form = undefined;
    if (form !== undefined) this.#drawAs(form);
  }

  /** Highlights the active states and the ways out of them, and names the states inside. */
  light(active: readonly string[]): void {
    if (active === this.#active) return;
    this.#active = active;
    this.#paintActive();
  }

  /** Highlights the ways of the last steps, the newest first. */
  trace(steps: readonly Step[]): void {
    if (steps.length === this.#traced.length && steps.every((step, index) => step === this.#traced[index]))
      return;
    // Exactly one more step than before is new. Any other difference means that another moment is shown.
    const isNew = steps[1] === this.#traced[0];
    this.#traced = steps;
    this.#paintTrace(isNew);
  }

  /** Highlights ways while the pointer is on their row in a table. */
  point(edges: readonly string[]): void {
    const ids = edges.map((edge) => this.#wayOf(edge));
    for (const [id, way] of this.#ways) way.classList.toggle('pointed', ids.includes(id));
  }

  /** Shows which state is open. */
  open(stateId: string | undefined): void {
    if (stateId === this.#opened) return;
    this.#opened = stateId;
    this.#paintOpened();
  }

  dispose(): void {
    this.#observer.disconnect();
  }

  /**
   * The id of the way that an edge is drawn as.
   *
   * @param before the top state before the step, for an edge that leads from any state
   */
  #wayOf(edge: string, before = ''): string {
    const [source = '', target = ''] = edge.split('→');
    return `${this.#tops.get(source) ?? before}→${this.#tops.get(target) ?? ''}`;
  }

  /** Where the last steps are shown: the ids of ways; without a drawn way, that of the state which was reached. */
  #placesOfSteps(): string[][] {
    const initial = this.#chart?.states.find(({ isInitial }) => isInitial)?.id;
    return this.#traced.map(({ edges }, index) => {
      const earlier = this.#traced[index + 1]?.edges;
      const isFirst = this.#traced.length < TRACED;
      const before =
        earlier === undefined && isFirst ? initial : this.#wayOf(earlier?.at(-1) ?? '').split('→')[1];
      return edges.map((edge) => {
        const way = this.#wayOf(edge, before);
        return this.#ways.has(way) ? way : (way.split('→')[1] ?? '');
      });
    });
  }

  #paintActive(): void {
    for (const [id, element] of this.#states) {
      const isActive = this.#active.includes(id);
      const inside = this.#active.filter((one) => one !== id && this.#tops.get(one) === id);
      element.classList.toggle('active', isActive);
      const names = [id, ...inside].map((one) => one.slice(one.lastIndexOf('.') + 1));
      element.setAttribute('aria-label', isActive ? `${names.join(', in it ')}: active` : pathOf(id));
      this.#nameInside(element, inside);
    }
    for (const way of this.#ways.values()) {
      way.classList.toggle('open', this.#active.includes(way.dataset.source ?? ''));
    }
  }

  /** Names the active states inside a state, all of them if there is room. */
  #nameInside(element: SVGElement, inside: readonly string[]): void {
    for (const old of element.querySelectorAll('.inner')) old.remove();
    const box = element.querySelector('.box');
    const name = element.querySelector('.name');
    if (inside.length === 0 || box === null || name === null) return;
    const { inner } = letters[this.#form ?? 'wide'];
    const room = (Number(box.getAttribute('width')) - 8) / (inner * LETTER_SHARE);
    const names = inside.map((id) => id.slice(id.lastIndexOf('.') + 1));
    const isShort = names.join(' · ').length <= room;
    const text = shape('text', {
      class: 'inner',
      x: name.getAttribute('x') ?? 0,
      y: Number(name.getAttribute('y')) + 17,
      'text-anchor': 'middle',
    });
    inside.forEach((id, index) => {
      const isShown = isShort || index === inside.length - 1;
      const part = shape('tspan', { class: 'node active', 'data-id': id });
      part.textContent = isShown ? `${isShort && index > 0 ? ' · ' : ''}${names[index]}` : '';
      text.append(part);
    });
    element.append(text);
  }

  #paintTrace(isNew: boolean): void {
    const places = this.#placesOfSteps();
    for (const [id, element] of [...this.#ways, ...this.#states]) {
      const since = places.findIndex((ids) => ids.includes(id));
      if (since === -1) delete element.dataset.age;
      else element.dataset.age = String(since);
      element.classList.remove('fresh');
      if (isNew && since === 0) {
        // Reading the element's size restarts the animation.
        element.getBoundingClientRect();
        element.classList.add('fresh');
      }
    }
  }

  #paintOpened(): void {
    for (const [id, element] of this.#states)
      element.setAttribute('aria-expanded', String(id === this.#opened));
  }

  #draw(room: number): void {
    const wide = this.#drawing?.forms.wide;
    if (wide === undefined || room === 0) return;
    const isRoomy =
      ((room - PADDING) / wide.width) * Math.min(letters.wide.label, letters.wide.inner) >= SMALLEST_PX;
    this.#drawAs(isRoomy ? 'wide' : 'tall');
  }

  #drawAs(name: FormName): void {
    const [chart, form] = [this.#chart, this.#drawing?.forms[name]];
    if (chart === undefined || form === undefined || name === this.#form) return;
    this.#form = name;
    this.host.dataset.form = name;
    const { width, height } = form;
    const label = `states of ${chart.name}`;
    const svg = shape('svg', { viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': label });
    svg.style.maxWidth = `${width * LARGEST[name]}px`;
    svg.append(...figures(form, name, chart.name, insideCounts(chart)).map((figure) => elementOf(figure)));
    this.#states = new Map(keyed(svg, 'id').map(([id, element]) => [id, this.#asButton(id, element)]));
    this.#ways = new Map(keyed(svg, 'edge'));
    // The tables have the same for readers of the text.
    for (const way of this.#ways.values()) way.setAttribute('aria-hidden', 'true');
    this.host.replaceChildren(svg);
    this.#paintActive();
    this.#paintTrace(false);
    this.#paintOpened();
  }

  #asButton(id: string, element: SVGElement): SVGElement {
    element.setAttribute('role', 'button');
    element.setAttribute('tabindex', '0');
    element.addEventListener('click', () => this.#press(id));
    element.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      this.#press(id);
    });
    return element;
  }
}

function keyed(svg: SVGElement, name: 'id' | 'edge'): [id: string, element: SVGElement][] {
  return [...svg.querySelectorAll<SVGElement>(`[data-${name}]`)].map((element) => [
    element.dataset[name] ?? '',
    element,
  ]);
}
