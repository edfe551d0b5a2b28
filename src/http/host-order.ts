import type { Clock } from '../clock.js';
import { fallbackHosts } from './fallback-hosts.js';
import { type HostOptions, primaryHost } from './hosts.js';

/** How other hosts are tried. */
export interface FallbackOptions {
  /** At most this many fallback hosts a request. Default 3. @see TO3l5 */
  readonly httpMaxRetryCount?: number;
  /** How long a fallback host that worked stays the first to be asked, ms. Default 600,000. @see TO3l10 */
  readonly fallbackRetryTimeout?: number;
}

/** What the connection of this client knows of hosts. */
export interface ConnectedHost {
  /** The fallback host it is connected to; null: none. @see RTN17e */
  readonly connectedHost?: () => string | null;
}

/** In which order hosts are asked. @see RSC15 */
export class HostOrder {
  readonly #primary: string;
  readonly #fallbacks: readonly string[];
  readonly #most: number;
  readonly #stickMs: number;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #connectedHost: () => string | null;
  #worked: { readonly host: string; readonly until: number } | undefined;

  constructor(options: HostOptions & FallbackOptions & ConnectedHost, clock: Clock, random: () => number) {
    this.#primary = primaryHost(options);
    this.#fallbacks = fallbackHosts(options);
    this.#most = options.httpMaxRetryCount ?? 3;
    this.#stickMs = options.fallbackRetryTimeout ?? 600_000;
    this.#clock = clock;
    this.#random = random;
    this.#connectedHost = options.connectedHost ?? (() => null);
  }

  get primary(): string {
    return this.#primary;
  }

  /**
   * The one the connection is connected to (RTN17e) or that worked lately, then the primary one, then the
   * others in random order (RSC15a, RSC15f).
   */
  *hosts(): Generator<string> {
    const first = this.#connected() ?? this.#lately();
    if (first !== undefined) {
      yield first;
      this.#worked = undefined;
    }
    yield this.#primary;
    const rest = this.#fallbacks.filter((host) => host !== first);
    for (let left = Math.min(this.#most, rest.length); left > 0; left -= 1) {
      yield rest.splice(Math.floor(this.#random() * rest.length), 1)[0] ?? this.#primary;
    }
  }

  /** A host answered. */
  succeeded(host: string): void {
    if (host === this.#primary || host === this.#lately()) return;
    this.#worked = { host, until: this.#clock.monotonic() + this.#stickMs };
  }

  /** Only a host that is one of ours: a connection of whatever make has no say in where a key is used. */
  #connected(): string | undefined {
    const host = this.#connectedHost();
    return host !== null && this.#fallbacks.includes(host) ? host : undefined;
  }

  #lately(): string | undefined {
    return this.#worked !== undefined && this.#clock.monotonic() < this.#worked.until
      ? this.#worked.host
      : undefined;
  }
}
