import type { Clock } from '../clock.js';
import { fallbackHosts, type HostOptions, primaryHost } from './hosts.js';

/** How other hosts are tried. */
export interface FallbackOptions {
  /** At most this many fallback hosts a request. Default 3. @see TO3l5 */
  readonly httpMaxRetryCount?: number;
  /** How long a fallback host that worked stays the first to be asked, ms. Default 600,000. @see TO3l10 */
  readonly fallbackRetryTimeout?: number;
}

/** In which order hosts are asked. @see RSC15 */
export class HostOrder {
  readonly #primary: string;
  readonly #fallbacks: readonly string[];
  readonly #most: number;
  readonly #stickMs: number;
  readonly #clock: Clock;
  readonly #random: () => number;
  #worked: { readonly host: string; readonly until: number } | undefined;

  constructor(options: HostOptions & FallbackOptions, clock: Clock, random: () => number) {
    this.#primary = primaryHost(options);
    this.#fallbacks = fallbackHosts(options);
    this.#most = options.httpMaxRetryCount ?? 3;
    this.#stickMs = options.fallbackRetryTimeout ?? 600_000;
    this.#clock = clock;
    this.#random = random;
  }

  get primary(): string {
    return this.#primary;
  }

  /** The one that worked lately, then the primary one, then the others in random order (RSC15a, RSC15f). */
  *hosts(): Generator<string> {
    const lately = this.#lately();
    if (lately !== undefined) {
      yield lately;
      this.#worked = undefined;
    }
    yield this.#primary;
    const rest = this.#fallbacks.filter((host) => host !== lately);
    for (let left = Math.min(this.#most, rest.length); left > 0; left -= 1) {
      yield rest.splice(Math.floor(this.#random() * rest.length), 1)[0] ?? this.#primary;
    }
  }

  /** A host answered. */
  succeeded(host: string): void {
    if (host === this.#primary || host === this.#lately()) return;
    this.#worked = { host, until: this.#clock.monotonic() + this.#stickMs };
  }

  #lately(): string | undefined {
    return this.#worked !== undefined && this.#clock.monotonic() < this.#worked.until
      ? this.#worked.host
      : undefined;
  }
}
