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

describe('a shiftable clock', () => {
  it('the clock runs like its base clock', async () => {
    const { base, clock, fired, at } = clocks();
    at('a', 1_000);
    await base.advance(999);
    expect(fired).toEqual([]);
    await base.advance(1);
    expect(fired).toEqual(['a']);
    expect(clock.now()).toBe(base.now());
  });

  it('both times of the clock jump together', () => {
    const { base, clock } = clocks();
    const [now, monotonic] = [clock.now(), clock.monotonic()];
    clock.shift(3_600_000);
    expect([clock.now() - now, clock.monotonic() - monotonic]).toEqual([3_600_000, 3_600_000]);
    expect(base.monotonic()).toBe(0);
  });

  it('timers that fall due in a jump fire at once and in order, and later ones fire sooner', async () => {
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

  it('a cleared timer does not fire, before a jump and after it', async () => {
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

  it('a timer with an infinite delay never fires', async () => {
    const { base, clock, fired, at } = clocks();
    at('never', Number.POSITIVE_INFINITY);
    clock.shift(Number.MAX_SAFE_INTEGER / 2);
    await base.advance(1_000);
    expect(fired).toEqual([]);
  });

  it('the clock can run sixty times faster, and then like its base clock again', async () => {
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
  it('the monotonic clock and the timers stop during sleep, the wall clock does not', async () => {
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

  it('the device reports the wake-up to its listeners', () => {
    const device = new Device(clocks().clock);
    const heard: string[] = [];
    const stop = device.environment.watch((what) => heard.push(what));
    device.sleep(1_000);
    stop();
    device.sleep(1_000);
    expect(heard).toEqual(['awake']);
  });

  it('the device follows a jump of the base clock, and cleared timers do not fire', async () => {
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
