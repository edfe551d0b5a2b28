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

/** A host to ask. */
export interface HostTry {
  readonly host: string;
  /** The host answered. */
  succeeded(): void;
}

/** A fallback host that answered, and the monotonic moment until which it is asked first. */
interface Worked {
  readonly host: string;
  readonly until: number;
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
  #worked: Worked | undefined;

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
  *tries(): Generator<HostTry> {
    const [connected, lately] = [this.#connected(), this.#lately()];
    const first = connected ?? lately?.host;
    if (first !== undefined) {
      yield { host: first, succeeded: nothingNew };
      // It failed. Another request may have found another host meanwhile.
      if (this.#worked === lately) this.#worked = undefined;
    }
    yield { host: this.#primary, succeeded: nothingNew };
    const rest = this.#fallbacks.filter((host) => host !== first);
    for (let left = Math.min(this.#most, rest.length); left > 0; left -= 1) {
      const host = rest.splice(Math.floor(this.#random() * rest.length), 1)[0] ?? this.#primary;
      yield { host, succeeded: () => this.#remember(host) };
    }
  }

  #remember(host: string): void {
    this.#worked = { host, until: this.#clock.monotonic() + this.#stickMs };
  }

  /** The host of the connection, if it is a known fallback host. Adapters cannot name other hosts: a key goes there. */
  #connected(): string | undefined {
    const host = this.#connectedHost();
    return host !== null && this.#fallbacks.includes(host) ? host : undefined;
  }

  #lately(): Worked | undefined {
    const worked = this.#worked;
    return worked !== undefined && this.#clock.monotonic() < worked.until ? worked : undefined;
  }
}

/** Only a host that was found in place of another is remembered: a late answer of one remembered before is not new. */
const nothingNew = (): void => {};
