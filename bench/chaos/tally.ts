/** The results of one contender. Times are ms. */
export interface Report {
  readonly name: string;
  /** How often the server disconnected it because its token had expired or was invalid. */
  readonly disconnectsByToken: number;
  /** Of those: no call of the source failed in the last quarter of that token's lifetime. */
  readonly disconnectsWhileSourceAnswers: number;
  readonly promises: number;
  readonly promisesRejected: number;
  readonly promisesUnsettled: number;
  /** The longest time until a promise was settled. */
  readonly longestPromise: number;
  readonly notConnected: number;
  /** Transports that were opened, and those with a token that had expired by then. */
  readonly transports: number;
  readonly transportsWithDeadToken: number;
  readonly connections: number;
  readonly reauthentications: number;
  readonly sourceCalls: number;
  readonly sourceFailures: number;
}

/** Counts the events of one contender. */
export class Tally {
  readonly #name: string;
  readonly #ttlMs: number;
  readonly #count = {
    disconnectsByToken: 0,
    disconnectsWhileSourceAnswers: 0,
    promises: 0,
    promisesRejected: 0,
    longestPromise: 0,
    notConnected: 0,
    transports: 0,
    transportsWithDeadToken: 0,
    connections: 0,
    reauthentications: 0,
    sourceCalls: 0,
    sourceFailures: 0,
  };
  #settled = 0;
  /** When a call of the source failed last. */
  #failedAt = Number.NEGATIVE_INFINITY;

  /** @param ttlMs how long tokens live */
  constructor(name: string, ttlMs: number) {
    this.#name = name;
    this.#ttlMs = ttlMs;
  }

  get unsettled(): number {
    return this.#count.promises - this.#settled;
  }

  get report(): Report {
    return { name: this.#name, promisesUnsettled: this.unsettled, ...this.#count };
  }

  /** The contender opens a transport. */
  opened(isExpired: boolean): void {
    this.#count.transports += 1;
    if (isExpired) this.#count.transportsWithDeadToken += 1;
  }

  called(isFailure: boolean): void {
    this.#count.sourceCalls += 1;
    if (!isFailure) return;
    this.#count.sourceFailures += 1;
    this.#failedAt = performance.now();
  }

  happened(what: string, code: number | undefined): void {
    if (what === 'connected') this.#count.connections += 1;
    if (what === 'reauthenticated') this.#count.reauthentications += 1;
    if (what !== 'dropped' || code === undefined || code < 40_140 || code >= 40_150) return;
    this.#count.disconnectsByToken += 1;
    if (performance.now() - this.#failedAt > this.#ttlMs / 4) this.#count.disconnectsWhileSourceAnswers += 1;
  }

  async watch(promise: Promise<unknown>): Promise<void> {
    const from = performance.now();
    this.#count.promises += 1;
    await promise.catch(() => {
      this.#count.promisesRejected += 1;
    });
    this.#settled += 1;
    this.#count.longestPromise = Math.max(this.#count.longestPromise, Math.round(performance.now() - from));
  }

  waited(ms: number): void {
    this.#count.notConnected += ms;
  }
}
