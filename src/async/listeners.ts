import type { LogHandler } from '../log/log.js';
import { callUser, faultLog } from '../log/user-callback.js';
import { inThisZone } from '../zones.js';

/**
 * Those who listen to one thing, each in its own zone. Each hears it, whatever the one before did; what a listener throws is
 * logged, and never reaches the connection.
 */
export class Listeners<T> {
  readonly #all = new Set<{ readonly hear: (told: T) => void }>();
  readonly #failed: (thrown: unknown) => void;

  /** @param name what they are called in the log */
  constructor(log: LogHandler, name: string) {
    this.#failed = faultLog(log, name);
  }

  /** @returns a function that ends it */
  add(hear: (told: T) => void): () => void {
    const listener = { hear: inThisZone(hear) };
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }

  tell(told: T): void {
    for (const { hear } of [...this.#all]) callUser(() => hear(told), this.#failed);
  }

  clear(): void {
    this.#all.clear();
  }
}
