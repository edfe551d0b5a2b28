import { checkNames, flag, method, port, record } from '../checks/option-checks.js';
import type { Environment } from '../environment.js';
import { required, span } from './argument-checks.js';
import { VirtualClock } from './virtual-clock.js';

/** What a device needs of its clock. */
const CLOCK = ['now', 'monotonic', 'setTimeout', 'clearTimeout', 'advance', 'sleep', 'skew'] as const;

/**
 * A device on which a client runs: its clock, its network, its lid.
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
  #isOnline = true;

  /**
   * @param clock the device's clock, if there is one already
   * @param options what kind of device it is
   * @param options.countsSleep whether the monotonic clock goes on while the device sleeps. On most
   * platforms it stands still.
   * @throws {ErrorInfo} 40003 for an argument that cannot be; so do the methods for theirs
   */
  constructor(clock?: VirtualClock, options?: { readonly countsSleep?: boolean }) {
    this.clock = port('clock', clock ?? undefined, CLOCK) ?? new VirtualClock();
    const given = record('options', options ?? {});
    checkNames(given, ['countsSleep']);
    this.#countsSleep = flag('countsSleep', given.countsSleep ?? undefined) ?? false;
    this.environment = {
      isOnline: () => this.#isOnline,
      watch: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
  }

  /** For the client's options. */
  get options(): { readonly clock: VirtualClock; readonly environment: Environment } {
    return { clock: this.clock, environment: this.environment };
  }

  /**
   * The lid is closed for `ms` and opened again.
   * @param noticed whether the platform says so, as a page does; Node does not
   */
  async sleepFor(ms: number, noticed = true): Promise<void> {
    flag('noticed', noticed);
    this.clock.sleep(ms, this.#countsSleep);
    if (noticed) this.#tell('awake');
    await this.clock.advance(0);
  }

  /** The wall clock is set forward, or back where `ms` is negative. */
  skewBy(ms: number): void {
    this.clock.skew(ms);
  }

  /** The network is gone, and the platform knows. */
  goOffline(): void {
    this.#isOnline = false;
    this.#tell('offline');
  }

  /** The network is back, and the platform says so. */
  async goOnline(): Promise<void> {
    this.#isOnline = true;
    this.#tell('online');
    await this.clock.advance(0);
  }

  /**
   * Lets time pass, one timer after the other, until something is so.
   * @param within how long that may take, ms. Default: an hour.
   * @throws {Error} it is not so by then, or nothing more would ever happen
   */
  async until(isSo: () => boolean, within = 3_600_000): Promise<void> {
    method('isSo', required('isSo', 'a function', isSo));
    if (within !== Number.POSITIVE_INFINITY) required('within', 'a number of ms', span('within', within));
    const end = this.clock.monotonic() + within;
    await this.clock.advance(0);
    while (!isSo()) {
      const { nextIn } = this.clock;
      if (this.clock.monotonic() + nextIn > end) throw new Error(`it is not so within ${within} ms`);
      await this.clock.advance(nextIn);
    }
  }

  #tell(what: 'online' | 'offline' | 'awake'): void {
    for (const listener of [...this.#listeners]) listener(what);
  }
}
