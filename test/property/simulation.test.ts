import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { clientWeek, PROFILES } from '../../bench/simulate/clients.js';
import { clientsText } from '../../bench/simulate/clients-text.js';
import { herd } from '../../bench/simulate/herd.js';
import { week } from '../../bench/simulate/week.js';

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
      expect(report.callsPerTtl).toBeLessThanOrEqual(1.35);
      expect(report.failuresPer10sOfOutage).toBeLessThanOrEqual(1);
    },
  );
});

describe('npm run simulate', () => {
  // In a process of its own: here the setup of the tests has loaded the late parts already.
  it('one seed gives the same report twice', async () => {
    const flags = ['--import', 'tsx', '--conditions=latchkey-source', 'bench/simulate/main.ts'];
    const given = ['week', '--seeds', '1', '--hours', '4'];
    const cwd = fileURLToPath(new URL('../..', import.meta.url));
    const run = async () =>
      (await promisify(execFile)(process.execPath, [...flags, ...given], { cwd })).stdout;
    const first = await run();
    expect(first).toContain('ablyJs, a cache');
    expect(await run()).toBe(first);
  }, 120_000);
});

describe('half a day with failures, wrong clocks, caches, connections and other users', () => {
  it.each(PROFILES)(
    '$name: no dead token, and none of another user',
    async (profile) => {
      const report = await clientWeek(profile, 5, 12 * 3_600_000);
      expect(report.misses, clientsText([report])).toEqual([]);
      expect(report.asked).toBeGreaterThan(200);
      if (profile.connection !== 'none') expect(report.transports).toBeGreaterThan(2);
    },
    60_000,
  );
});

describe('a million clients whose tokens were issued in the same second', () => {
  it('the clients spread their calls by themselves, and an outage of ten minutes leaves none without a token', () => {
    const { hours, cost, outage } = herd('default', { outageMinutes: 10 });
    for (const hour of hours.slice(0, 2)) expect(hour.ratio).toBeLessThanOrEqual(1.1);
    expect(cost).toBeLessThanOrEqual(1.26);
    expect(outage?.without).toBe(0);
    expect(outage?.inVain).toBeLessThanOrEqual(1.2);
    expect(outage?.inVainPeak).toBeLessThanOrEqual(1.6);
    expect(outage?.peak).toBeLessThanOrEqual(2.4);
    expect(outage?.laterPeak).toBeLessThanOrEqual(1.75);
  });
});
