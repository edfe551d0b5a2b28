import type { Clock } from '../clock.js';
import { type Abortable, abortable, reasonOf, throwIfAborted } from '../platform/signals.js';

/** A request for the server's time that runs, with the number of callers that wait for it. */
interface Question {
  readonly over: Abortable;
  readonly answer: Promise<void>;
  waiting: number;
}

/** A smaller error of the clock, ms, does no harm: TokenRequests are valid for two minutes. */
const FAR_OFF_MS = 30_000;

/** If the wall clock moved by more than this against the monotonic clock, ms, it was set. */
const WAS_SET_MS = 5_000;

/** The offset of the server's clock, and how far the wall clock was ahead of the monotonic clock at that moment. */
interface Offset {
  readonly ms: number;
  readonly wallAheadMs: number;
}

/**
 * The server's time. The server is asked once; then the offset to the local wall clock is used, until that clock is
 * set.
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

  /** Server minus local wall clock, ms. undefined: the server was not asked yet, or the clock was set since. */
  get offsetMs(): number | undefined {
    const offset = this.#offset;
    if (offset === undefined) return undefined;
    // A sleep of the machine may look the same. Then one more request is made, which does no harm.
    if (Math.abs(this.#wallAheadMs() - offset.wallAheadMs) > WAS_SET_MS) this.forget();
    return this.#offset?.ms;
  }

  /** Drops the known offset: the next caller asks the server again. */
  forget(): void {
    this.#offset = undefined;
  }

  /** Takes the time, in whole seconds, from an answer to another request. It shows that the local clock is far off. */
  learn(serverNow: number): void {
    const isFarOff = Math.abs(serverNow - this.#clock.now()) > FAR_OFF_MS;
    if (isFarOff && this.offsetMs === undefined) this.#keep(serverNow);
  }

  /** The server's time by the known offset, or the local time without one. The server is not asked. */
  local(): number {
    return this.#clock.now() + (this.offsetMs ?? 0);
  }

  /**
   * @param query whether to ask the server if no offset is known
   * @throws the error of the request, or the reason of `signal`
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

  /** Callers at the same time share one request, which is aborted when the last of them has given up. */
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
