import { type Clock, systemClock, type TimerHandle } from '../clock.js';
import { Timers } from './timers.js';

/** How often a clock that runs faster is put forward, ms of the one under it. */
const TICK_MS = 8;

/**
 * A clock that runs like another one, can be put forward and can run faster: wall time and monotonic
 * time jump together, and what falls due on the way fires at once, in order.
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

  /** How many times as fast as the one under it it runs. */
  get rate(): number {
    return this.#rate;
  }

  /** Where the process stalls, a faster clock waits for it: nothing is overdue only because of that. */
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

  /** @param ms how far to put the clock forward */
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
