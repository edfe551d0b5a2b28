import { describe, expect, it } from 'vitest';
import { Device } from '../../../src/cli/device.js';
import { ShiftableClock } from '../../../src/cli/shiftable-clock.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';

function clocks() {
  const base = new VirtualClock();
  const clock = new ShiftableClock(base);
  const fired: string[] = [];
  const at = (name: string, ms: number) => clock.setTimeout(() => fired.push(name), ms);
  return { base, clock, fired, at };
}

describe('a clock that can be put forward', () => {
  it('runs like the one under it', async () => {
    const { base, clock, fired, at } = clocks();
    at('a', 1_000);
    await base.advance(999);
    expect(fired).toEqual([]);
    await base.advance(1);
    expect(fired).toEqual(['a']);
    expect(clock.now()).toBe(base.now());
  });

  it('jumps with both of its times', () => {
    const { base, clock } = clocks();
    const [now, monotonic] = [clock.now(), clock.monotonic()];
    clock.shift(3_600_000);
    expect([clock.now() - now, clock.monotonic() - monotonic]).toEqual([3_600_000, 3_600_000]);
    expect(base.monotonic()).toBe(0);
  });

  it('fires what falls due on the way at once and in order, and the rest so much sooner', async () => {
    const { base, clock, fired, at } = clocks();
    at('late', 90_000);
    at('second', 50_000);
    at('first', 10_000);
    clock.shift(60_000);
    await base.advance(0);
    expect(fired).toEqual(['first', 'second']);
    await base.advance(29_999);
    expect(fired).toEqual(['first', 'second']);
    await base.advance(1);
    expect(fired).toEqual(['first', 'second', 'late']);
    expect(base.pending).toBe(0);
  });

  it('forgets a timer that is cleared, before a jump and after it', async () => {
    const { base, clock, fired, at } = clocks();
    clock.clearTimeout(at('a', 1_000));
    const b = at('b', 100_000);
    clock.shift(60_000);
    clock.clearTimeout(b);
    clock.clearTimeout(b);
    await base.advance(200_000);
    expect(fired).toEqual([]);
    expect(base.pending).toBe(0);
  });

  it('never fires a timer of endless delay, however far it is put', async () => {
    const { base, clock, fired, at } = clocks();
    at('never', Number.POSITIVE_INFINITY);
    clock.shift(Number.MAX_SAFE_INTEGER / 2);
    await base.advance(1_000);
    expect(fired).toEqual([]);
  });

  it('runs sixty times as fast when told to, and again as the one under it', async () => {
    const { base, clock, fired, at } = clocks();
    at('a minute', 60_000);
    clock.rate = 60;
    await base.advance(900);
    expect(fired).toEqual([]);
    await base.advance(104);
    expect(fired).toEqual(['a minute']);
    expect(clock.monotonic()).toBe(60_004);
    clock.rate = 1;
    await base.advance(1_000);
    expect(clock.monotonic()).toBe(61_004);
    expect(base.pending).toBe(0);
  });
});

describe('a device that sleeps', () => {
  it('misses the time: its monotonic clock and its timers wait, the wall clock does not', async () => {
    const { base, clock } = clocks();
    const device = new Device(clock);
    const fired: string[] = [];
    device.clock.setTimeout(() => fired.push('in a minute'), 60_000);
    await base.advance(10_000);
    const wall = device.clock.now();
    device.sleep(2 * 3_600_000);
    expect([device.clock.monotonic(), device.clock.now() - wall]).toEqual([10_000, 7_200_000]);
    await base.advance(49_999);
    expect(fired).toEqual([]);
    await base.advance(1);
    expect(fired).toEqual(['in a minute']);
  });

  it('says when it is awake again, until nobody listens', () => {
    const device = new Device(clocks().clock);
    const heard: string[] = [];
    const stop = device.environment.watch((what) => heard.push(what));
    device.sleep(1_000);
    stop();
    device.sleep(1_000);
    expect(heard).toEqual(['awake']);
  });

  it('goes along with the world where that is put forward, and forgets what is cleared', async () => {
    const { base, clock } = clocks();
    const device = new Device(clock);
    const fired: string[] = [];
    device.clock.clearTimeout(device.clock.setTimeout(() => fired.push('cleared'), 10));
    device.clock.setTimeout(() => fired.push('due'), 1_000);
    clock.shift(1_000);
    await base.advance(0);
    expect(fired).toEqual(['due']);
    expect(base.pending).toBe(0);
  });
});
