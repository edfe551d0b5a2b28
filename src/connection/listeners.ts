/**
 * Those who listen to one thing. Each hears it, whatever the one before did; what a listener throws is
 * reported as uncaught, and never reaches the connection.
 */
export class Listeners<T> {
  readonly #all = new Set<{ readonly hear: (told: T) => void }>();

  /** @returns a function that ends it */
  add(hear: (told: T) => void): () => void {
    const listener = { hear };
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }

  tell(told: T): void {
    for (const { hear } of [...this.#all]) {
      try {
        hear(told);
      } catch (thrown) {
        queueMicrotask(() => {
          throw thrown;
        });
      }
    }
  }

  clear(): void {
    this.#all.clear();
  }
}
