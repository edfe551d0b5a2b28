import type { Direction, Point } from './chart-layout.js';

const SVG = 'http://www.w3.org/2000/svg';
const CORNER = 9;

export function shape(name: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

export function arrowHead(id: string): SVGElement {
  const marker = shape('marker', {
    id,
    viewBox: '0 0 10 10',
    refX: 8.5,
    refY: 5,
    markerWidth: 9,
    markerHeight: 9,
    markerUnits: 'userSpaceOnUse',
    orient: 'auto-start-reverse',
  });
  marker.append(shape('path', { d: 'M0 1 9 5 0 9z', fill: 'context-stroke' }));
  return marker;
}

/** A label around a point, moved sideways if it would leave the drawing. */
export function tag(text: string, point: Point, drawingWidth: number, family: string): SVGElement {
  const width = textWidth(text, `600 12px ${family}`) + 18;
  const x = Math.max(width / 2, Math.min(drawingWidth - width / 2, point.x));
  const { y } = point;
  const group = shape('g', { class: 'tag', 'aria-hidden': 'true' });
  const words = shape('text', { class: 'tag-text', x, y: y + 4, 'text-anchor': 'middle' });
  words.textContent = text;
  group.append(
    shape('rect', { class: 'tag-plate', x: x - width / 2, y: y - 11, width, height: 22, rx: 11 }),
    words,
  );
  return group;
}

/** The path of straight lines with rounded corners. */
export function rounded(points: readonly Point[]): string {
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

let canvas: CanvasRenderingContext2D | null | undefined;

/** The width of a state's name, px, in the font size of the style sheet. A narrow drawing is scaled down. */
export function nameWidth(name: string, direction: Direction, family: string): number {
  return textWidth(name, `600 ${direction === 'DOWN' ? 17 : 15}px ${family}`);
}

function textWidth(text: string, font: string): number {
  if (canvas === undefined) canvas = document.createElement('canvas').getContext('2d');
  if (canvas === null) return text.length * 8;
  canvas.font = font;
  return Math.ceil(canvas.measureText(text).width);
}
