import { describe, expect, it } from 'vitest';
import { herd } from '../../bench/simulate/herd.js';
import { week } from '../../bench/simulate/week.js';
import { defaultRenewal } from '../../machines/policy.js';

/** The longest wait between tries for the ten-minute tokens of the week, ms. */
const CAP = 30_000;

describe('a week with many failures', () => {
  it.each([1, 2])(
    'no promise stays pending and no replaceable token stays unreplaced, seed %i',
    async (seed) => {
      const report = await week(seed);
      expect(report).toMatchObject({ unsettled: 0, missed: 0 });
      expect(report.afterOutage.longest).toBeLessThanOrEqual(CAP);
      expect(report.afterOutage.median).toBeLessThan(10_000);
      expect(report.afterToldSleep.longest).toBeLessThanOrEqual(120);
      expect(report.afterUntoldSleep.longest).toBeLessThanOrEqual(5_000 + 120);
      expect(report.callsPerTtl).toBeLessThanOrEqual(1.2);
      expect(report.failuresPer10sOfOutage).toBeLessThanOrEqual(1);
    },
  );
});

describe('a million clients whose tokens were issued in the same second', () => {
  it('the clients spread their calls by themselves, also through an outage', () => {
    const { hours, cost, afterOutage } = herd('default', defaultRenewal, true, true);
    expect(hours[1]?.ratio).toBeLessThanOrEqual(1.2);
    expect(cost).toBeLessThanOrEqual(1.15);
    expect(afterOutage?.ratio).toBeLessThanOrEqual(3);
    expect(hours.slice(4).every(({ ratio }) => ratio <= 2)).toBe(true);
  });
});
