import type { Clock, TimerHandle } from '../clock.js';

/** How often wall and monotonic clock are compared, ms. */
const BEAT_MS = 5_000;

/** Clocks drift, and timers are late; what is more than this is a jump. */
const JUMP_MS = 2_000;

/**
 * Notices sleep: the wall clock went on, the monotonic one stood still. One timer for all clients of
 * a clock, and none while nobody listens.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #listeners = new Set<(jumpMs: number) => void>();
  #timer: TimerHandle;
  #wall = 0;
  #monotonic = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `listener` with each jump ahead, in ms, until it is taken off. */
  add(listener: (jumpMs: number) => void): void {
    this.#listeners.add(listener);
    if (this.#listeners.size > 1) return;
    this.#note();
    this.#arm();
  }

  remove(listener: (jumpMs: number) => void): void {
    if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#clock.clearTimeout(this.#timer);
  }

  /** Compares the clocks now, as when a page is shown again. */
  check(): void {
    if (this.#listeners.size === 0) return;
    const jump = this.#clock.now() - this.#wall - (this.#clock.monotonic() - this.#monotonic);
    this.#note();
    if (jump > JUMP_MS) for (const listener of [...this.#listeners]) listener(jump);
  }

  #note(): void {
    this.#wall = this.#clock.now();
    this.#monotonic = this.#clock.monotonic();
  }

  #arm(): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#arm();
      this.check();
    }, BEAT_MS);
  }
}

const heartbeats = new WeakMap<Clock, Heartbeat>();

/** The one heartbeat of a clock. */
export function heartbeatOf(clock: Clock): Heartbeat {
  const heartbeat = heartbeats.get(clock) ?? new Heartbeat(clock);
  heartbeats.set(clock, heartbeat);
  return heartbeat;
}
