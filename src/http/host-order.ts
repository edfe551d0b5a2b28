import type { Clock } from '../clock.js';
import { fallbackHosts } from './fallback-hosts.js';
import { type HostOptions, primaryHost } from './hosts.js';

/** Options for the use of fallback hosts. */
export interface FallbackOptions {
  /** How many fallback hosts one request may try. Default: 3. @see TO3l5 */
  readonly httpMaxRetryCount?: number;
  /** How long a fallback host that answered is asked first, ms. Default: 600,000. @see TO3l10 */
  readonly fallbackRetryTimeout?: number;
}

/** What the connection of a client knows about hosts. */
export interface ConnectedHost {
  /** The fallback host that the connection is connected to. null: not to a fallback host. @see RTN17e */
  readonly connectedHost?: () => string | null;
}

/** Decides the order in which hosts are asked. @see RSC15 */
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
   * First the host of the connection (RTN17e) or a fallback host that answered lately (RSC15f), then the primary
   * host, then the other fallback hosts in random order (RSC15a).
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

  /** Remembers that a host answered. */
  succeeded(host: string): void {
    if (host === this.#primary || host === this.#lately()) return;
    this.#worked = { host, until: this.#clock.monotonic() + this.#stickMs };
  }

  /** The host of the connection, if it is a known fallback host. Adapters cannot name other hosts: a key goes there. */
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
