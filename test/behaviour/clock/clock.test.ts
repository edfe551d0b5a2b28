import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MAX_TIMER_MS, systemClock } from '../../../src/clock.js';

const DAY_MS = 86_400_000;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  // The order matters: some are spies on the virtual timers.
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('the system clock', () => {
  it('the clock returns the wall time and a monotonic time', () => {
    vi.setSystemTime(1_764_000_000_000);
    expect(systemClock.now()).toBe(1_764_000_000_000);
    const before = systemClock.monotonic();
    vi.advanceTimersByTime(250);
    expect(systemClock.monotonic() - before).toBe(250);
  });

  it('the clock calls a function once, when its time is up', () => {
    const fn = vi.fn();
    systemClock.setTimeout(fn, 100);
    vi.advanceTimersByTime(99);
    expect(fn).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(fn).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(1_000);
    expect(fn).toHaveBeenCalledOnce();
  });

  it('the clock waits longer than a platform timer can, in parts that the platform accepts', () => {
    const platform = vi.spyOn(globalThis, 'setTimeout');
    const fn = vi.fn();
    systemClock.setTimeout(fn, 60 * DAY_MS);
    vi.advanceTimersByTime(60 * DAY_MS - 1);
    expect(fn).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(fn).toHaveBeenCalledOnce();
    const waits = platform.mock.calls.map(([, ms]) => ms);
    platform.mockRestore();
    expect(waits.length).toBeGreaterThan(1);
    for (const ms of waits) expect(ms).toBeLessThanOrEqual(MAX_TIMER_MS);
  });

  it('a timer can be cancelled, also in the second part of a long wait', () => {
    const fn = vi.fn();
    const timer = systemClock.setTimeout(fn, 60 * DAY_MS);
    vi.advanceTimersByTime(30 * DAY_MS);
    systemClock.clearTimeout(timer);
    vi.advanceTimersByTime(60 * DAY_MS);
    expect(fn).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('the clock starts no timer for an infinite delay', () => {
    systemClock.clearTimeout(systemClock.setTimeout(() => {}, Number.POSITIVE_INFINITY));
    systemClock.setTimeout(() => {}, Number.POSITIVE_INFINITY);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([-5, Number.NaN, 0])('the clock calls in the next turn for a delay of %s', (ms) => {
    const fn = vi.fn();
    systemClock.setTimeout(fn, ms);
    expect(fn).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(fn).toHaveBeenCalledOnce();
  });

  it('the clock ignores an unknown handle', () => {
    for (const handle of [undefined, null, 5, {}]) {
      expect(() => systemClock.clearTimeout(handle)).not.toThrow();
    }
  });

  it('the clock keeps the process alive by a timer that never fires, until every holder has released it', () => {
    const platform = vi.spyOn(globalThis, 'setInterval');
    const holds = [systemClock.hold?.(), systemClock.hold?.()];
    expect(platform.mock.results.map(({ value }) => value.hasRef())).toEqual([true, true]);
    platform.mockRestore();
    expect(vi.getTimerCount()).toBe(2);
    holds[0]?.();
    holds[0]?.();
    expect(vi.getTimerCount()).toBe(1);
    holds[1]?.();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('the clock keeps no timer on a platform whose timers keep no process alive, such as a page', () => {
    const set = vi.spyOn(globalThis, 'setInterval').mockReturnValue(7 as never);
    const clear = vi.spyOn(globalThis, 'clearInterval');
    systemClock.hold?.()();
    expect([set.mock.calls.length, clear.mock.calls[0]]).toEqual([1, [7]]);
    set.mockRestore();
    clear.mockRestore();
  });

  it('a timer of the clock does not keep the process alive', () => {
    vi.useRealTimers();
    const platform = vi.spyOn(globalThis, 'setTimeout');
    const timer = systemClock.setTimeout(() => {}, DAY_MS);
    const made = platform.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef());
    expect(made).toEqual([false]);
    systemClock.clearTimeout(timer);
    platform.mockRestore();
  });
});
