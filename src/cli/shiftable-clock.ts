import { type Clock, systemClock, type TimerHandle } from '../clock.js';

interface Timer {
  readonly at: number;
  readonly fn: () => void;
  handle: TimerHandle;
}

/**
 * A clock that runs like another one and can be put forward: wall time and monotonic time jump
 * together, and what falls due on the way fires at once, in order.
 */
export class ShiftableClock implements Clock {
  readonly #base: Clock;
  readonly #timers = new Set<Timer>();
  #shiftMs = 0;

  constructor(base: Clock = systemClock) {
    this.#base = base;
  }

  now(): number {
    return this.#base.now() + this.#shiftMs;
  }

  monotonic(): number {
    return this.#base.monotonic() + this.#shiftMs;
  }

  setTimeout(fn: () => void, ms: number): TimerHandle {
    const timer: Timer = { at: this.monotonic() + Math.max(0, ms || 0), fn, handle: undefined };
    if (timer.at === Number.POSITIVE_INFINITY) return timer;
    this.#timers.add(timer);
    this.#arm(timer);
    return timer;
  }

  clearTimeout(handle: TimerHandle): void {
    const timer = handle as Timer;
    if (!this.#timers.delete(timer)) return;
    this.#base.clearTimeout(timer.handle);
  }

  /** @param ms how far to put the clock forward */
  shift(ms: number): void {
    this.#shiftMs += ms;
    for (const timer of [...this.#timers].sort((a, b) => a.at - b.at)) {
      this.#base.clearTimeout(timer.handle);
      this.#arm(timer);
    }
  }

  #arm(timer: Timer): void {
    const wait = Math.max(0, timer.at - this.monotonic());
    timer.handle = this.#base.setTimeout(() => {
      this.#timers.delete(timer);
      timer.fn();
    }, wait);
  }
}
