/** A map that removes its oldest entries when all entries together are too heavy. */
export class BoundedMap<K, V> {
  readonly #limit: number;
  readonly #weigh: (value: V) => number;
  readonly #forgotten: (value: V) => void;
  readonly #entries = new Map<K, V>();
  #weight = 0;

  /**
   * @param weigh the weight of an entry; absent: each weighs 1, so `limit` is the highest number of entries
   * @param forgotten called with each removed value
   */
  constructor(
    limit: number,
    weigh: (value: V) => number = () => 1,
    forgotten: (value: V) => void = () => {},
  ) {
    this.#limit = limit;
    this.#weigh = weigh;
    this.#forgotten = forgotten;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  has(key: K): boolean {
    return this.#entries.has(key);
  }

  /** Adds an entry, or makes it the youngest one. */
  set(key: K, value: V): void {
    this.delete(key);
    this.#entries.set(key, value);
    this.#weight += this.#weigh(value);
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#limit || this.#entries.size === 1) break;
      this.delete(oldest);
    }
  }

  delete(key: K): void {
    const value = this.#entries.get(key);
    if (value === undefined) return;
    this.#entries.delete(key);
    this.#weight -= this.#weigh(value);
    this.#forgotten(value);
  }

  values(): IterableIterator<V> {
    return this.#entries.values();
  }

  /** Iterates over the entries, the oldest first. */
  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.#entries[Symbol.iterator]();
  }
}
