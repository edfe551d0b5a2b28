import type { Figure } from '../drawings/figure.js';

const SVG = 'http://www.w3.org/2000/svg';

export function shape(name: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

/** The element of a figure, with its children. */
export function elementOf({ name, attributes, children = [], text }: Figure): SVGElement {
  const element = shape(name, attributes);
  if (text !== undefined) element.textContent = text;
  element.append(...children.map((child) => elementOf(child)));
  return element;
}
