import type { Clock } from '../clock.js';

/** Clocks drift, and timers are late; what is more than this is a jump. */
const JUMP_MS = 2_000;

/** What both clocks said at one moment: the wall clock goes on in sleep, the monotonic one need not. */
export class ClockReading {
  readonly #clock: Clock;
  readonly #wall: number;
  readonly #monotonic: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#wall = clock.now();
    this.#monotonic = clock.monotonic();
  }

  /** How long ago it was by the monotonic clock, ms. */
  get agoMs(): number {
    return this.#clock.monotonic() - this.#monotonic;
  }

  /** By how much the wall clock ran ahead since: so long the machine slept. 0 where that may be chance. */
  get sleptMs(): number {
    const jump = this.#clock.now() - this.#wall - this.agoMs;
    return jump > JUMP_MS ? jump : 0;
  }
}
