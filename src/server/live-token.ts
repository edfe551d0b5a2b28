import { underDeadline } from '../async/deadline.js';
import { Disposal } from '../async/disposal.js';
import { type Clock, ClockReading, type TimerHandle } from '../clock.js';
import { safeCause } from '../errors/cause.js';
import { ErrorInfo, isTokenError } from '../errors/error-info.js';
import { redactText } from '../redaction/text.js';
import { isRefusal, type Refusal, refuse } from './refusal.js';
import { type Answer, SUPERSEDED } from './token-answer.js';
import { readVerified, type VerifiedToken, type VerifyToken } from './verified-token.js';

/** What a live connection does for its token. */
export interface LiveTokenOptions {
  readonly verify: VerifyToken;
  readonly clock: Clock;
  /** How long before the expiry the client is asked for the next token, ms; a fifth of the life at most. */
  readonly askBeforeMs: number;
  /** The time limit of a verification, ms. */
  readonly timeoutMs: number;
  readonly maxTokenLength: number;
  /** Receives what kept a token from being verified. */
  onError(error: ErrorInfo): void;
  /** The token expires soon. */
  ask(expiresInMs: number): void;
  /** The token has expired. */
  expire(): void;
}

/** Timers stop while the machine sleeps. After it has woken up, an expired token is noticed within this time, ms. */
const LONGEST_WAIT_MS = 30_000;

/**
 * The token of one live connection: verifies each that the client presents, one after the other, and tells when the
 * connection needs the next one and when it is over.
 */
export class LiveToken {
  readonly #options: LiveTokenOptions;
  readonly #over = new Disposal();
  #current:
    | { readonly token: VerifiedToken; readonly since: ClockReading; readonly lifeMs: number }
    | undefined;
  #timer: TimerHandle | undefined;
  #isVerifying = false;
  /** The token that is verified next. */
  #next: { readonly token: string; answer(answer: Answer | Promise<Answer>): void } | undefined;

  constructor(options: LiveTokenOptions) {
    this.#options = options;
  }

  /** The token of the connection. undefined: none was accepted yet. */
  get current(): VerifiedToken | undefined {
    return this.#current?.token;
  }

  /** Whether the connection has a token that is valid. Sleep of the machine counts, which delays timers. */
  get isLive(): boolean {
    return this.#over.reason === undefined && this.#leftMs > 0;
  }

  /** Verifies a token. While one is verified, one more waits: a newer one takes its place. */
  present(token: unknown): Promise<Answer> {
    const { maxTokenLength: most } = this.#options;
    if (typeof token !== 'string' || token === '' || token.length > most)
      return Promise.resolve(refused(40144, `the token must be a string of 1 to ${most} letters`));
    if (!this.#isVerifying) return this.#verify(token);
    this.#next?.answer(refused(SUPERSEDED, 'a newer token came while another one was verified', 429));
    return new Promise((answer) => {
      this.#next = { token, answer };
    });
  }

  /** The connection is closed: nothing is reported any more. */
  end(): void {
    this.#stopTimer();
    this.#over.end(new ErrorInfo({ code: 80017, message: 'the connection is closed' }));
    this.#next?.answer(undefined);
    this.#next = undefined;
  }

  async #verify(token: string): Promise<Answer> {
    this.#isVerifying = true;
    try {
      return await this.#judged(token);
    } finally {
      this.#isVerifying = false;
      const next = this.#next;
      this.#next = undefined;
      next?.answer(this.#verify(next.token));
    }
  }

  async #judged(token: string): Promise<Answer> {
    const { verify, clock, timeoutMs: ms } = this.#options;
    const timedOut = () => undecided(`the token was not verified within ${ms} ms`);
    const work = async (signal: AbortSignal) => await verify(token, { signal, now: clock.now() });
    try {
      const found = await underDeadline(work, { clock, ms, outer: this.#over, timedOut });
      if (this.#over.reason !== undefined) return undefined;
      const given = found ?? refuse(401, 'the token was refused');
      return isRefusal(given) ? byRefusal(given, token) : this.#accept(given);
    } catch (thrown) {
      if (this.#over.reason !== undefined) return undefined;
      if (isRefusal(thrown)) return byRefusal(thrown, token);
      const message = 'the token could not be verified';
      // The cause may repeat the token.
      const cause = safeCause(thrown, () => undefined, [token]);
      this.#options.onError(new ErrorInfo({ code: 50000, message, cause }));
      return { error: undecided(message) };
    }
  }

  #accept(found: unknown): Answer {
    const token = readVerified(found);
    if (token === undefined)
      throw new TypeError('verify must return { identity, expires }, a refusal or null');
    const { clock, askBeforeMs } = this.#options;
    const { identity, issued = Number.NEGATIVE_INFINITY, expires = Number.POSITIVE_INFINITY } = token;
    // A clock that is behind makes no token live longer than its issuer said.
    const lifeMs = Math.min(expires - clock.now(), expires - issued);
    if (!(lifeMs > 0)) return refused(40142, 'the token has expired');
    if (identity !== (this.current?.identity ?? identity))
      return refused(40102, 'the token is for another identity than the connection');
    this.#stopTimer();
    this.#current = { token, lifeMs, since: new ClockReading(clock) };
    if (lifeMs < Number.POSITIVE_INFINITY) this.#watch(Math.min(askBeforeMs, lifeMs / 5));
    return { expiresInMs: lifeMs };
  }

  /** How long the token is valid, ms. */
  get #leftMs(): number {
    if (this.#current === undefined) return 0;
    const { since, lifeMs } = this.#current;
    return lifeMs - since.agoMs - since.sleptMs;
  }

  /** Asks `leadMs` before the expiry, and then expires. */
  #watch(leadMs: number): void {
    const leftMs = this.#leftMs;
    if (leftMs <= 0) {
      this.#options.expire();
      return;
    }
    const isTime = leftMs <= leadMs;
    // Whole: a tiny fraction would vanish in the sum of the times, and this would run again and again.
    const nextMs = Math.ceil(Math.min(isTime ? leftMs : leftMs - leadMs, LONGEST_WAIT_MS));
    this.#timer = this.#options.clock.setTimeout(() => this.#watch(isTime ? 0 : leadMs), nextMs);
    if (isTime) this.#options.ask(Math.round(leftMs));
  }

  #stopTimer(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** The errors of the connection have a code of a token error, so that a client knows that a new token helps. */
function byRefusal({ error }: Refusal, token: string): Answer {
  const message = redactText(error.message, [token]);
  if (error.statusCode === 403) return refused(40300, message, 403);
  return refused(isTokenError(error) ? error.code : 40140, message);
}

const refused = (code: number, message: string, statusCode = 401): Answer => ({
  error: new ErrorInfo({ code, statusCode, message, remediation: null }),
});

const undecided = (message: string): ErrorInfo =>
  new ErrorInfo({ code: 50003, statusCode: 503, message, remediation: null });
