import type { Chart, ChartState } from '../messages.js';
import { auth } from './auth.js';
import { connection } from './connection.js';
import type { Drawing } from './drawing.js';

const drawings: Readonly<Record<string, Drawing>> = { auth, connection };

/**
 * The drawing of a chart, if one was arranged for it. A chart of another machine, or of another version, may have
 * the same name: the drawing must have its states, its ways and their events.
 */
export function drawingOf(chart: Chart): Drawing | undefined {
  const drawing = Object.hasOwn(drawings, chart.name) ? drawings[chart.name] : undefined;
  return drawing !== undefined && differences(chart, drawing).length === 0 ? drawing : undefined;
}

/** How a chart and a drawing differ, in words. */
export function differences(chart: Chart, { events, forms }: Drawing): string[] {
  const ways = topWays(chart);
  const states = chart.states.map(({ name }) => name);
  return [
    ...unlike('events', textsOf(events), textsOf(Object.fromEntries(ways))),
    ...Object.entries(forms).flatMap(([name, form]) => [
      ...unlike(`states, ${name}`, Object.keys(form.states), states),
      ...unlike(`ways, ${name}`, Object.keys(form.ways), [...ways.keys()]),
    ]),
  ];
}

/** The id of the top state that a state is in, or is. */
export function topIds(chart: Chart): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (state: ChartState, top: string): void => {
    found.set(state.id, top);
    for (const inner of state.states) visit(inner, top);
  };
  for (const state of chart.states) visit(state, state.id);
  return found;
}

/** How many states are directly inside each top state, by name. */
export function insideCounts({ states }: Chart): Record<string, number> {
  return Object.fromEntries(states.map(({ name, states: inner }) => [name, inner.length]));
}

/** The ways between different top states, such as `idle→requesting`, with their events. */
function topWays(chart: Chart): Map<string, string[]> {
  const tops = topIds(chart);
  const names = new Map(chart.states.map(({ id, name }) => [id, name]));
  const nameOf = (id: string) => names.get(tops.get(id) ?? '') ?? '';
  const ways = new Map<string, string[]>();
  for (const { source, target, events } of chart.edges) {
    const way = `${nameOf(source)}→${nameOf(target)}`;
    if (nameOf(source) === nameOf(target)) continue;
    const all = ways.get(way) ?? [];
    for (const event of events) all.push(event);
    ways.set(way, all);
  }
  return ways;
}

const textsOf = (ways: Readonly<Record<string, readonly string[]>>): string[] =>
  Object.entries(ways).flatMap(([way, events]) => events.map((event) => `${way}: ${event}`));

function unlike(what: string, drawn: readonly string[], found: readonly string[]): string[] {
  return [
    ...found.filter((one) => !drawn.includes(one)).map((one) => `${what}: not drawn: ${one}`),
    ...drawn.filter((one) => !found.includes(one)).map((one) => `${what}: only drawn: ${one}`),
  ];
}
