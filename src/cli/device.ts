import type { Clock, TimerHandle } from '../clock.js';
import type { Environment } from '../index.js';
import type { ShiftableClock } from './shiftable-clock.js';
import { Timers } from './timers.js';

/**
 * The device on which a client runs. While it sleeps, its monotonic clock and its timers stop, and the wall
 * time continues.
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

  /** The device sleeps for `ms`. */
  sleep(ms: number): void {
    this.#sleptMs += ms;
    this.#world.shift(ms);
    this.#timers.rearm();
    for (const listener of [...this.#listeners]) listener('awake');
  }
}
