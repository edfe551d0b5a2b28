/** What a period without a usable token followed. */
export type Cause =
  | 'outage'
  | 'offline'
  | 'sleep the platform tells of'
  | 'sleep nothing tells of'
  | 'clock jump'
  | 'nothing';

/** A period without a token, ms. */
export interface Stretch {
  readonly count: number;
  readonly longest: number;
  readonly median: number;
}

/**
 * Measures the periods in which a client has no usable token although it could get one: from when it could,
 * or from the token's expiry, until the next token. Times are real ones, with sleep. A period that the next
 * fault cuts short does not count.
 */
export class GapWatch {
  readonly #gaps: { readonly cause: Cause; readonly ms: number }[] = [];
  /** Tokens that expired without a replacement while source and network were up. */
  missed = 0;
  readonly #now: () => number;
  #diesAt = Number.NEGATIVE_INFINITY;
  #reachableSince = 0;
  #lastFault: Cause = 'nothing';
  #isGivenUp = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  faultBegins(cause: Cause): void {
    this.#lastFault = cause;
    this.#reachableSince = Number.POSITIVE_INFINITY;
  }

  faultEnds(): void {
    this.#reachableSince = this.#now();
  }

  tokenCame(ttlMs: number): void {
    const now = this.#now();
    const could = Math.max(this.#diesAt, this.#reachableSince);
    const isMissed = !this.#isGivenUp && this.#diesAt > this.#reachableSince && this.#diesAt < now;
    if (isMissed) this.missed += 1;
    if (could < now) this.#gaps.push({ cause: this.#lastFault, ms: now - could });
    this.#diesAt = now + ttlMs;
    this.#isGivenUp = false;
  }

  /** The client drops its token: after its expiry, or earlier if a clock jump looks like sleep. */
  tokenWent(): void {
    this.#isGivenUp = this.#now() < this.#diesAt;
    this.#diesAt = Math.min(this.#diesAt, this.#now());
  }

  of(...causes: Cause[]): Stretch {
    const all = this.#gaps.filter(({ cause }) => causes.includes(cause)).map(({ ms }) => ms);
    all.sort((a, b) => a - b);
    return { count: all.length, longest: all.at(-1) ?? 0, median: all[Math.floor(all.length / 2)] ?? 0 };
  }
}
