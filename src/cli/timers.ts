import type { Clock, TimerHandle } from '../clock.js';

interface Timer {
  /** The monotonic time at which it fires, by the clock of these timers. */
  readonly at: number;
  readonly fn: () => void;
  handle: TimerHandle;
}

/** The timers of a clock that is derived from another clock and jumps. They fire by the derived time. */
export class Timers {
  readonly #base: Clock;
  readonly #monotonic: () => number;
  readonly #pending = new Set<Timer>();

  constructor(base: Clock, monotonic: () => number) {
    this.#base = base;
    this.#monotonic = monotonic;
  }

  set(fn: () => void, ms: number): TimerHandle {
    const timer: Timer = { at: this.#monotonic() + Math.max(0, ms || 0), fn, handle: undefined };
    if (timer.at === Number.POSITIVE_INFINITY) return timer;
    this.#pending.add(timer);
    this.#arm(timer);
    return timer;
  }

  clear(handle: TimerHandle): void {
    const timer = handle as Timer;
    if (this.#pending.delete(timer)) this.#base.clearTimeout(timer.handle);
  }

  /** The clock jumped: restarts all timers, in order. */
  rearm(): void {
    for (const timer of [...this.#pending].sort((a, b) => a.at - b.at)) {
      this.#base.clearTimeout(timer.handle);
      this.#arm(timer);
    }
  }

  #arm(timer: Timer): void {
    const wait = Math.max(0, timer.at - this.#monotonic());
    timer.handle = this.#base.setTimeout(() => {
      this.#pending.delete(timer);
      timer.fn();
    }, wait);
  }
}
