import { describe, expect, it } from 'vitest';
import { firstMode, kinds } from '../../src/connection/ably-js/modes.js';
import { ablyJsTable, reduce, unreachable } from '../../src/connection/ably-js/table.js';
import { ErrorInfo } from '../../src/errors/error-info.js';
import { met } from '../kit/unreachable.js';
import { walk } from './ably-js-graph.js';

const pairs = Object.entries(ablyJsTable).flatMap(([type, row]) =>
  Object.entries(row).map(([kind, { name }]) => ({ pair: `${type} in ${kind}`, rule: name })),
);
const ofRule = (rule: string) => pairs.filter((one) => one.rule === rule).map(({ pair }) => pair);

// Stack traces would take most of the time.
const { stackTraceLimit } = Error;
Error.stackTraceLimit = 0;
const { moments, steps, pairs: came, outcomes, broken } = walk();
Error.stackTraceLimit = stackTraceLimit;

describe('the table of the adapter for the official SDK', () => {
  it('the table has a rule for each pair of a report and a mode', () => {
    expect(pairs).toHaveLength(kinds.length * Object.keys(ablyJsTable).length);
    expect(pairs.filter(({ rule }) => rule === '')).toEqual([]);
  });

  it('a model of the SDK reaches every pair that is not marked as unreachable', () => {
    const marked = ofRule(unreachable.name);
    console.log(
      `the table of ablyJs: ${moments} moments, ${steps} steps, ${pairs.length} pairs of a report and a mode, ` +
        `${marked.length} of them unreachable`,
    );
    expect([...came].sort()).toEqual(
      pairs
        .map(({ pair }) => pair)
        .filter((pair) => !marked.includes(pair))
        .sort(),
    );
  });

  it('each pair leads to the modes and effects that are written down', async () => {
    const lines = [...outcomes].map(([pair, all]) =>
      [pair, ...[...all].sort().map((one) => `  ${one}`)].join('\n'),
    );
    await expect(`${lines.sort().join('\n')}\n`).toMatchFileSnapshot('./ably-js-outcomes.txt');
  });

  it('a mode has a pending promise exactly if a push waits in it', () => {
    expect(broken.inHand).toEqual([]);
  });

  it('a token is reported as accepted with that token in its mode, and a mode never changes', () => {
    expect(broken.accepted).toEqual([]);
  });

  it.each([
    ['resolves', 'failing', 'accept'],
    ['rejects', 'opening', 'reject'],
  ])('%s the pending promise when an Auth detaches in the mode %s', (_word, kind, settled) => {
    const sight = { now: 0, state: 'connecting', errorReason: null, clientId: null } as const;
    const error = new ErrorInfo({ code: 40170, statusCode: 401, message: 'the source failed' });
    const [attached] = reduce(firstMode(10_000), { ...sight, type: 'auth.attached', listener: () => {} });
    const [before] =
      kind === 'failing'
        ? reduce(attached, { ...sight, type: 'token.denied', error, done: Promise.resolve() })
        : reduce(attached, { ...sight, type: 'token.pushed', token: { token: 'a' }, isReplacement: false });
    expect(before.kind).toBe(kind);
    const [after, effects] = reduce(before, { ...sight, type: 'auth.detached' });
    expect(after).toMatchObject({ kind: 'unserved', wasServed: true, listener: null });
    expect(effects.map(([name]) => name).filter((name) => name === 'accept' || name === 'reject')).toEqual([
      settled,
    ]);
  });

  it('a pair that is marked as unreachable and reached is counted', () => {
    const mode = firstMode(10_000);
    const report = {
      type: 'wait.overdue',
      now: 0,
      state: 'connected',
      errorReason: null,
      clientId: null,
    } as const;
    expect(reduce(mode, report)).toEqual([mode, []]);
    expect(met.splice(0)).toEqual(['wait.overdue in unserved']);
  });
});
