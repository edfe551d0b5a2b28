import type { Clock } from '../clock.js';

/** A question under way, and how many wait for its answer. */
interface Question {
  readonly over: AbortController;
  readonly answer: Promise<void>;
  waiting: number;
}

/** A clock that is no more than this off does no harm: TokenRequests hold for two minutes. */
const FAR_OFF_MS = 30_000;

/**
 * What time it is at the server. Asked once, then kept as an offset of the local wall clock.
 * @see RSA10k
 */
export class ServerTime {
  readonly #clock: Clock;
  readonly #ask: (signal: AbortSignal) => Promise<number>;
  #offsetMs: number | undefined;
  #question: Question | undefined;

  constructor(clock: Clock, ask: (signal: AbortSignal) => Promise<number>) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** Server minus local wall clock, ms; undefined until the server was asked. */
  get offsetMs(): number | undefined {
    return this.#offsetMs;
  }

  /** What is known is wrong: the next who asks has the server asked again. */
  forget(): void {
    this.#offsetMs = undefined;
  }

  /** A server told the time by the way, to the second: enough to see that the local clock is far off. */
  learn(serverNow: number): void {
    const offset = serverNow - this.#clock.now();
    if (this.#offsetMs === undefined && Math.abs(offset) > FAR_OFF_MS) this.#offsetMs = offset;
  }

  /** Without a question to the server: by the offset, if there is one. */
  local(): number {
    return this.#clock.now() + (this.#offsetMs ?? 0);
  }

  /**
   * @param query whether to ask the server, if it was not asked before
   * @throws what the question fails with, or the reason of `signal`
   */
  async now(query: boolean, signal: AbortSignal): Promise<number> {
    if (query && this.#offsetMs === undefined) await this.#asked(signal);
    return this.local();
  }

  /** All who ask at once share one question; it is given up when the last of them has gone. */
  #asked(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#question ??= this.#begin();
    const question = this.#question;
    question.waiting += 1;
    return new Promise((resolve, reject) => {
      const leave = () => {
        question.waiting -= 1;
        if (question.waiting === 0) this.#end(question, signal.reason);
        reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      const settled = () => signal.removeEventListener('abort', leave);
      question.answer.then(resolve, reject).then(settled);
    });
  }

  #begin(): Question {
    const over = new AbortController();
    const answer = this.#ask(over.signal).then((time) => {
      this.#offsetMs = time - this.#clock.now();
    });
    const question = { over, answer, waiting: 0 };
    const end = () => this.#end(question);
    answer.then(end, end);
    return question;
  }

  #end(question: Question, reason?: unknown): void {
    if (this.#question === question) this.#question = undefined;
    question.over.abort(reason);
  }
}
