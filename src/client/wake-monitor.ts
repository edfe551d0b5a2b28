import type { Clock, TimerHandle } from '../clock.js';
import type { Environment } from '../environment.js';
import type { LogHandler } from '../log/log.js';
import { callUser, faultLog } from '../log/user-callback.js';
import { ClockReading } from './clock-reading.js';

/** How often wall and monotonic clock are compared, ms. */
const BEAT_MS = 5_000;

/** Events of the user's return within this time are one return, ms. */
const ONE_RETURN_MS = 1_000;

/** Who wants to know of sleep and of the network. */
export interface WakeListener {
  /** The wall clock ran ahead of the monotonic one by so much: the machine slept. */
  timeJumped(ms: number): void;
  /** There is a network again. */
  networkIsBack(): void;
  /** The user is back at the page. */
  userIsBack(): void;
}

/**
 * Notices sleep, for the wall clock went on while the monotonic one stood still, and the return of the
 * network. One timer and one set of listeners for all clients of a clock and an environment, and none
 * while nobody cares.
 */
export class WakeMonitor {
  readonly #clock: Clock;
  readonly #environment: Environment;
  readonly #all = new Set<WakeListener>();
  #timer: TimerHandle;
  #unwatch: () => void = () => {};
  #failed: (thrown: unknown) => void = () => {};
  #mark: ClockReading;
  #quietUntil = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, environment: Environment) {
    this.#clock = clock;
    this.#environment = environment;
    this.#mark = new ClockReading(clock);
  }

  /** @param log of the first who cares: hears what the environment throws */
  add(one: WakeListener, log: LogHandler): void {
    // What came before is told to those who were there.
    this.check();
    this.#all.add(one);
    if (this.#all.size > 1) return;
    this.#mark = new ClockReading(this.#clock);
    this.#arm();
    const watch = () => {
      this.#unwatch = this.#environment.watch((what) => {
        this.check();
        if (what === 'online') for (const each of [...this.#all]) each.networkIsBack();
        if (what === 'awake') this.#userIsBack();
      });
    };
    this.#unwatch = () => {};
    this.#failed = faultLog(log, 'the environment');
    callUser(watch, this.#failed);
  }

  remove(one: WakeListener): void {
    if (!this.#all.delete(one) || this.#all.size > 0) return;
    this.#clock.clearTimeout(this.#timer);
    callUser(() => this.#unwatch(), this.#failed);
  }

  /** One return is heard as several events: of the window, of the page. */
  #userIsBack(): void {
    const now = this.#clock.monotonic();
    if (now < this.#quietUntil) return;
    this.#quietUntil = now + ONE_RETURN_MS;
    for (const each of [...this.#all]) each.userIsBack();
  }

  /** What was slept and not noticed yet, ms. */
  get sleptMs(): number {
    return this.#mark.sleptMs;
  }

  /** Compares the clocks now, as when a page is shown again. */
  check(): void {
    if (this.#all.size === 0) return;
    const ms = this.#mark.sleptMs;
    this.#mark = new ClockReading(this.#clock);
    if (ms > 0) for (const one of [...this.#all]) one.timeJumped(ms);
  }

  #arm(): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#arm();
      this.check();
    }, BEAT_MS);
  }
}

const attentions = new WeakMap<Clock, WeakMap<Environment, WakeMonitor>>();

/** The one attention of a clock and an environment. */
export function wakeMonitorFor(clock: Clock, environment: Environment): WakeMonitor {
  const ofClock = attentions.get(clock) ?? new WeakMap<Environment, WakeMonitor>();
  attentions.set(clock, ofClock);
  const attention = ofClock.get(environment) ?? new WakeMonitor(clock, environment);
  ofClock.set(environment, attention);
  return attention;
}
