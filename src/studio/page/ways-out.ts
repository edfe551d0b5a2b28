import type { Chart, ChartEdge } from '../messages.js';
import { element } from './element.js';

const list = element('ways');

type Point = (edgeIds: readonly string[]) => void;

/** What the machine may do from where it is: where it can go, and on which events. Innermost state first. */
export function showWaysOut(chart: Chart, active: readonly string[], point: Point): void {
  const key = active.join(' ');
  if (list.dataset.active === key) return;
  list.dataset.active = key;
  point([]);
  const ways = new Map<string, ChartEdge[]>();
  for (const id of [...active].reverse()) {
    for (const edge of chart.edges.filter(({ source }) => source === id)) {
      ways.set(edge.target, [...(ways.get(edge.target) ?? []), edge]);
    }
  }
  list.replaceChildren(...[...ways].map(([target, edges]) => item(target, edges, point)));
}

function item(targetId: string, edges: readonly ChartEdge[], point: Point): HTMLLIElement {
  const row = document.createElement('li');
  const target = document.createElement('strong');
  target.textContent = targetId.split('.').slice(1).join(' · ');
  const events = document.createElement('span');
  events.textContent = [...new Set(edges.flatMap((edge) => edge.events))].join(' · ');
  row.title = edges.flatMap((edge) => edge.conditions).join('\n');
  row.append(target, events);
  row.addEventListener('pointerenter', () => point(edges.map(({ id }) => id)));
  row.addEventListener('pointerleave', () => point([]));
  return row;
}
