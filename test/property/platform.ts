import { type Clock, MAX_TIMER_MS, systemClock } from '../../src/clock.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';

/**
 * The platform's own timers and clocks, made virtual for a while. They behave as on real platforms: a delay
 * that is too long fires at once. All delays are recorded.
 */
export class Platform {
  readonly time = new VirtualClock();
  /** Delays that are too long for a platform timer. */
  readonly impossible: number[] = [];
  readonly clock: Clock = systemClock;
  readonly #real = { setTimeout, clearTimeout, now: Date.now, monotonic: performance.now };

  constructor() {
    const timeout = (fn: () => void, ms = 0) => {
      const fits = ms >= 0 && ms <= MAX_TIMER_MS;
      if (!fits) this.impossible.push(ms);
      // Whole ms, at least one, as on platforms.
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
