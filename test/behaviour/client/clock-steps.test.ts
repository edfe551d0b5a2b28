import { describe, expect, it, onTestFinished } from 'vitest';
import { seededChance } from '../../../src/chance.js';
import { Auth } from '../../../src/index.js';
import { Scenario, settle } from '../../../src/testing/index.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Clients of a source that fails. `at` has the monotonic moment of each try. */
async function outage(size = 1) {
  const device = new Scenario();
  const { clock } = device;
  const at: number[] = [];
  let isDown = true;
  const clients = Array.from({ length: size }, (_, index) => {
    const authCallback = async () => {
      at.push(clock.monotonic());
      if (isDown) throw new Error('503');
      return { token: `token-${at.length}`, issued: 0, expires: HOUR };
    };
    return new Auth({ ...device.options, random: seededChance(index), logLevel: 'none', authCallback });
  });
  onTestFinished(() => {
    for (const auth of clients) auth.dispose();
  });
  for (const auth of clients) auth.token$.subscribe();
  await settle();
  const comeUp = () => {
    isDown = false;
  };
  return { device, clock, at, clients, comeUp };
}

describe('a step of the clock while the next try waits', () => {
  it.each([
    ['3 s forward', [3 * SECOND]],
    ['5 min forward and back', [5 * MINUTE, -5 * MINUTE]],
    ['an hour forward', [HOUR]],
  ])('steps of %s, again and again, make no storm of tries', async (_what, steps) => {
    const { device, clock, at } = await outage();
    await clock.advance(10 * MINUTE);
    const before = at.length;
    for (let second = 0; second < HOUR / SECOND; second += 5) {
      device.skewBy(steps[(second / 5) % steps.length] ?? 0);
      await clock.advance(5 * SECOND);
    }
    const minutes = 60;
    expect(at.length - before).toBeGreaterThan(2);
    expect(at.length - before).toBeLessThan((minutes * MINUTE) / (7 * SECOND));
  });

  it.each([3 * SECOND, 2 * MINUTE])(
    'steps of %i ms each 5 s do not put off the next try, nor the token',
    async (ms) => {
      const { device, clock, at, clients, comeUp } = await outage();
      await clock.advance(10 * MINUTE);
      comeUp();
      const before = at.length;
      const planned = clients[0]?.state.next?.at ?? 0;
      while (at.length === before && clock.monotonic() < HOUR) {
        device.skewBy(ms);
        await clock.advance(5 * SECOND);
      }
      expect(planned).toBeGreaterThan(0);
      expect(clock.monotonic()).toBeLessThan(16 * MINUTE);
      expect(clients[0]?.state.value).toBe('authorized');
    },
  );

  it('steps do not put off the try without a network, which waits for a minute at most', async () => {
    const { device, clock, at } = await outage();
    device.goOffline();
    const before = at.length;
    for (let second = 0; second < 90; second += 5) {
      device.skewBy(3 * SECOND);
      await clock.advance(5 * SECOND);
    }
    expect(at.length).toBe(before + 1);
  });

  it('many clients do not try together when the clock of all jumps by an hour', async () => {
    const { device, clock, at } = await outage(60);
    await clock.advance(3 * MINUTE);
    at.length = 0;
    device.skewBy(HOUR);
    await clock.advance(20 * SECOND);
    const counts = new Map<number, number>();
    for (const moment of at) counts.set(Math.floor(moment), (counts.get(Math.floor(moment)) ?? 0) + 1);
    expect(at.length).toBeGreaterThanOrEqual(60);
    expect(Math.max(...counts.values())).toBeLessThan(5);
  });

  it('a wait that ends during a sleep is over', async () => {
    const { device, clock, at, clients, comeUp } = await outage();
    comeUp();
    await device.sleepFor(10 * MINUTE, false);
    await clock.advance(5 * SECOND);
    expect(at).toHaveLength(2);
    expect(clients[0]?.state.value).toBe('authorized');
  });
});
