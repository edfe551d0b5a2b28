import type { Clock } from '../clock.js';

/** An AUTH that may be answered yet, with a token that is not the newest. */
interface OlderAuth {
  /** Monotonic moment after which no answer is expected any more. */
  readonly until: number;
  /** Whether it surely was sent, and is surely answered. */
  readonly isSure: boolean;
}

/** What an answer of the server says of the token that was sent last. */
export type AblyAnswer =
  /** It is accepted. */
  | 'accepted'
  /** Nothing yet: an older token was answered, and its own answer follows. */
  | 'older'
  /** Nothing: this answers it, or an older token. If it is sent again, the next answer says more. */
  | 'doubtful'
  /** Nothing: no answer was due. */
  | 'unasked';

/** A server that did not answer in so many timeouts never will. */
const LOST_AFTER = 5;

/**
 * Which AUTH the server answers.
 *
 * Answers bear no name; some come late, and some never. A token is accepted by the first answer that
 * cannot be to an older one: as many answers before it as there are older ones without.
 */
export class AblyAnswers {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  #older: readonly OlderAuth[] = [];
  /** AUTHs with the newest token. */
  #sent = 0;
  #isSure = true;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** AUTHs of the newest token, or of older ones, were sent on this transport and not answered. */
  get isNone(): boolean {
    return this.#sent === 0 && !this.isInDoubt;
  }

  /** An answer that comes may be to an older token. */
  get isInDoubt(): boolean {
    this.#older = this.#older.filter(({ until }) => until > this.#clock.monotonic());
    return this.#older.length > 0;
  }

  /** One AUTH with the newest token was sent. */
  sent(): void {
    this.#sent += 1;
  }

  answered(): AblyAnswer {
    if (!this.isInDoubt) {
      if (this.#sent === 0) return 'unasked';
      this.#sent -= 1;
      return 'accepted';
    }
    const isSure = this.#older.every((one) => one.isSure);
    this.#older = this.#older.slice(1);
    if (isSure) return 'older';
    this.#isSure = false;
    return 'doubtful';
  }

  /** The wait for the newest token is over: it is an older one from now on. */
  done(isAccepted: boolean): void {
    const timeouts = isAccepted ? 1 : LOST_AFTER;
    const one = {
      until: this.#clock.monotonic() + timeouts * this.#timeoutMs,
      isSure: isAccepted && this.#isSure,
    };
    this.#older = [...this.#older, ...Array<OlderAuth>(this.#sent).fill(one)];
    this.#sent = 0;
    this.#isSure = true;
  }

  /** Another transport knows nothing of what was sent on this one. */
  forget(): void {
    this.#older = [];
    this.#sent = 0;
    this.#isSure = true;
  }
}
