import type { Clock } from '../clock.js';
import { ErrorInfo } from '../errors.js';
import type { TokenDetails } from '../token/token-details.js';

/** A token as the SDK takes it: all fields are there. */
export interface AblyTokenDetails {
  token: string;
  issued: number;
  expires: number;
  capability: string;
  clientId?: string;
}

/** Why there is no token, as the SDK takes it. */
export interface AblyTokenError {
  readonly name: string;
  readonly message: string;
  readonly code: number;
  readonly statusCode: number;
}

type Answer = (error: AblyTokenError | null, token: AblyTokenDetails | null) => void;

/** What the SDK calls when it wants a token. */
export type AblyAuthCallback = (tokenParams: unknown, answer: Answer) => void;

/** One that waits for a token. */
interface Ask {
  readonly answer: Answer;
  /** Monotonic moment, ms. */
  readonly at: number;
}

/** Who knows what the SDK may have. */
interface Giver {
  readonly clock: Clock;
  /** How long the SDK surely waits, ms. */
  readonly patienceMs: number;
  /** Whether the token at hand is what the SDK wants, and not one in its place. */
  mayHand(): boolean;
  /** The SDK has a token: where it is connected, it sends it on. */
  handed(): void;
  /** The SDK waits for a token; `isExpected`: why was told before. */
  asked(isExpected: boolean): void;
}

/**
 * Where the SDK gets its tokens: at once if one is at hand, otherwise when there is one.
 *
 * The SDK keeps the object it is given and reads the token from it whenever it connects. So there is
 * one object only, and what is in it can be set back: a token that was never accepted is not used when
 * the transport breaks, without a word to the SDK.
 */
export class AblyTokenDesk {
  readonly #giver: Giver;
  readonly #handed: AblyTokenDetails = { token: '', issued: 0, expires: 0, capability: '' };
  #waiting: Ask[] = [];
  #current: TokenDetails | null = null;
  #denied: AblyTokenError | null = null;
  #isExpected = false;
  #wasGiven = false;
  /** The SDK went without once: it may have no token, and ask for one to use in a request. */
  #wasRefused = false;

  constructor(giver: Giver) {
    this.#giver = giver;
  }

  /** The token at hand. */
  get current(): TokenDetails | null {
    return this.#current;
  }

  /** Whether the SDK may still hold what was given to it, while there is no token any more. */
  get isEmptied(): boolean {
    return this.#wasGiven && this.#current === null;
  }

  /** Whether the SDK waits. */
  get isAsked(): boolean {
    return this.#waiting.length > 0;
  }

  /**
   * How many calls of the SDK's authorize() wait. Connected, each of them sends the token on once it has
   * it. 0 also where that is not sure: the SDK may have given up, or it is a request that asks.
   */
  get callers(): number {
    const { clock, patienceMs } = this.#giver;
    const since = clock.monotonic() - patienceMs;
    return !this.#wasRefused && this.#waiting.every(({ at }) => at > since) ? this.#waiting.length : 0;
  }

  readonly authCallback: AblyAuthCallback = (_tokenParams, answer) => {
    if (this.#denied !== null) {
      this.#wasRefused = true;
      answer(this.#denied, null);
    } else if (this.#current !== null && this.#giver.mayHand()) {
      this.#wasRefused = false;
      this.#hand(answer);
    } else {
      this.#waiting.push({ answer, at: this.#giver.clock.monotonic() });
      const isExpected = this.#isExpected;
      this.#isExpected = false;
      this.#giver.asked(isExpected);
    }
  };

  /** From now on this is the token. */
  give(token: TokenDetails): void {
    this.#current = token;
    this.#wasGiven = true;
    this.#isExpected = false;
    const { clientId, capability = '', issued = 0 } = token;
    // Nothing of `expires`: when it dies is not for the SDK to say, whose clock may be wrong.
    Object.assign(this.#handed, { token: token.token, issued, capability });
    if (typeof clientId === 'string') this.#handed.clientId = clientId;
    else delete this.#handed.clientId;
  }

  /** From now on there is no token. */
  take(): void {
    this.#current = null;
  }

  /** The same, and the SDK finds none where it kept the one before. */
  drop(): void {
    this.#current = null;
    Object.assign(this.#handed, { token: '', issued: 0, capability: '' });
    delete this.#handed.clientId;
  }

  /** That the SDK asks next is no news. */
  expect(): void {
    this.#isExpected = true;
  }

  /** Those who wait have the token. */
  answer(): void {
    this.#wasRefused = false;
    for (const { answer } of this.#waiting.splice(0)) this.#hand(answer);
  }

  /** Those who wait go without. */
  refuse(error: ErrorInfo): void {
    this.#leave(error);
  }

  /** Until {@link allow} whoever asks is told that it may not: for the SDK that is the end (RSA4d). */
  forbid(cause: ErrorInfo): void {
    const { code, message } = cause;
    this.#current = null;
    this.#denied = new ErrorInfo({ code, message, statusCode: 403, cause });
    this.#leave(this.#denied);
  }

  allow(): void {
    this.#denied = null;
  }

  #hand(answer: Answer): void {
    this.#giver.handed();
    answer(null, this.#handed);
  }

  #leave(error: AblyTokenError): void {
    this.#wasRefused ||= this.isAsked;
    for (const { answer } of this.#waiting.splice(0)) answer(error, null);
  }
}
