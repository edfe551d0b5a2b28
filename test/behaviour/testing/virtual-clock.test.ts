import { describe, expect, it, vi } from 'vitest';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';

describe('a virtual clock', () => {
  it('the clock starts at the chosen time and stands still', async () => {
    const clock = new VirtualClock(1_000);
    await settle();
    expect([clock.now(), clock.monotonic()]).toEqual([1_000, 0]);
  });

  it('each timer fires at its own time, timers of one time in the order they were set', async () => {
    const clock = new VirtualClock(0);
    const fired: [string, number][] = [];
    const set = (name: string, ms: number) =>
      clock.setTimeout(() => fired.push([name, clock.monotonic()]), ms);
    set('late', 30);
    set('early', 10);
    set('also late', 30);
    await clock.advance(29);
    expect(fired).toEqual([['early', 10]]);
    await clock.advance(1);
    expect(fired.slice(1)).toEqual([
      ['late', 30],
      ['also late', 30],
    ]);
    expect(clock.now()).toBe(30);
  });

  it('timers that a timer sets fire too, and promises settle in between', async () => {
    const clock = new VirtualClock();
    const fired: number[] = [];
    clock.setTimeout(async () => {
      await Promise.resolve();
      clock.setTimeout(() => fired.push(clock.monotonic()), 5);
    }, 10);
    await clock.advance(20);
    expect(fired).toEqual([15]);
  });

  it('a cleared timer never fires, nor does one with an infinite delay', async () => {
    const clock = new VirtualClock();
    const fn = vi.fn();
    clock.clearTimeout(clock.setTimeout(fn, 10));
    clock.setTimeout(fn, Number.POSITIVE_INFINITY);
    expect([clock.pending, clock.nextIn]).toEqual([0, Number.POSITIVE_INFINITY]);
    await clock.advance(1e12);
    expect(fn).not.toHaveBeenCalled();
  });

  it('the clock reports the number of timers and the time of the next one', async () => {
    const clock = new VirtualClock();
    clock.setTimeout(() => {}, 50);
    clock.setTimeout(() => {}, 20);
    await clock.advance(5);
    expect([clock.pending, clock.nextIn]).toEqual([2, 15]);
    await clock.advance(15);
    expect([clock.pending, clock.nextIn]).toEqual([1, 30]);
  });

  it.each([-5, Number.NaN])('a delay of %s counts as none', async (ms) => {
    const clock = new VirtualClock();
    const fn = vi.fn();
    clock.setTimeout(fn, ms);
    expect(fn).not.toHaveBeenCalled();
    await clock.advance(0);
    expect(fn).toHaveBeenCalledOnce();
  });

  it('only the wall clock moves when it is set, or during sleep', async () => {
    const clock = new VirtualClock(1_000);
    const fn = vi.fn();
    clock.setTimeout(fn, 10);
    clock.skew(-500);
    clock.sleep(60_000);
    await settle();
    expect([clock.now(), clock.monotonic()]).toEqual([60_500, 0]);
    expect(fn).not.toHaveBeenCalled();
    await clock.advance(10);
    expect(fn).toHaveBeenCalledOnce();
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('the clock refuses to advance by %s', async (ms) => {
    const clock = new VirtualClock();
    await clock.advance(10);
    await expect(clock.advance(ms)).rejects.toMatchObject({ code: 40003 });
    expect(clock.monotonic()).toBe(10);
  });

  it('the clock never goes back, even if two callers advance it at once', async () => {
    const clock = new VirtualClock();
    let lowest = 0;
    const watch = () => {
      expect(clock.monotonic()).toBeGreaterThanOrEqual(lowest);
      lowest = clock.monotonic();
      if (lowest < 40) clock.setTimeout(watch, 1);
    };
    clock.setTimeout(watch, 1);
    await Promise.all([clock.advance(5), clock.advance(50)]);
    expect(clock.monotonic()).toBe(50);
    await Promise.all([clock.advance(50), clock.advance(5)]);
    expect(clock.monotonic()).toBe(100);
  });
});
