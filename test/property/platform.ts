import { type Clock, MAX_TIMER_MS, systemClock } from '../../src/clock.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';

/**
 * The platform's own timers and clocks, for a while made virtual. It does what platforms do: a delay
 * it cannot hold fires at once. And it writes down each one that it was given.
 */
export class Platform {
  readonly time = new VirtualClock();
  /** Delays that a platform timer cannot hold. */
  readonly impossible: number[] = [];
  readonly clock: Clock = systemClock;
  readonly #real = { setTimeout, clearTimeout, now: Date.now, monotonic: performance.now };

  constructor() {
    const timeout = (fn: () => void, ms = 0) => {
      const fits = ms >= 0 && ms <= MAX_TIMER_MS;
      if (!fits) this.impossible.push(ms);
      // Whole ms, as platforms have them, and one at the least.
      const held = fits ? Math.max(1, Math.trunc(ms)) : 1;
      return { unref: () => {}, handle: this.time.setTimeout(fn, held) };
    };
    Object.assign(globalThis, {
      setTimeout: timeout,
      clearTimeout: (timer?: { readonly handle: unknown }) => this.time.clearTimeout(timer?.handle),
    });
    Date.now = () => this.time.now();
    performance.now = () => this.time.monotonic();
  }

  restore(): void {
    Object.assign(globalThis, {
      setTimeout: this.#real.setTimeout,
      clearTimeout: this.#real.clearTimeout,
    });
    Date.now = this.#real.now;
    performance.now = this.#real.monotonic;
  }
}
