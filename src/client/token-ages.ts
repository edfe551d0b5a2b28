import { type Clock, ClockReading } from '../clock.js';

/** The two times of a token, if they are known, in ms since the epoch. */
export interface TokenTimes {
  readonly issued?: number | undefined;
  readonly expires?: number | undefined;
}

/** The age of a token, ms. Its expiry counts from the youngest possible age, its renewal from the oldest. */
export interface TokenAge {
  /** For a token without the time of its issue: its remaining life. */
  readonly lifetimeMs: number;
  /** Below zero: the token may live longer than its lifetime says. */
  readonly ageMs: number;
  readonly oldestMs: number;
}

/** The clocks: the local clock, the `Date` of the answer, and the service that was asked for its time. */
type Clue = 'local' | 'date' | 'service';

/** The current time by each clock, ms since the epoch. */
export type Clues = { readonly local: number } & Readonly<Partial<Record<Clue, number | undefined>>>;

/** Within a minute two clocks agree. */
const CLOSE_MS = 60_000;

/** Within this two readings of one clock agree: a `Date` has whole seconds, and an answer takes its time. */
const SAME_MS = 5_000;

/** The time since a reading, ms. A monotonic clock may stand still during sleep. */
const passedMs = (reading: ClockReading): number => reading.agoMs + reading.sleptMs;

const areClose = (a: number, b: number, ms = CLOSE_MS): boolean => Math.abs(a - b) <= ms;

/** How many times between tokens are compared, at most. */
const MOST_APART = 3;

/** A source that made more tokens than this between two answers is not looked for. */
const MOST_ROUNDS = 1_000;

/**
 * Whether a source that makes a token at regular times can have given tokens that were issued so far apart. The token
 * of such a source is never older than the time until the next one.
 */
function areRegular([first = 0, ...others]: readonly number[], ageMs: number, sameMs: number): boolean {
  for (let rounds = 1; first / rounds > ageMs - sameMs; rounds += 1) {
    if (rounds > MOST_ROUNDS) return true;
    const fits = (ms: number): boolean => {
      const times = Math.round((ms * rounds) / first);
      return times > 0 && areClose(ms, (times * first) / rounds, sameMs * (1 + times / rounds));
    };
    if (others.every(fits)) return true;
  }
  return false;
}

/** What a clock said about the previous token. */
interface Said {
  readonly issued: number;
  /** The age by that clock, which may be wrong. */
  readonly ageMs: number;
  /** How much too old all tokens are by this clock. */
  readonly aheadMs: number;
  /** The times between the issues of the last tokens, if all of them seemed equally old. */
  readonly apart: readonly number[];
}

/** The times of a token, and how long before it the source had answered last. */
interface Received {
  readonly issued: number;
  readonly expires: number;
  readonly sinceMs: number;
}

/**
 * Finds out how old the tokens of a source are at their receipt. Clocks may be wrong, and answers may be cached, so an
 * age counts only if it lies within the lifetime of the token.
 */
export class TokenAges {
  /** By the name of the clock. Most clients have one clock only. */
  #said: Partial<Record<Clue, Said>> | undefined;
  /** The `Date` of the last answer that had one, and when it came. */
  #date: { readonly date: number; readonly at: ClockReading } | undefined;
  /** When the source answered last. */
  #heardAt: ClockReading | undefined;
  /** Tokens in a row about whose age the clocks do not agree. */
  #disputed = 0;
  /** The last token, when it was received for the first time, and its longest remaining life at that time. */
  #last: { readonly token: string; readonly at: ClockReading; readonly leftMs: number } | undefined;
  readonly #clock: Clock;

  /** @param clock the clock of the device, which counts the time between two answers, with sleep */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @param clues the time by each clock
   * @returns undefined: no clock says anything that can be, or the token does not expire
   */
  of(token: string, { issued, expires }: TokenTimes, clues: Clues): TokenAge | undefined {
    const at = new ClockReading(this.#clock);
    const isRunning = this.#hearDate(clues.date, at);
    if (expires === undefined) return undefined;
    const lifeMs = issued === undefined ? Number.POSITIVE_INFINITY : expires - issued;
    const before = this.#last?.token === token ? this.#last : undefined;
    // A token that comes again has at most what it had, less the time since.
    const most = before === undefined ? lifeMs : before.leftMs - passedMs(before.at);
    const sinceMs = this.#heardAt === undefined ? Number.POSITIVE_INFINITY : passedMs(this.#heardAt);
    this.#heardAt = at;
    const left = this.#leftBy(clues, issued, expires, sinceMs);
    // A clock that was seen to run at the other end is not the one that this device has wrong.
    const better = left.get('service') ?? (isRunning ? left.get('date') : undefined);
    // Without `issued`, no life bounds what the local clock says.
    const clocks = issued === undefined && better !== undefined ? [better] : [...left.values()];
    const possible = clocks.map((ms) => Math.min(ms, most));
    const longest = possible.length === 0 ? most : Math.max(...possible);
    if (longest === Number.POSITIVE_INFINITY) return undefined;
    if (before === undefined) this.#last = { token, at, leftMs: longest };
    const shortest = Math.min(longest, ...(better === undefined ? possible : [better]));
    const soonerMs = better === undefined && left.has('local') ? this.#sooner(shortest) : 0;
    const least = this.#atLeast(shortest - soonerMs, longest);
    const lifetimeMs = issued === undefined ? least : lifeMs;
    return { lifetimeMs, ageMs: lifetimeMs - longest, oldestMs: lifetimeMs - least };
  }

  /** The remaining life of the token by each clock with a plausible time, ms. */
  #leftBy(
    clues: Clues,
    issued: number | undefined,
    expires: number,
    sinceMs: number,
  ): ReadonlyMap<Clue, number> {
    const nows = Object.entries(clues).filter((one): one is [Clue, number] => one[1] !== undefined);
    const left = new Map<Clue, number>();
    for (const [clue, now] of nows) {
      const others = nows.filter(([other]) => other !== clue).map(([, time]) => time);
      const aheadMs = issued === undefined ? 0 : this.#learn(clue, { issued, expires, sinceMs }, now, others);
      const ms = expires - now + aheadMs;
      if (ms > 0 && (issued === undefined || ms <= expires - issued + CLOSE_MS)) left.set(clue, ms);
    }
    return left;
  }

  /** Whether the `Date` of the answers comes from a running clock, and not from a cached answer. */
  #hearDate(date: number | undefined, at: ClockReading): boolean {
    if (date === undefined) return false;
    const before = this.#date;
    this.#date = { date, at };
    if (before === undefined) return false;
    // The local clock may have been set: then the time that seems to be slept did not pass.
    return [passedMs(before.at), before.at.agoMs].some((ms) => areClose(date - before.date, ms, SAME_MS));
  }

  /**
   * Tokens in a row that seem to have the same age are new, and the clock is wrong, if no source that makes its tokens
   * at regular times can have given them. This does not hold if another clock agrees.
   * @returns how far it is ahead of the clock of the issuer, ms
   */
  #learn(clue: Clue, { issued, expires, sinceMs }: Received, now: number, others: readonly number[]): number {
    const before = this.#said?.[clue];
    const ageMs = now - issued;
    const sameMs = Math.max(2_000, Math.min(SAME_MS, (expires - issued) / 10));
    // The same token again, another one of the same moment, or times that are not those of a clock.
    if (before !== undefined && areClose(issued, before.issued, sameMs)) return before.aheadMs;
    const known = before === undefined || ageMs < before.aheadMs - CLOSE_MS ? 0 : before.aheadMs;
    const isConfirmed = others.some((other) => areClose(other, now));
    const isSteady = before !== undefined && !isConfirmed && areClose(ageMs, before.ageMs, sameMs);
    const apart = isSteady ? [...before.apart, Math.abs(issued - before.issued)].slice(-MOST_APART) : [];
    // A source that had this token already at its last answer would have given it then.
    const isYounger = sinceMs < ageMs - sameMs;
    const isNew = isSteady && (isYounger || (apart.length > 1 && !areRegular(apart, ageMs, sameMs)));
    const aheadMs = isConfirmed ? 0 : isNew ? Math.min(ageMs, before.ageMs) : known;
    this.#said ??= {};
    this.#said[clue] = { issued, ageMs, aheadMs, apart };
    return aheadMs;
  }

  /**
   * Tokens that seem equally old may be new, or made at regular times. The next one is asked for sooner by a part of
   * that age, so that its age says which: such a source then gives a younger one.
   */
  #sooner(shortest: number): number {
    const { ageMs = 0, aheadMs = 0, apart = [] } = this.#said?.local ?? {};
    const isDoubtful = apart.length > 0 && ageMs - aheadMs > 4 * SAME_MS;
    return isDoubtful ? Math.min(ageMs, shortest) / (apart.length + 1) : 0;
  }

  /** Clocks that keep disagreeing must not cause requests to the source without a pause. */
  #atLeast(shortest: number, longest: number): number {
    this.#disputed = longest - shortest > CLOSE_MS ? this.#disputed + 1 : 0;
    if (this.#disputed < 2) return shortest;
    return Math.max(shortest, Math.min(longest / 2, CLOSE_MS));
  }
}
