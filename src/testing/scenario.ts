import { seededChance } from '../chance.js';
import { checkNames, flag, invalidOption, method, port, record } from '../checks/option-checks.js';
import type { Environment, EnvironmentEvent } from '../environment.js';
import { rememberSelf, throughProxies } from '../surroundings.js';
import { required, span } from './argument-checks.js';
import { VirtualClock } from './virtual-clock.js';

/** What a device needs of its clock. */
const CLOCK = ['now', 'monotonic', 'setTimeout', 'clearTimeout', 'advance', 'sleep', 'skew'] as const;

/**
 * A device on which a client runs, with its clock, its network and its sleep.
 *
 * @example
 * ```ts
 * import { Auth } from 'latchkey';
 * import { Scenario, scriptedSource } from 'latchkey/testing';
 *
 * const device = new Scenario();
 * const source = scriptedSource(device.clock);
 * const auth = new Auth({ authCallback: source.authCallback, ...device.options });
 * await auth.authorize();
 * await device.sleepFor(2 * 3_600_000);
 * console.log(auth.state.value, source.calls);
 * ```
 */
export class Scenario {
  readonly clock: VirtualClock;
  readonly environment: Environment;
  readonly #listeners = new Set<(what: EnvironmentEvent) => void>();
  readonly #countsSleep: boolean;
  readonly #random: () => number;
  #isOnline = true;

  /**
   * Makes a device.
   * @param clock the device's clock, if there is one already
   * @param options the kind of device
   * @param options.countsSleep whether the monotonic clock continues while the device sleeps. On most
   *   platforms it stops.
   * @param options.seed the start of its random numbers, a whole number: with the same seed, renewals and
   *   retries happen at the same moments. Default: 1
   * @throws {ErrorInfo} 40003 if an argument is invalid; so do the methods for their arguments
   */
  constructor(
    clock?: VirtualClock | null,
    options?: { readonly countsSleep?: boolean | null; readonly seed?: number | null } | null,
  ) {
    rememberSelf(this);
    this.clock = port('clock', clock ?? undefined, CLOCK) ?? new VirtualClock();
    const given = record('options', options ?? {});
    checkNames(given, ['countsSleep', 'seed']);
    this.#countsSleep = flag('countsSleep', given.countsSleep ?? undefined) ?? false;
    const seed = given.seed ?? 1;
    if (!Number.isSafeInteger(seed)) throw invalidOption('seed', 'a whole number', seed);
    this.#random = seededChance(seed);
    this.environment = {
      isOnline: () => this.#isOnline,
      watch: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
  }

  /** The client's options `clock`, `environment` and `random`. */
  get options(): {
    readonly clock: VirtualClock;
    readonly environment: Environment;
    readonly random: () => number;
  } {
    return { clock: this.clock, environment: this.environment, random: this.#random };
  }

  /**
   * The device sleeps for `ms`.
   * @param noticed whether the platform reports the wake-up, as a page does; Node does not
   */
  async sleepFor(ms: number, noticed = true): Promise<void> {
    flag('noticed', noticed);
    this.clock.sleep(ms, this.#countsSleep);
    if (noticed) this.#notify('awake');
    await this.clock.advance(0);
  }

  /**
   * The browser freezes the page for `ms`, as it does in the background or in its cache for back and forward: both
   * clocks continue, no timer fires, and what fell due meanwhile is late.
   */
  async freezeFor(ms: number): Promise<void> {
    this.freeze();
    this.clock.sleep(ms, true);
    await this.unfreeze();
  }

  /** The platform reports that the page is about to be frozen. */
  freeze(): void {
    this.#notify('frozen');
  }

  /** The page is shown again. */
  async unfreeze(): Promise<void> {
    this.#notify('awake');
    await this.clock.advance(0);
  }

  /** Sets the wall clock forward, or back if `ms` is negative. */
  skewBy(ms: number): void {
    this.clock.skew(ms);
  }

  /** The network is lost, and the platform reports it. */
  goOffline(): void {
    this.#isOnline = false;
    this.#notify('offline');
  }

  /** The network is back, and the platform reports it. */
  async goOnline(): Promise<void> {
    this.#isOnline = true;
    this.#notify('online');
    await this.clock.advance(0);
  }

  /**
   * Advances the clock timer by timer until a condition is true.
   * @param within the longest time, ms. Default: one hour.
   * @throws {Error} if the condition is still false after that time, or no timer is left
   */
  async until(isTrue: () => boolean, within = 3_600_000): Promise<void> {
    method('isTrue', required('isTrue', 'a function', isTrue));
    if (within !== Number.POSITIVE_INFINITY) required('within', 'a number of ms', span('within', within));
    const end = this.clock.monotonic() + within;
    await this.clock.advance(0);
    while (!isTrue()) {
      const { nextIn } = this.clock;
      if (this.clock.monotonic() + nextIn > end)
        throw new Error(`the condition is still false after ${within} ms`);
      await this.clock.advance(nextIn);
    }
  }

  #notify(what: EnvironmentEvent): void {
    for (const listener of [...this.#listeners]) listener(what);
  }
}

throughProxies(Scenario);
