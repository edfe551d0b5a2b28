import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, setup } from 'xstate';
import { authMachine, connectionMachine } from '../../../machines/index.js';
import { chartOf } from '../../../src/studio/chart.js';
import { auth } from '../../../src/studio/drawings/auth.js';
import { connection } from '../../../src/studio/drawings/connection.js';
import { type Box, type Form, type Point, pointsOf } from '../../../src/studio/drawings/drawing.js';
import { labelOf } from '../../../src/studio/drawings/figure.js';
import { differences, drawingOf } from '../../../src/studio/drawings/fitting.js';
import type { Chart } from '../../../src/studio/messages.js';

const all = [
  { name: 'auth', drawing: auth, chart: chartOf(authMachine as unknown as AnyStateMachine), most: 6 },
  {
    name: 'connection',
    drawing: connection,
    chart: chartOf(connectionMachine as unknown as AnyStateMachine),
    most: 10,
  },
];

const forms = all.flatMap(({ name, drawing, most }) =>
  Object.entries(drawing.forms).map(([formName, form]) => ({ title: `${name}, ${formName}`, form, most })),
);

type Part = readonly [Point, Point];

const partsOf = (line: string): Part[] => {
  const points = pointsOf(line);
  return points.slice(1).map((point, index): Part => [points[index] ?? point, point]);
};

/** The smallest rectangle around a part of a line. */
const around = ([a, b]: Part) => ({
  left: Math.min(a.x, b.x),
  right: Math.max(a.x, b.x),
  top: Math.min(a.y, b.y),
  bottom: Math.max(a.y, b.y),
});

/** Whether two parts, each horizontal or vertical, have a point in common. */
const meet = (one: Part, other: Part): boolean => {
  const [a, b] = [around(one), around(other)];
  return a.left <= b.right && b.left <= a.right && a.top <= b.bottom && b.top <= a.bottom;
};

/** The pairs of ways whose lines cross or touch. */
const crossingsOf = ({ ways }: Form): string[] => {
  const lines = Object.entries(ways).map(([way, [line]]) => [way, partsOf(line)] as const);
  return lines.flatMap(([way, parts], index) =>
    lines
      .slice(index + 1)
      .filter(([, others]) => parts.some((part) => others.some((other) => meet(part, other))))
      .map(([other]) => `${way} × ${other}`),
  );
};

const isIn = ({ x, y }: Point, [left, top, width, height]: Box): boolean =>
  x >= left && x <= left + width && y >= top && y <= top + height;

const isOnEdge = (point: Point, box: Box): boolean => {
  const { x, y } = point;
  const [left, top, width, height] = box;
  return isIn(point, box) && (x === left || x === left + width || y === top || y === top + height);
};

const enters = (part: Part, [left, top, width, height]: Box): boolean => {
  const { left: from, right: to, top: high, bottom: low } = around(part);
  return from < left + width && to > left && high < top + height && low > top;
};

describe.each(all)('the drawing of $name', ({ drawing, chart }) => {
  it('the drawing has the states, the ways and the events of its machine', () => {
    expect(differences(chart, drawing)).toEqual([]);
    expect(drawingOf(chart)).toBe(drawing);
  });

  it.each([
    ['state', (made: Chart): Chart => ({ ...made, states: made.states.slice(1) })],
    [
      'way',
      (made: Chart): Chart => ({
        ...made,
        edges: made.edges.filter(({ target }) => !target.endsWith('ing')),
      }),
    ],
    [
      'event',
      (made: Chart): Chart => ({
        ...made,
        edges: made.edges.map((edge) => ({ ...edge, events: ['another.event'] })),
      }),
    ],
  ])('a chart with another %s is not shown by this drawing', (_what, change) => {
    expect(differences(change(chart), drawing)).not.toEqual([]);
    expect(drawingOf(change(chart))).toBeUndefined();
  });

  it('the labels of both forms are the same', () => {
    const labels = ({ ways }: Form) =>
      Object.fromEntries(Object.entries(ways).map(([way, drawn]) => [way, labelOf(drawn)]));
    expect(labels(drawing.forms.tall)).toEqual(labels(drawing.forms.wide));
  });
});

describe.each(forms)('$title', ({ title, form, most }) => {
  it('few lines cross', () => {
    const crossings = crossingsOf(form);
    console.log(`${title}: ${Object.keys(form.ways).length} ways, ${crossings.length} crossings`);
    expect(crossings.length).toBeLessThanOrEqual(most);
    expect(crossings).toEqual([]);
  });

  it('each line leads from the edge of its source to the edge of its target, past all other states', () => {
    for (const [way, [line]] of Object.entries(form.ways)) {
      const [source = '', target = ''] = way.split('→');
      const points = pointsOf(line);
      const [from, to] = [form.states[source], form.states[target]];
      expect([way, from !== undefined && isOnEdge(points[0] ?? { x: 0, y: 0 }, from)]).toEqual([way, true]);
      expect([way, to !== undefined && isOnEdge(points.at(-1) ?? { x: 0, y: 0 }, to)]).toEqual([way, true]);
      const entered = Object.entries(form.states).filter(([, box]) =>
        partsOf(line).some((part) => enters(part, box)),
      );
      expect([way, entered]).toEqual([way, []]);
      const corners = points.slice(1, -1);
      const touched = Object.values(form.states).filter((box) => corners.some((corner) => isIn(corner, box)));
      expect([way, touched]).toEqual([way, []]);
    }
  });

  it('every part is within the drawing', () => {
    for (const [x, y, width, height] of Object.values(form.states)) {
      expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(form.width);
      expect(y + height).toBeLessThanOrEqual(form.height);
    }
    for (const { x, y } of Object.values(form.ways).flatMap(([line]) => pointsOf(line))) {
      expect(x >= 0 && x <= form.width && y >= 0 && y <= form.height).toBe(true);
    }
  });
});

describe('drawingOf', () => {
  it('a machine with a known name and other states has no drawing', () => {
    const foreign = setup({}).createMachine({
      id: 'connection',
      initial: 'down',
      states: { down: { on: { dial: 'up' } }, up: { on: { hangUp: 'down' } } },
    });
    expect(drawingOf(chartOf(foreign))).toBeUndefined();
  });

  it.each(['toString', '__proto__', 'constructor'])('a machine named %s has no drawing', (name) => {
    expect(drawingOf({ name, states: [], edges: [], fromAnywhere: [] })).toBeUndefined();
  });
});
