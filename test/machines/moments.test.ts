import { describe, expect, it } from 'vitest';
import {
  type AuthContext,
  answerAt,
  type CurrentToken,
  endAt,
  justCame,
  renewalAt,
} from '../../machines/auth-context.js';

/** Clocks begin anywhere: in most tests at 0, where a sum and a difference are equal. */
const RECEIVED = 1_000_000;

const holding = (lifeMs: number, more: Partial<CurrentToken> = {}, context: Partial<AuthContext> = {}) =>
  ({
    current: { receivedAt: RECEIVED, expiresAt: RECEIVED + lifeMs, renewAt: RECEIVED + 1, ...more },
    ...{ renewable: true, retryAt: 0, askedAt: null, notBefore: 0, ...context },
  }) as AuthContext;

describe('the moments of a token', () => {
  it.each([
    ['5 s for a long token', 3_600_000, 5_000],
    ['5 s for a token of ten seconds', 10_000, 5_000],
    ['half the life of a short token', 8_000, 4_000],
    ['2 s for a token of four seconds', 4_000, 2_000],
    ['2 s for a token of a second', 1_000, 2_000],
    ['5 s without a known expiry', Number.POSITIVE_INFINITY, 5_000],
  ])('a token just came for %s', (_what, lifeMs, ms) => {
    expect(justCame(holding(lifeMs), RECEIVED + ms - 1)).toBe(true);
    expect(justCame(holding(lifeMs), RECEIVED + ms)).toBe(false);
  });

  it.each([
    ['10 s before the expiry of a long token', 3_600_000, 10_000],
    ['10 s before the expiry of a token of 100 s', 100_000, 10_000],
    ['a tenth of its life before the expiry of a short token', 50_000, 5_000],
  ])('a token is reported as about to expire %s, once', (_what, lifeMs, ms) => {
    expect(endAt(holding(lifeMs))).toBe(RECEIVED + lifeMs - ms);
    expect(endAt(holding(lifeMs, { isExpiring: true }))).toBe(RECEIVED + lifeMs);
  });

  it.each([
    ['at its moment', {}, RECEIVED + 1],
    ['not before the next try', { retryAt: RECEIVED + 9 }, RECEIVED + 9],
    ['never without a source', { renewable: false }, Number.POSITIVE_INFINITY],
    ['never without a token', { current: null }, Number.POSITIVE_INFINITY],
  ])('a renewal is due %s', (_what, context, at) => {
    expect(renewalAt(holding(3_600_000, {}, context))).toBe(at);
  });

  it.each([
    ['at once', {}, 0],
    ['5 s after the last answer', { askedAt: RECEIVED }, RECEIVED + 5_000],
    ['not before the source wants to be asked', { askedAt: RECEIVED, notBefore: 2e6 }, 2e6],
  ])('a server that asks is answered %s', (_what, context, at) => {
    expect(answerAt(holding(3_600_000, {}, context))).toBe(at);
  });
});
