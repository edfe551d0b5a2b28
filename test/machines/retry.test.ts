import { describe, expect, it } from 'vitest';
import { defaultRenewal, type RenewalPolicy } from '../../machines/policy.js';
import { isFinal, retryCapMs, retryDelayMs, type Setback } from '../../machines/retry.js';
import { ErrorInfo } from '../../src/errors/error-info.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const delay = (setback: Partial<Setback>, chance: number, policy: RenewalPolicy = defaultRenewal) =>
  retryDelayMs(
    { attempts: 1, remainingMs: 0, lifetimeMs: 10 * MINUTE, retryAfterMs: undefined, ...setback },
    policy,
    chance,
  );
const capped = (base: number, cap: number): RenewalPolicy => ({
  ...defaultRenewal,
  retry: { baseMs: base, capMs: cap },
});

describe('retryDelayMs', () => {
  it('the first retry comes within a second, the second within four, later ones within the cap', () => {
    const longest = [1, 2, 3, 4, 60].map((attempts) => delay({ attempts }, 1));
    expect(longest).toEqual([1_000, 4_000, 30_000, 30_000, 30_000]);
    const shortest = [1, 2, 3, 4, 60].map((attempts) => delay({ attempts }, 0));
    expect(shortest).toEqual([500, 1_000, 7_500, 7_500, 7_500]);
  });

  it('the retries use the configured base and cap', () => {
    const policy = capped(200, 3_000);
    expect([1, 2, 3, 9].map((attempts) => delay({ attempts }, 1, policy))).toEqual([200, 800, 3_000, 3_000]);
    expect(delay({ attempts: 1 }, 0, policy)).toBe(100);
    expect(delay({ attempts: 2 }, 1, capped(1_000, 1_500))).toBe(1_500);
  });

  it('a retry is never earlier than the server asked for', () => {
    expect(delay({ attempts: 1, retryAfterMs: 90_000 }, 0)).toBe(90_000);
    expect(delay({ attempts: 5, remainingMs: 10_000, retryAfterMs: 90_000 }, 0)).toBe(90_000);
  });

  it('a source of unusable tokens is asked without quick tries, with twice the cap each time', () => {
    const waits = (chance: number, policy?: RenewalPolicy) =>
      [1, 2, 3, 4, 5, 6, 2_000].map((attempts) => delay({ attempts, isUnusable: true }, chance, policy));
    expect(waits(1)).toEqual([30_000, 60_000, 120_000, 240_000, 360_000, 360_000, 360_000]);
    expect(waits(0)).toEqual([7_500, 15_000, 30_000, 60_000, 90_000, 90_000, 90_000]);
    expect(new Set(waits(1, capped(200, 3_000)))).toEqual(new Set([3_000]));
    for (const lifetimeMs of [undefined, 1_000, HOUR, 24 * HOUR])
      expect(delay({ attempts: 2, isUnusable: true, lifetimeMs }, 1)).toBe(60_000);
    expect(delay({ attempts: 1, isUnusable: true, retryAfterMs: 90_000 }, 0)).toBe(90_000);
    expect(delay({ attempts: 1, isUnusable: false }, 1)).toBe(1_000);
  });

  it('a client whose token is valid for long retries near its end', () => {
    const setback = { attempts: 3, remainingMs: 200_000, lifetimeMs: 20 * MINUTE };
    expect(delay(setback, 0)).toBe(160_000);
    expect(delay(setback, 1)).toBeCloseTo(190_000, 5);
    expect(delay({ ...setback, remainingMs: 50_000 }, 1)).toBeCloseTo(47_500, 5);
    expect(delay({ ...setback, attempts: 4, remainingMs: 50_000 }, 1)).toBe(90_000);
    expect(delay({ ...setback, attempts: 2 }, 1)).toBe(4_000);
    expect(delay({ ...setback, remainingMs: Number.POSITIVE_INFINITY }, 1)).toBe(90_000);
  });

  it('a client with a long token does not retry quickly, until a moment is left', () => {
    for (const attempts of [1, 2, 3, 9]) {
      const setback = { attempts, remainingMs: 720_000, lifetimeMs: HOUR };
      expect(delay(setback, 0)).toBeCloseTo(504_000, 5);
      expect(delay(setback, 1)).toBeCloseTo(705_600, 5);
      expect(delay({ ...setback, remainingMs: 11_000 }, 0)).toBeCloseTo(7_700, 5);
    }
    const moment = { attempts: 1, remainingMs: 10_000, lifetimeMs: HOUR };
    expect(delay(moment, 1)).toBe(1_000);
    expect(delay({ ...moment, attempts: 3 }, 1)).toBe(330_000);
  });

  it.each([
    ['without a token', { remainingMs: 0, lifetimeMs: HOUR }],
    ['whose token is not due yet', { remainingMs: Number.POSITIVE_INFINITY, lifetimeMs: HOUR }],
    ['with a token of 25 minutes', { remainingMs: 200_000, lifetimeMs: 25 * MINUTE }],
  ])('a client %s retries quickly', (_what, setback) => {
    expect([1, 2].map((attempts) => delay({ attempts, ...setback }, 1))).toEqual([1_000, 4_000]);
  });

  it('a short cap of the application keeps the quick tries', () => {
    expect(delay({ remainingMs: 720_000, lifetimeMs: HOUR }, 1, capped(1_000, 60_000))).toBe(1_000);
  });

  it('one more try fits into the last moments of a token', () => {
    expect(delay({ attempts: 4, remainingMs: 10_000 }, 1)).toBe(8_000);
    expect(delay({ attempts: 4, remainingMs: 10_000 }, 0)).toBe(7_500);
    expect(delay({ attempts: 4, remainingMs: 1_000 }, 1)).toBe(800);
    expect(delay({ attempts: 4, remainingMs: 100 }, 1)).toBe(500);
    expect(delay({ attempts: 1, remainingMs: 1_000 }, 1)).toBe(800);
    expect(delay({ attempts: 2, remainingMs: 3_000 }, 1)).toBe(2_400);
    expect(delay({ attempts: 2, remainingMs: 20_000 }, 1)).toBe(4_000);
  });

  it('a retry comes before the expiry if more than a moment is left, for tokens of ten minutes', () => {
    for (let remainingMs = 1_000; remainingMs < 75_000; remainingMs += 500) {
      for (const chance of [0, 0.5, 0.999]) {
        expect(delay({ attempts: 4, remainingMs }, chance)).toBeLessThan(remainingMs);
      }
    }
  });
});

describe('retryCapMs', () => {
  it.each([
    [undefined, 30_000],
    [1_000, 4_000],
    [10_000, 10_000],
    [MINUTE, 30_000],
    [10 * MINUTE, 30_000],
    [20 * MINUTE, 90_000],
    [HOUR, 330_000],
    [24 * HOUR, 360_000],
  ])('the cap for a lifetime of %s ms is %i ms', (lifetimeMs, expected) => {
    expect(retryCapMs(lifetimeMs)).toBe(expected);
  });
});

describe('isFinal', () => {
  it.each([
    [40300, 403, true],
    [40170, 403, true],
    [40102, 401, true],
    [40106, 401, true],
    [40171, 401, true],
    [40170, 401, false],
    [40101, 401, false],
    [50000, 500, false],
    [42911, 429, false],
  ])('isFinal for %i with status %i: %s', (code, statusCode, expected) => {
    expect(isFinal(new ErrorInfo({ code, statusCode, message: 'x' }))).toBe(expected);
  });
});
