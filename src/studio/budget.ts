/** An amount that may be spent at once, and grows again with time. */
export class Budget {
  readonly #most: number;
  readonly #perSecond: number;
  readonly #monotonic: () => number;
  #left: number;
  #countedAt: number;

  /** @param monotonic ms, of a clock that never goes back */
  constructor(most: number, perSecond: number, monotonic: () => number) {
    this.#most = most;
    this.#perSecond = perSecond;
    this.#monotonic = monotonic;
    this.#left = most;
    this.#countedAt = monotonic();
  }

  /** Spends an amount. @returns false if less than that is left; then nothing is spent */
  spend(amount: number): boolean {
    const now = this.#monotonic();
    const grown = ((now - this.#countedAt) / 1_000) * this.#perSecond;
    this.#left = Math.min(this.#most, this.#left + Math.max(0, grown));
    this.#countedAt = now;
    if (amount > this.#left) return false;
    this.#left -= amount;
    return true;
  }
}
