import { outsideZones } from './surroundings.js';

/** The handle of a pending timer. Its type depends on the clock. */
export type TimerHandle = unknown;

/** The source of all times and timers. Tests replace it. */
export interface Clock {
  /** The wall clock, ms since the epoch. It jumps when the user or the system sets it. */
  now(): number;
  /** A clock with any start, ms, that never goes back. */
  monotonic(): number;
  /** Calls `fn` after `ms`. There is no upper limit, as timers have (2^31); with `Infinity` it is never called. */
  setTimeout(fn: () => void, ms: number): TimerHandle;
  /** Cancels a timer. It is no error if the timer has fired or never existed. */
  clearTimeout(handle: TimerHandle): void;
  /**
   * Keeps the process alive until the returned function is called. The timers of this clock alone do not keep it
   * alive. Optional: clocks for tests do not need it.
   */
  hold?(): () => void;
}

/** The longest delay of a platform's timer, ms. With a longer one it would fire at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

type PlatformTimer = ReturnType<typeof setTimeout>;

/** Waits with several timers, one after the other. */
class LongTimer {
  id: PlatformTimer | undefined;

  constructor(fn: () => void, ms: number) {
    this.#arm(fn, ms);
  }

  #arm(fn: () => void, ms: number): void {
    this.id = ms > MAX_TIMER_MS ? wait(() => this.#arm(fn, ms - MAX_TIMER_MS), MAX_TIMER_MS) : wait(fn, ms);
  }
}

/** `Infinity`: no timer is needed. */
const NEVER = null;

/** The latest reading, and the latest time of the wall clock if it was read: ms. */
let latest = 0;
let wall: number | undefined;

/** A monotonic clock for platforms without one, or that lose theirs: it continues from the latest reading. */
function neverBack(): number {
  const now = Date.now();
  latest += Math.max(0, now - (wall ?? now));
  wall = now;
  return latest;
}

function monotonic(): number {
  try {
    const now: unknown = globalThis.performance.now();
    if (typeof now === 'number') {
      // Rounded, because whole numbers take less memory, and timers are no finer.
      latest = Math.round(now);
      return latest;
    }
  } catch {}
  return neverBack();
}

/**
 * The clock of the platform. Its timers do not keep a process alive; {@link Clock.hold} does. They run outside the
 * zones of Angular, so that an app becomes stable while they wait.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic,
  setTimeout(fn, ms) {
    if (ms === Number.POSITIVE_INFINITY) return NEVER;
    // Rounded up: platforms cut off fractions, and the timer would fire too early.
    const whole = Math.ceil(Math.max(0, ms || 0));
    return whole > MAX_TIMER_MS ? new LongTimer(fn, whole) : wait(fn, whole);
  },
  clearTimeout(handle) {
    if (handle !== NEVER) clearTimeout(handle instanceof LongTimer ? handle.id : (handle as PlatformTimer));
  },
  hold() {
    const timer = outsideZones(() => setInterval(() => {}, MAX_TIMER_MS));
    const letGo = () => clearInterval(timer);
    // In a browser, where a timer is a number, a page needs no timer to live on.
    if (typeof timer === 'number') letGo();
    return letGo;
  },
};

function wait(fn: () => void, ms: number): PlatformTimer {
  const timer = outsideZones(() => setTimeout(fn, ms));
  if (typeof timer === 'object' && typeof timer.unref === 'function') timer.unref();
  return timer;
}

/** Clocks drift and timers are late. A larger difference counts as a jump. */
const JUMP_MS = 2_000;

/**
 * The time of both clocks at one moment. During sleep the wall clock goes on; the monotonic clock may stand still.
 */
export class ClockReading {
  readonly #clock: Clock;
  readonly #wall: number;
  readonly #monotonic: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#wall = clock.now();
    this.#monotonic = clock.monotonic();
  }

  /** How long ago this reading was made, by the monotonic clock, ms. */
  get agoMs(): number {
    return this.#clock.monotonic() - this.#monotonic;
  }

  /**
   * How long the machine slept since then, ms: how far the wall clock is ahead. 0: the difference may be chance.
   */
  get sleptMs(): number {
    const jump = this.#clock.now() - this.#wall - this.agoMs;
    return jump > JUMP_MS ? jump : 0;
  }
}

/** Lets the process end. undefined: nothing keeps the process alive. */
export type LetGo = (() => void) | undefined;

/**
 * Keeps the Node process alive while `isWanted` is true. Call it after each change of state that may change
 * `isWanted`.
 *
 * @param letGo the result of the previous call
 * @returns the argument for the next call
 */
export function holdWhile(
  isWanted: boolean,
  letGo: LetGo,
  { clock, keepAlive }: { readonly clock: Clock; readonly keepAlive: boolean },
): LetGo {
  if (isWanted && keepAlive) return letGo ?? clock.hold?.();
  letGo?.();
  return undefined;
}
