import type { Box, DrawnWay, Form, FormName, Point } from './drawing.js';
import { letters, pointsOf } from './drawing.js';

/** An element of SVG, for a page and for a file. */
export interface Figure {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly children?: readonly Figure[];
  readonly text?: string;
}

const CORNER = 9;
/** The length of an arrow head, and half of its width, px. */
const HEAD = [8, 4] as const;
const DOT = 2;

/**
 * The elements of a drawing.
 *
 * @param innerCounts how many states are inside each state
 */
export function figures(
  form: Form,
  formName: FormName,
  machine: string,
  innerCounts: Readonly<Record<string, number>>,
): Figure[] {
  const ways = Object.entries(form.ways).map(([way, drawn]) => wayFigure(way, drawn, formName, machine));
  const states = Object.entries(form.states).map(([name, box]) =>
    stateFigure(name, box, machine, innerCounts[name] ?? 0),
  );
  return [startFigure(form.start), ...ways, ...states];
}

/** The text of a label in one line. */
export const labelOf = ([, , , , ...rows]: DrawnWay): string => rows.join(' ');

function startFigure(line: string): Figure {
  const [from = { x: 0, y: 0 }] = pointsOf(line);
  const dot = element('circle', { class: 'dot', cx: from.x, cy: from.y, r: 4 });
  return element('g', { class: 'start' }, [dot, ...arrow(pointsOf(line))]);
}

function wayFigure(way: string, [line, x, y, anchor, ...rows]: DrawnWay, form: FormName, machine: string) {
  const { row } = letters[form];
  const texts = rows.map((text, index) =>
    element('text', { class: 'label', x, y: y + index * row, 'text-anchor': anchor }, [], text),
  );
  const [source = '', target = ''] = way.split('→');
  const attributes = {
    class: 'edge',
    'data-edge': `${machine}.${source}→${machine}.${target}`,
    'data-source': `${machine}.${source}`,
  };
  return element('g', attributes, [...arrow(pointsOf(line)), ...texts]);
}

function stateFigure(name: string, [x, y, width, height]: Box, machine: string, count: number): Figure {
  const middle = { x: x + width / 2, y: y + height / 2 };
  const isParent = count > 0;
  const dots = Array.from({ length: count }, (_, index) =>
    element('circle', {
      class: 'inside',
      cx: middle.x + (index - (count - 1) / 2) * DOT * 4,
      cy: middle.y + 13,
      r: DOT,
    }),
  );
  const label = { class: 'name', x: middle.x, y: middle.y + (isParent ? 0 : 5), 'text-anchor': 'middle' };
  return element('g', { class: isParent ? 'node parent' : 'node', 'data-id': `${machine}.${name}` }, [
    element('rect', { class: 'box', x, y, width, height, rx: 12 }),
    element('text', label, [], name),
    ...dots,
  ]);
}

/** A line with rounded corners that ends in an arrow head. */
function arrow(points: readonly Point[]): Figure[] {
  const tip = points[points.length - 1];
  const before = points[points.length - 2];
  if (tip === undefined || before === undefined) return [];
  const [length, half] = HEAD;
  const [dx, dy] = [Math.sign(tip.x - before.x), Math.sign(tip.y - before.y)];
  const base = { x: tip.x - dx * length, y: tip.y - dy * length };
  const corners = [
    `M${tip.x} ${tip.y}`,
    `L${base.x + dy * half} ${base.y + dx * half}`,
    `L${base.x - dy * half} ${base.y - dx * half}Z`,
  ];
  return [
    element('path', { class: 'line', d: rounded([...points.slice(0, -1), base]), pathLength: 100 }),
    element('path', { class: 'head', d: corners.join('') }),
  ];
}

function rounded(points: readonly Point[]): string {
  return points
    .map((point, index) => {
      const before = points[index - 1];
      const after = points[index + 1];
      if (before === undefined) return `M${point.x} ${point.y}`;
      if (after === undefined) return `L${point.x} ${point.y}`;
      const start = towards(point, before);
      const end = towards(point, after);
      return `L${start.x} ${start.y}Q${point.x} ${point.y} ${end.x} ${end.y}`;
    })
    .join('');
}

function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const share = length === 0 ? 0 : Math.min(CORNER, length / 2) / length;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

function element(
  name: string,
  attributes: Figure['attributes'],
  children: readonly Figure[] = [],
  text?: string,
): Figure {
  return { name, attributes, children, ...(text === undefined ? {} : { text }) };
}
