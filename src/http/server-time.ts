import type { Clock } from '../clock.js';
import { type Abortable, abortable, reasonOf, throwIfAborted } from '../platform/signals.js';

/** A question under way, and how many wait for its answer. */
interface Question {
  readonly over: Abortable;
  readonly answer: Promise<void>;
  waiting: number;
}

/** A clock that is no more than this off does no harm: TokenRequests hold for two minutes. */
const FAR_OFF_MS = 30_000;

/** The wall clock was set when it has moved by more than this against the one that does not jump. */
const WAS_SET_MS = 5_000;

/** What the local wall clock lacks, and how far it was ahead of the monotonic one when that was found. */
interface Offset {
  readonly ms: number;
  readonly wallAheadMs: number;
}

/**
 * What time it is at the server. Asked once, then kept as an offset of the local wall clock, until that
 * is set.
 * @see RSA10k
 */
export class ServerTime {
  readonly #clock: Clock;
  readonly #ask: (signal: AbortSignal) => Promise<number>;
  #offset: Offset | undefined;
  #question: Question | undefined;

  constructor(clock: Clock, ask: (signal: AbortSignal) => Promise<number>) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** Server minus local wall clock, ms; undefined until the server was asked, and when the clock was set since. */
  get offsetMs(): number | undefined {
    const offset = this.#offset;
    if (offset === undefined) return undefined;
    // A sleep may look the same: one more question then does no harm.
    if (Math.abs(this.#wallAheadMs() - offset.wallAheadMs) > WAS_SET_MS) this.forget();
    return this.#offset?.ms;
  }

  /** What is known is wrong: the next who asks has the server asked again. */
  forget(): void {
    this.#offset = undefined;
  }

  /** A server told the time by the way, to the second: enough to see that the local clock is far off. */
  learn(serverNow: number): void {
    const isFarOff = Math.abs(serverNow - this.#clock.now()) > FAR_OFF_MS;
    if (isFarOff && this.offsetMs === undefined) this.#keep(serverNow);
  }

  /** Without a question to the server: by the offset, if there is one. */
  local(): number {
    return this.#clock.now() + (this.offsetMs ?? 0);
  }

  /**
   * @param query whether to ask the server, if it was not asked before
   * @throws what the question fails with, or the reason of `signal`
   */
  async now(query: boolean, signal: AbortSignal): Promise<number> {
    if (query && this.offsetMs === undefined) await this.#asked(signal);
    return this.local();
  }

  #keep(serverNow: number): void {
    this.#offset = { ms: serverNow - this.#clock.now(), wallAheadMs: this.#wallAheadMs() };
  }

  #wallAheadMs(): number {
    return this.#clock.now() - this.#clock.monotonic();
  }

  /** All who ask at once share one question; it is given up when the last of them has gone. */
  #asked(signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    this.#question ??= this.#begin();
    const question = this.#question;
    question.waiting += 1;
    return new Promise((resolve, reject) => {
      const leave = () => {
        question.waiting -= 1;
        const reason = reasonOf(signal);
        if (question.waiting === 0) this.#end(question, reason);
        reject(reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      const settled = () => signal.removeEventListener('abort', leave);
      question.answer.then(resolve, reject).then(settled);
    });
  }

  #begin(): Question {
    const over = abortable();
    const answer = this.#ask(over.signal).then((time) => this.#keep(time));
    const question = { over, answer, waiting: 0 };
    const end = () => {
      over.done();
      this.#end(question);
    };
    answer.then(end, end);
    return question;
  }

  #end(question: Question, reason?: unknown): void {
    if (this.#question === question) this.#question = undefined;
    question.over.abort(reason);
  }
}
