import { flag, method, wholeNumber } from '../checks/option-checks.js';
import { type Clock, systemClock, type TimerHandle } from '../clock.js';
import { rememberSelf, throughProxies } from '../surroundings.js';
import { finite, required, span } from './argument-checks.js';

interface Timer {
  readonly id: number;
  readonly at: number;
  readonly fn: () => void;
}

/**
 * A clock that moves only when a test advances it, one timer at a time, each at its own moment.
 *
 * @example
 * ```ts
 * import { Auth } from 'latchkey';
 * import { VirtualClock } from 'latchkey/testing';
 *
 * const clock = new VirtualClock();
 * const auth = new Auth({ authCallback: async () => ({ token: 't', issued: 0, expires: 60_000 }), clock });
 * await auth.authorize();
 * await clock.advance(55_000);
 * console.log(auth.state.value);
 * ```
 */
export class VirtualClock implements Clock {
  #monotonic = 0;
  #wallOffset: number;
  #nextId = 1;
  readonly #timers = new Map<number, Timer>();

  /**
   * @param startsAt the wall time at the beginning, ms since the epoch. Default: the first day of 2030.
   * @throws {ErrorInfo} 40003 if `startsAt` is not a number; so do the methods for their arguments
   */
  constructor(startsAt?: number) {
    rememberSelf(this);
    this.#wallOffset = finite('startsAt', startsAt, 'a time in ms since the epoch') ?? Date.UTC(2030, 0, 1);
  }

  now(): number {
    return Math.round(this.#monotonic + this.#wallOffset);
  }

  monotonic(): number {
    return this.#monotonic;
  }

  setTimeout(fn: () => void, ms: number): TimerHandle {
    method('fn', required('fn', 'a function', fn));
    // Like the platform's timers, this one treats NaN as no delay.
    if (typeof ms !== 'number') span('ms', ms);
    const id = this.#nextId++;
    if (ms === Number.POSITIVE_INFINITY) return id;
    this.#timers.set(id, { id, at: this.#monotonic + Math.max(0, ms || 0), fn });
    return id;
  }

  /** Removes a timer. */
  clearTimeout(handle: TimerHandle): void {
    this.#timers.delete(handle as number);
  }

  /** The number of timers. */
  get pending(): number {
    return this.#timers.size;
  }

  /** ms until the next timer; `Infinity` without a timer. */
  get nextIn(): number {
    return (this.#next()?.at ?? Number.POSITIVE_INFINITY) - this.#monotonic;
  }

  /**
   * Advances the time, and runs the timers that fall due. What a timer starts runs before the time advances
   * further.
   * @throws {ErrorInfo} 40003 `ms` is negative or not a number
   */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + spanIn(ms);
    await settle();
    for (let timer = this.#next(); timer !== undefined && timer.at <= end; timer = this.#next()) {
      this.#timers.delete(timer.id);
      this.#monotonic = Math.max(this.#monotonic, timer.at);
      timer.fn();
      await settle();
    }
    // Another call of advance() may have advanced the time further.
    this.#monotonic = Math.max(this.#monotonic, end);
    await settle();
  }

  /** Sets the wall clock forward or back. Timers do not change. */
  skew(ms: number): void {
    this.#wallOffset += required('ms', 'a number of ms', finite('ms', ms, 'a number of ms'));
  }

  /**
   * The device sleeps for `ms`: the wall clock continues, and no timer fires.
   * @param isCounted whether the monotonic clock continues too, as on some platforms: then the timers that
   * fell due fire late, at the next advance. Default: the monotonic clock and its timers stop.
   */
  sleep(ms: number, isCounted = false): void {
    const slept = spanIn(ms);
    if (flag('isCounted', isCounted) === true) this.#monotonic += slept;
    else this.#wallOffset += slept;
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers.values()) {
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.id < first.id))
        first = timer;
    }
    return first;
  }
}

throughProxies(VirtualClock);
const spanIn = (ms: unknown): number => required('ms', 'a number of ms, 0 or more', span('ms', ms));

/**
 * Runs everything that needs no time: promises, streams, and messages between them.
 *
 * @example
 * ```ts
 * import { settle } from 'latchkey/testing';
 *
 * let isDone = false;
 * void Promise.resolve().then(() => {
 *   isDone = true;
 * });
 * await settle();
 * console.log(isDone);
 * ```
 */
export async function settle(turns?: number): Promise<void> {
  const count = wholeNumber('turns', turns) ?? 3;
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
}

// Jest's jsdom has neither of the first two.
const nextTurn: () => Promise<void> =
  typeof setImmediate === 'function'
    ? () => new Promise((resolve) => setImmediate(resolve))
    : typeof MessageChannel === 'function'
      ? () =>
          new Promise((resolve) => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => {
              port1.close();
              resolve();
            };
            port2.postMessage(null);
          })
      : () => new Promise((resolve) => void systemClock.setTimeout(resolve, 0));
