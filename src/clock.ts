import { outsideZones } from './zones.js';

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
  /**
   * Keeps the process alive until the returned function is called. Timers alone do not: what they are for
   * may be of no interest any more. A clock without it, as one for tests, keeps no process alive.
   */
  hold?(): () => void;
}

/** The longest delay a platform timer holds; a longer one fires at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

type PlatformTimer = ReturnType<typeof setTimeout>;

/** One after the other, of what a platform timer holds. */
class LongTimer {
  id: PlatformTimer | undefined;

  constructor(fn: () => void, ms: number) {
    this.#arm(fn, ms);
  }

  #arm(fn: () => void, ms: number): void {
    this.id = ms > MAX_TIMER_MS ? wait(() => this.#arm(fn, ms - MAX_TIMER_MS), MAX_TIMER_MS) : wait(fn, ms);
  }
}

/** Never: no timer is needed for that. */
const NEVER = null;

/** Where there is no clock of that kind: the latest that the wall clock has told. */
let latest = 0;

function neverBack(): number {
  latest = Math.max(latest, Date.now());
  return latest;
}

/**
 * The machine's own clock. Its timers never keep a process alive; {@link Clock.hold} does. They belong to no zone:
 * an Angular app is stable while they wait.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  // Whole numbers take no room of their own, and nothing here is finer than a timer.
  monotonic: () => Math.round(globalThis.performance?.now() ?? neverBack()),
  setTimeout(fn, ms) {
    if (ms === Number.POSITIVE_INFINITY) return NEVER;
    // Platforms cut off what is less than a millisecond: the timer would be early, and armed again for nothing.
    const whole = Math.ceil(Math.max(0, ms || 0));
    return whole > MAX_TIMER_MS ? new LongTimer(fn, whole) : wait(fn, whole);
  },
  clearTimeout(handle) {
    if (handle !== NEVER) clearTimeout(handle instanceof LongTimer ? handle.id : (handle as PlatformTimer));
  },
  hold() {
    const timer = outsideZones(() => setInterval(() => {}, MAX_TIMER_MS));
    const letGo = () => clearInterval(timer);
    // A page lives as long as it likes, whatever its timers do.
    if (typeof timer === 'number') letGo();
    return letGo;
  },
};

function wait(fn: () => void, ms: number): PlatformTimer {
  const timer = outsideZones(() => setTimeout(fn, ms));
  if (typeof timer === 'object' && typeof timer.unref === 'function') timer.unref();
  return timer;
}
