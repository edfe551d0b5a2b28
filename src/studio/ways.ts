import type { Chart } from './messages.js';

/** A way of a chart: in this state, at this event, if the guard holds, it leads to that state. */
export interface Way {
  /** The names of the state and of the states around it, outermost first: `failed.waiting`. */
  readonly source: string;
  readonly event: string;
  /** The guard in words; `otherwise` after other guards of the same event; empty: always. */
  readonly guard: string;
  readonly target: string;
  /** The id of its edge in the chart; undefined: it leads from any state. */
  readonly edge?: string;
}

/** The source of a way that each state has which has no way of its own for the event. */
export const ANY = 'any state';

/** All ways of a chart, state by state. Of those of the same state and event, the first whose guard holds is taken. */
export function waysOf(chart: Chart): Way[] {
  const ways = chart.edges.flatMap(({ id, source, target, conditions, places = [] }) =>
    conditions.map((condition, index): Placed => {
      const [event = '', ...guard] = condition.split(', if ');
      const way = {
        source: pathOf(source),
        event,
        guard: guard.join(', if '),
        target: pathOf(target),
        edge: id,
      };
      return { ...way, place: places[index] ?? index };
    }),
  );
  const root = chart.fromAnywhere.map(
    ({ event, target, guard = '' }, place): Placed => ({
      ...{ source: ANY, event, guard, target: pathOf(target) },
      place,
    }),
  );
  const alternatives = new Map<string, Placed[]>();
  for (const way of [...ways, ...root]) {
    const key = JSON.stringify([way.source, way.event]);
    const known = alternatives.get(key);
    if (known === undefined) alternatives.set(key, [way]);
    else known.push(way);
  }
  return [...alternatives.values()].flatMap(inOrder);
}

/** Without the name of the machine. */
export function pathOf(id: string): string {
  return id.slice(id.indexOf('.') + 1);
}

interface Placed extends Way {
  readonly place: number;
}

/** In the order in which they are tried: what has no guard is last. */
function inOrder(ways: readonly Placed[]): Way[] {
  const isOne = ways.length === 1;
  return [...ways]
    .sort((a, b) => Number(a.guard === '') - Number(b.guard === '') || a.place - b.place)
    .map(({ place: _place, ...way }) => (way.guard === '' && !isOne ? { ...way, guard: 'otherwise' } : way));
}
