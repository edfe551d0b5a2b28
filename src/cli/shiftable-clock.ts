import { type Clock, systemClock, type TimerHandle } from '../clock.js';
import { Timers } from './timers.js';

/** How often a faster clock is moved forward, ms of the base clock. */
const TICK_MS = 8;

/**
 * A clock that can jump forward and run faster than its base clock. Wall time and monotonic time change
 * together. Timers that fall due in a jump fire at once, in order.
 */
export class ShiftableClock implements Clock {
  readonly #base: Clock;
  readonly #timers: Timers;
  #shiftMs = 0;
  #rate = 1;
  #tick: TimerHandle;

  constructor(base: Clock = systemClock) {
    this.#base = base;
    this.#timers = new Timers(base, () => this.monotonic());
  }

  /** How many times faster than the base clock it runs. */
  get rate(): number {
    return this.#rate;
  }

  /** While the process stalls, a faster clock stops, so that nothing becomes overdue because of that. */
  set rate(rate: number) {
    this.#rate = rate;
    this.#base.clearTimeout(this.#tick);
    if (rate > 1) this.#run();
  }

  now(): number {
    return this.#base.now() + this.#shiftMs;
  }

  monotonic(): number {
    return this.#base.monotonic() + this.#shiftMs;
  }

  setTimeout(fn: () => void, ms: number): TimerHandle {
    return this.#timers.set(fn, ms);
  }

  clearTimeout(handle: TimerHandle): void {
    this.#timers.clear(handle);
  }

  /** Moves the clock forward. @param ms by this time */
  shift(ms: number): void {
    this.#shiftMs += ms;
    this.#timers.rearm();
  }

  #run(): void {
    this.#tick = this.#base.setTimeout(() => {
      this.#run();
      this.shift(TICK_MS * (this.#rate - 1));
    }, TICK_MS);
  }
}
