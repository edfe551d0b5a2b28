import type { Clock, TimerHandle } from '../clock.js';
import type { Environment } from '../index.js';
import type { ShiftableClock } from './shiftable-clock.js';
import { Timers } from './timers.js';

/**
 * The machine a client runs on: while it sleeps its monotonic clock stands still and its timers wait,
 * but the world's time goes on.
 */
export class Device {
  readonly clock: Clock;
  readonly environment: Environment;
  readonly #world: ShiftableClock;
  readonly #timers: Timers;
  readonly #listeners = new Set<(what: 'online' | 'awake') => void>();
  #sleptMs = 0;

  constructor(world: ShiftableClock) {
    this.#world = world;
    const monotonic = () => world.monotonic() - this.#sleptMs;
    this.#timers = new Timers(world, monotonic);
    this.clock = {
      now: () => world.now(),
      monotonic,
      setTimeout: (fn: () => void, ms: number): TimerHandle => this.#timers.set(fn, ms),
      clearTimeout: (handle: TimerHandle) => this.#timers.clear(handle),
    };
    this.environment = {
      isOnline: () => true,
      watch: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
  }

  /** Its lid is closed for so long, and opened again. */
  sleep(ms: number): void {
    this.#sleptMs += ms;
    this.#world.shift(ms);
    this.#timers.rearm();
    for (const listener of [...this.#listeners]) listener('awake');
  }
}
