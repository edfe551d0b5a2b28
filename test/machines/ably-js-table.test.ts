import { describe, expect, it } from 'vitest';
import { kinds, type ReportType } from '../../src/connection/ably-js/mode.js';
import { never, table } from '../../src/connection/ably-js/table.js';
import { pairOf, walk } from './ably-js-graph.js';

const types = Object.keys(table) as ReportType[];
const pairs = types.flatMap((type) =>
  kinds.map((kind, column) => ({ pair: pairOf(kind, type), move: table[type][column as 0] as unknown })),
);

describe('the table of the adapter for the official SDK', () => {
  it('has a move for each pair of a mode and a report', () => {
    expect(pairs).toHaveLength(kinds.length * types.length);
    expect(pairs.filter(({ move }) => typeof move !== 'function')).toEqual([]);
  });

  it('is walked through, with a model of the SDK: each pair comes that can, and none that cannot', () => {
    const { moments, steps, pairs: came, broken } = walk();
    console.log(`ably-js: ${moments} moments, ${steps} steps, ${came.size} of ${pairs.length} pairs come`);
    const marked = pairs.filter(({ move }) => move === never).map(({ pair }) => pair);
    expect(marked.filter((pair) => came.has(pair))).toEqual([]);
    expect(pairs.map(({ pair }) => pair).filter((pair) => !came.has(pair))).toEqual(marked);
    expect(broken).toEqual([]);
  }, 120_000);
});
