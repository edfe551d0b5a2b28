import { describe, expect, it } from 'vitest';
import { planFor as checkedPlanFor } from '../../machines/index.js';
import { defaultRenewal, planFor, type RenewalPolicy } from '../../machines/policy.js';

const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;
const LEAD = 720_000;
const LATEST = 0.8 * HOUR;
const calm: RenewalPolicy = { ...defaultRenewal, jitter: 0, spread: 0 };

describe('planFor', () => {
  it.each([
    {
      what: 'half an hour: a share of it',
      lifetime: HOUR / 2,
      age: 0,
      renewIn: 0.4 * HOUR,
      diesIn: HOUR / 2,
    },
    {
      what: 'a day: the fixed lead',
      lifetime: 24 * HOUR,
      age: 0,
      renewIn: 24 * HOUR - LEAD,
      diesIn: 24 * HOUR,
    },
    { what: 'a minute: a share of it', lifetime: 60_000, age: 0, renewIn: 48_000, diesIn: 60_000 },
    { what: 'a second: a share of it', lifetime: 1_000, age: 0, renewIn: 800, diesIn: 1_000 },
    {
      what: 'five years: the fixed lead',
      lifetime: 5 * YEAR,
      age: 0,
      renewIn: 5 * YEAR - LEAD,
      diesIn: 5 * YEAR,
    },
    {
      what: 'an hour, half gone',
      lifetime: HOUR,
      age: HOUR / 2,
      renewIn: 0.3 * HOUR,
      diesIn: HOUR / 2,
    },
    { what: 'one past its lead', lifetime: HOUR, age: HOUR - 1_000, renewIn: 500, diesIn: 1_000 },
    { what: 'one long dead', lifetime: HOUR, age: 2 * HOUR, renewIn: 0, diesIn: 0 },
  ])('planFor plans $what', ({ lifetime, age, renewIn, diesIn }) => {
    expect(planFor(lifetime, age, calm, 0, 'in turn')).toEqual({ renewInMs: renewIn, diesInMs: diesIn });
  });

  it('the plan uses no timer if the lifetime is unknown', () => {
    const never = Number.POSITIVE_INFINITY;
    expect(planFor(undefined, 0, calm, 0, 'in turn')).toEqual({ renewInMs: never, diesInMs: never });
  });

  it.each(['server', 'nobody'] as const)(
    'the plan leaves renewal to the %s, and still has the expiry',
    (by) => {
      expect(planFor(HOUR, 0, { ...calm, by }, 0, 'in turn')).toEqual({
        renewInMs: Number.POSITIVE_INFINITY,
        diesInMs: HOUR,
      });
    },
  );

  it('an explicit lead may be short', () => {
    const short: RenewalPolicy = { ...calm, leadMs: 2_000 };
    expect(planFor(60_000, 0, short, 0, 'in turn').renewInMs).toBe(58_000);
  });

  it.each([
    [60_000, 48_000],
    [HOUR, 0.95 * HOUR],
  ])('a small share leaves room for two tries, for a lifetime of %i ms', (lifetime, renewIn) => {
    expect(planFor(lifetime, 0, { ...calm, share: 0.05 }, 0, 'in turn').renewInMs).toBe(renewIn);
  });

  it('the renewals of many clients are spread over a hundredth of the lifetime, each at a fixed point', () => {
    const at = (chance: number) => planFor(HOUR, 0, defaultRenewal, chance, 'in turn').renewInMs;
    expect(at(0)).toBe(LATEST);
    const moments = Array.from({ length: 1_000 }, (_, index) => at(0) - at(index / 1_000));
    expect(Math.max(...moments)).toBeGreaterThan((HOUR / 100) * 0.99);
    expect(Math.max(...moments)).toBeLessThanOrEqual(HOUR / 100);
    expect(Math.min(...moments)).toBe(0);
    expect(at(0.3)).toBe(at(0.3));
  });

  it('the plan uses times that a timer can hold: whole seconds from a minute on, whole milliseconds below', () => {
    for (let chance = 0; chance < 1; chance += 0.013) {
      expect(planFor(HOUR, 0, defaultRenewal, chance, 'in turn').renewInMs % 1_000).toBe(0);
      expect(planFor(50_000, 0, defaultRenewal, chance, 'first').renewInMs % 1).toBe(0);
    }
  });

  it('the renewals are spread widely when many clients may be in step: from the start, and a third as widely after a failure', () => {
    const at = (chance: number) => planFor(HOUR, 0, defaultRenewal, chance, 'first').renewInMs;
    expect(at(0)).toBe(LATEST);
    expect(at(0.5)).toBeCloseTo(0.51 * LATEST, -4);
    expect(at(0.999_999)).toBeCloseTo(0.02 * LATEST, -2);
    const moments = Array.from(
      { length: 1_000 },
      (_, index) => planFor(HOUR, 0, defaultRenewal, index / 1_000, 'after trouble').renewInMs,
    );
    expect(Math.max(...moments)).toBe(LATEST);
    expect(Math.min(...moments)).toBeCloseTo((1 - 0.98 / 3) * LATEST, -4);
    // Neighbours in the first spread are none after trouble.
    const neighbours = moments.slice(500, 700);
    expect(Math.max(...neighbours) - Math.min(...neighbours)).toBeGreaterThan(0.3 * LATEST);
  });

  it.each([
    { age: HOUR / 2, left: LATEST - HOUR / 2 },
    { age: HOUR - 60_000, left: 0.49 * 60_000 },
  ])(
    'the renewals of clients with a literal token of age $age are spread over the remaining lifetime',
    ({ age, left }) => {
      const at = (chance: number) => planFor(HOUR, age, defaultRenewal, chance, 'first').renewInMs;
      const moments = Array.from({ length: 100 }, (_, index) => at(index / 100));
      expect(Math.abs(Math.max(...moments) - left)).toBeLessThan(1_000);
      expect(Math.min(...moments)).toBeLessThan(0.05 * left);
      // No tenth of that time has twice its share of them.
      const tenths = Array.from(
        { length: 10 },
        (_, tenth) => moments.filter((moment) => Math.floor((moment / left) * 9.999) === tenth).length,
      );
      expect(Math.max(...tenths)).toBeLessThan(20);
    },
  );

  it('a renewal is never planned in the first half of a later token’s lifetime', () => {
    const greedy: RenewalPolicy = { ...defaultRenewal, leadMs: YEAR, share: 0.9, jitter: 0.9 };
    expect(planFor(HOUR, 0, greedy, 0.999, 'in turn').renewInMs).toBe(HOUR / 2);
  });

  it('a renewal is never planned after the expiry or before now', () => {
    for (const chance of [0, 0.5, 0.999]) {
      for (const age of [0, 1_000, HOUR, 2 * HOUR]) {
        const { renewInMs, diesInMs } = planFor(HOUR, age, defaultRenewal, chance, 'first');
        expect(renewInMs).toBeGreaterThanOrEqual(0);
        expect(renewInMs).toBeLessThanOrEqual(diesInMs);
      }
    }
  });

  it.each([planFor, checkedPlanFor])(
    'a token with an age below zero lives longer than its lifetime',
    (plan) => {
      const minute = HOUR / 60;
      const life = 40 * minute;
      expect(plan(life, -20 * minute, calm, 0, 'in turn').diesInMs).toBe(HOUR);
      expect(plan(life, 2 * life, calm, 0, 'in turn')).toEqual({ renewInMs: 0, diesInMs: 0 });
    },
  );
});
