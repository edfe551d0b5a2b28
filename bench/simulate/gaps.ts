/** What a time without a usable token followed. */
export type Cause =
  | 'outage'
  | 'offline'
  | 'sleep the platform tells of'
  | 'sleep nothing tells of'
  | 'clock jump'
  | 'nothing';

/** Times without a token, ms. */
export interface Stretch {
  readonly count: number;
  readonly longest: number;
  readonly median: number;
}

/**
 * Watches when a client has no usable token although it could get one: from when it could, or from
 * when its token died, until it has the next. Times are true ones, sleep included. What the next
 * fault cuts short does not count, for nothing can be said of it.
 */
export class GapWatch {
  readonly #gaps: { readonly cause: Cause; readonly ms: number }[] = [];
  /** Tokens that died unreplaced while source and network were up. */
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

  /** The client lets it go: dead, or before its time, where a clock that jumped looks like sleep. */
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
