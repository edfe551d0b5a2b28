/** Handle of a pending timer; what it is depends on the clock. */
export type TimerHandle = unknown;

/** Time as a port: everything that waits or measures takes it from here. */
export interface Clock {
  /** Wall time in ms since the epoch. Can jump. */
  now(): number;
  /** Time in ms from an arbitrary start. Never goes back. */
  monotonic(): number;
  /** Calls `fn` after `ms`, however long that is (no 2^31 limit); never, for `Infinity`. */
  setTimeout(fn: () => void, ms: number): TimerHandle;
  /** Forgets a timer. One that has fired, or never was, is no error. */
  clearTimeout(handle: TimerHandle): void;
}

/** The longest delay a platform timer holds; a longer one fires at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

class LongTimer {
  id: ReturnType<typeof setTimeout> | undefined;
}

/** The machine's own clock. Its timers never keep a Node process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  // Whole numbers take no room of their own, and nothing here is finer than a timer.
  monotonic: () => Math.round(performance.now()),
  setTimeout(fn, ms) {
    const timer = new LongTimer();
    // Platforms cut off what is less than a millisecond: the timer would be early, and armed again for nothing.
    if (ms !== Number.POSITIVE_INFINITY) arm(timer, fn, Math.ceil(Math.max(0, ms || 0)));
    return timer;
  },
  clearTimeout(handle) {
    if (handle instanceof LongTimer) clearTimeout(handle.id);
  },
};

function arm(timer: LongTimer, fn: () => void, ms: number): void {
  const isLong = ms > MAX_TIMER_MS;
  timer.id = isLong ? setTimeout(() => arm(timer, fn, ms - MAX_TIMER_MS), MAX_TIMER_MS) : setTimeout(fn, ms);
  const id: unknown = timer.id;
  if (typeof id === 'object' && id !== null && 'unref' in id && typeof id.unref === 'function') id.unref();
}
