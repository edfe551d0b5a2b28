import { type Clock, ClockReading, type TimerHandle } from '../clock.js';
import type { Environment } from '../environment.js';
import type { LogHandler } from '../log/log.js';
import { callUser, faultLog } from '../log/user-callback.js';

/** How often the wall clock and the monotonic clock are compared, ms. */
const BEAT_MS = 5_000;

/** Events of a returning user within this time count as one return, ms. */
const ONE_RETURN_MS = 1_000;

/** Is informed of sleep and of the network. */
export interface WakeListener {
  /** The wall clock ran ahead of the monotonic clock by so many ms: the machine slept. */
  timeJumped(ms: number): void;
  /** There is a network again. */
  networkIsBack(): void;
  /** The user is back at the page. */
  userIsBack(): void;
}

/**
 * Notices sleep, during which the wall clock goes on and the monotonic clock stands still, and notices the return
 * of the network. All clients of one clock and one environment share one timer and one set of listeners. There are
 * none while there is no client.
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

  /** @param log the log of the first listener, for errors of the environment */
  add(one: WakeListener, log: LogHandler): void {
    // A sleep before now concerns only the earlier listeners.
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

  /** A browser reports one return as several events, of the window and of the page. */
  #userIsBack(): void {
    const now = this.#clock.monotonic();
    if (now < this.#quietUntil) return;
    this.#quietUntil = now + ONE_RETURN_MS;
    for (const each of [...this.#all]) each.userIsBack();
  }

  /** Sleep that was not noticed yet, ms. */
  get sleptMs(): number {
    return this.#mark.sleptMs;
  }

  /** Compares the clocks now, for example when a page is shown again. */
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

/** The one monitor of a clock and an environment. */
export function wakeMonitorFor(clock: Clock, environment: Environment): WakeMonitor {
  const ofClock = attentions.get(clock) ?? new WeakMap<Environment, WakeMonitor>();
  attentions.set(clock, ofClock);
  const attention = ofClock.get(environment) ?? new WakeMonitor(clock, environment);
  ofClock.set(environment, attention);
  return attention;
}
