import { seededChance } from '../chance.js';
import type { Environment } from '../environment.js';
import { rememberSelf, throughProxies } from '../proxies.js';
import { VirtualClock } from './virtual-clock.js';

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
  readonly #listeners = new Set<(what: 'online' | 'offline' | 'awake') => void>();
  readonly #countsSleep: boolean;
  readonly #random: () => number;
  #isOnline = true;

  /**
   * Makes a device.
   * @param clock the device's clock, if there is one already
   * @param options the kind of device
   * @param options.countsSleep whether the monotonic clock continues while the device sleeps. On most
   *   platforms it stops.
   * @param options.seed the start of its random numbers: with the same seed, renewals and retries happen at the
   *   same moments. Default: 1
   */
  constructor(
    clock: VirtualClock = new VirtualClock(),
    { countsSleep = false, seed = 1 }: { readonly countsSleep?: boolean; readonly seed?: number } = {},
  ) {
    rememberSelf(this);
    this.clock = clock;
    this.#countsSleep = countsSleep;
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
    this.clock.sleep(ms, this.#countsSleep);
    if (noticed) this.#notify('awake');
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
    const end = this.clock.monotonic() + within;
    await this.clock.advance(0);
    while (!isTrue()) {
      const { nextIn } = this.clock;
      if (this.clock.monotonic() + nextIn > end)
        throw new Error(`the condition is still false after ${within} ms`);
      await this.clock.advance(nextIn);
    }
  }

  #notify(what: 'online' | 'offline' | 'awake'): void {
    for (const listener of [...this.#listeners]) listener(what);
  }
}

throughProxies(Scenario);
