import { describe, expect, it } from 'vitest';
import {
  type Mode as AblyMode,
  firstMode as firstAbly,
  type Happening,
} from '../../src/connection/ably-js/modes.js';
import { reduce as reduceAbly } from '../../src/connection/ably-js/table.js';
import type { Mode, Report } from '../../src/connection/link/link-modes.js';
import { firstMode, reduce } from '../../src/connection/link/link-table.js';
import { Secret } from '../../src/token/secret.js';

const token = (name: string) => new Secret({ token: name }, 'token');

/** The effects of these reports on a connected link that has the token `old`. */
function effectsOf(reports: readonly Report[]): unknown[] {
  let mode: Mode = firstMode(undefined, 'connected');
  const accepted = { token: token('old'), asked: undefined };
  const all: unknown[] = [];
  for (const report of [{ type: 'push.accepted', presented: accepted } as const, ...reports]) {
    const [next, effects] = reduce(mode, report);
    mode = next;
    all.push(...effects);
  }
  return all;
}

const presented = { token: token('new'), asked: undefined };
const isPresented: Report = { type: 'token.presented', presented, isToOpen: false, state: 'connected' };
const isLost: Report = { type: 'token.lost', state: 'connected' };
const isAway: Report = { type: 'connection.changed', state: 'disconnected' };

describe('an upgrade that is given up after the token before it expired', () => {
  it.each<[string, Report]>([
    ['withdrawn', { type: 'token.withdrawn', presented, reason: 'late' }],
    ['rejected', { type: 'push.rejected', presented, reason: 'no' }],
  ])('%s: a connection that is away is told that it has no token', (_how, end) => {
    const told = { type: 'use next', token: null };
    expect(effectsOf([isPresented, isLost, isAway, end])).toContainEqual(told);
    expect(effectsOf([isPresented, isAway, isLost, end])).toContainEqual(told);
    // It is told when it goes away.
    expect(effectsOf([isPresented, isLost, end])).not.toContainEqual(told);
    expect(effectsOf([isPresented, isLost, end, isAway])).toContainEqual(told);
    // The token before is good.
    expect(effectsOf([isPresented, isAway, end])).not.toContainEqual(told);
  });
});

describe('ablyJs, told during a push that the token before is over', () => {
  it('it does not go back to that token', () => {
    const old = { token: 'old' };
    let mode: AblyMode = firstAbly(10_000);
    let last: readonly (readonly [string, unknown])[] = [];
    const take = (happening: Happening, state: 'connected' | 'connecting') => {
      const sight = { now: 0, state, errorReason: null, clientId: null };
      [mode, last] = reduceAbly(mode, { ...happening, ...sight });
    };
    take({ type: 'auth.attached', listener: () => {} }, 'connecting');
    take({ type: 'token.pushed', token: old, isReplacement: false }, 'connecting');
    take({ type: 'sdk.connected', previous: 'connecting' }, 'connected');
    expect(mode.accepted).toBe(old);
    take({ type: 'token.pushed', token: { token: 'new' }, isReplacement: false }, 'connected');
    take({ type: 'sdk.disconnected', previous: 'connected' }, 'connecting');
    take({ type: 'token.next', token: null }, 'connecting');
    take({ type: 'wait.aborted' }, 'connecting');
    expect(last.map(([what]) => what)).toContain('unseat');
    expect(last).not.toContainEqual(['give', old]);
    expect([mode.current, mode.accepted]).toEqual([null, null]);
  });
});
