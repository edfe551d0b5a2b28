import type { ErrorInfo } from '../errors/error-info.js';

/**
 * Tells any number of listeners, once, that a client is disposed of. An AbortSignal would do the same,
 * but Node takes more than ten listeners on one for a leak, and warns.
 */
export class Disposal {
  readonly #listeners = new Set<(reason: ErrorInfo) => void>();
  #reason: ErrorInfo | undefined;

  /** Why it is over; undefined while it is not. */
  get reason(): ErrorInfo | undefined {
    return this.#reason;
  }

  /** Calls `listener` at the end, unless the returned function is called before. */
  listen(listener: (reason: ErrorInfo) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  end(reason: ErrorInfo): void {
    this.#reason ??= reason;
    for (const listener of this.#listeners) listener(reason);
    this.#listeners.clear();
  }
}
