import type { Clock } from '../clock.js';

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
