import type { ErrorInfo } from '../errors/error-info.js';

/**
 * Tells any number of listeners, once, that a client was disposed of. It is no AbortSignal, because Node
 * prints a warning about a leak for a signal with more than ten listeners.
 */
export class Disposal {
  readonly #listeners = new Set<(reason: ErrorInfo) => void>();
  #reason: ErrorInfo | undefined;

  /** The reason of the disposal. undefined: the client is not disposed of. */
  get reason(): ErrorInfo | undefined {
    return this.#reason;
  }

  /** Calls `listener` at the disposal. The returned function removes the listener. */
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
