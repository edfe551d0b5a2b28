import { describe, expect, it } from 'vitest';
import { defaultRenewal, isFinal, planFor, type RenewalPolicy, retryDelayMs } from '../../machines/policy.js';
import { ErrorInfo } from '../../src/errors.js';

const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;
const calm: RenewalPolicy = { ...defaultRenewal, jitter: 0, spread: 0 };

describe('planFor', () => {
  it.each([
    { what: 'an hour: the fixed lead', lifetime: HOUR, age: 0, renewIn: HOUR - 60_000, diesIn: HOUR },
    { what: 'a minute: a share of it', lifetime: 60_000, age: 0, renewIn: 48_000, diesIn: 60_000 },
    { what: 'a second: a share of it', lifetime: 1_000, age: 0, renewIn: 800, diesIn: 1_000 },
    {
      what: 'five years: the fixed lead',
      lifetime: 5 * YEAR,
      age: 0,
      renewIn: 5 * YEAR - 60_000,
      diesIn: 5 * YEAR,
    },
    {
      what: 'an hour, half gone',
      lifetime: HOUR,
      age: HOUR / 2,
      renewIn: HOUR / 2 - 60_000,
      diesIn: HOUR / 2,
    },
    { what: 'one past its lead', lifetime: HOUR, age: HOUR - 1_000, renewIn: 0, diesIn: 1_000 },
    { what: 'one long dead', lifetime: HOUR, age: 2 * HOUR, renewIn: 0, diesIn: 0 },
  ])('plans $what', ({ lifetime, age, renewIn, diesIn }) => {
    expect(planFor(lifetime, age, calm, 0, 'in turn')).toEqual({ renewInMs: renewIn, diesInMs: diesIn });
  });

  it('never acts by the clock where no lifetime is known', () => {
    const never = Number.POSITIVE_INFINITY;
    expect(planFor(undefined, 0, calm, 0, 'in turn')).toEqual({ renewInMs: never, diesInMs: never });
  });

  it.each(['server', 'nobody'] as const)(
    'leaves renewal to the %s, and still knows when the token dies',
    (by) => {
      expect(planFor(HOUR, 0, { ...calm, by }, 0, 'in turn')).toEqual({
        renewInMs: Number.POSITIVE_INFINITY,
        diesInMs: HOUR,
      });
    },
  );

  it('spreads the renewals of many clients by a fiftieth of the lifetime, each always at the same moment', () => {
    const at = (chance: number) => planFor(HOUR, 0, defaultRenewal, chance, 'in turn').renewInMs;
    expect(at(0)).toBe(HOUR - 60_000);
    const moments = Array.from({ length: 1_000 }, (_, index) => at(0) - at(index / 1_000));
    expect(Math.max(...moments)).toBeGreaterThan((HOUR / 50) * 0.99);
    expect(Math.max(...moments)).toBeLessThanOrEqual(HOUR / 50);
    expect(Math.min(...moments)).toBe(0);
    expect(at(0.3)).toBe(at(0.3));
  });

  it('spreads them wide where many may be in step: from the beginning on, and half as wide after trouble', () => {
    const at = (chance: number) => planFor(HOUR, 0, defaultRenewal, chance, 'first').renewInMs;
    expect(at(0)).toBe(HOUR - 60_000);
    expect(at(0.5)).toBeCloseTo(0.51 * (HOUR - 60_000), 0);
    expect(at(0.999_999)).toBeCloseTo(0.02 * (HOUR - 60_000), -2);
    expect(planFor(HOUR, 0, defaultRenewal, 0.999_999, 'after trouble').renewInMs).toBeCloseTo(
      0.51 * (HOUR - 60_000),
      -2,
    );
  });

  it('never renews in the first half of a settled token’s life', () => {
    const greedy: RenewalPolicy = { ...defaultRenewal, leadMs: YEAR, share: 0.9, jitter: 0.9 };
    expect(planFor(HOUR, 0, greedy, 0.999, 'in turn').renewInMs).toBe(HOUR / 2);
  });

  it('never plans a renewal for after death, or for before now', () => {
    for (const chance of [0, 0.5, 0.999]) {
      for (const age of [0, 1_000, HOUR, 2 * HOUR]) {
        const { renewInMs, diesInMs } = planFor(HOUR, age, defaultRenewal, chance, 'first');
        expect(renewInMs).toBeGreaterThanOrEqual(0);
        expect(renewInMs).toBeLessThanOrEqual(diesInMs);
      }
    }
  });
});

describe('retryDelayMs', () => {
  it('doubles its ceiling at each failure, up to the cap', () => {
    const ceilings = [1, 2, 3, 4, 5, 6, 60].map((attempts) => retryDelayMs(attempts, calm, 1, undefined));
    expect(ceilings).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('is never shorter than half the base, whatever chance says', () => {
    expect(retryDelayMs(9, calm, 0, undefined)).toBe(500);
  });

  it('is never shorter than the server asked for', () => {
    expect(retryDelayMs(1, calm, 0, 90_000)).toBe(90_000);
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
  ])('is, for %i with status %i: %s', (code, statusCode, expected) => {
    expect(isFinal(new ErrorInfo({ code, statusCode, message: 'x' }))).toBe(expected);
  });
});
