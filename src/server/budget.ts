import type { Clock, TimerHandle } from '../clock.js';

/** The time one request may take, whatever the work for it does. Costs nothing until something is waited for. */
export class Budget {
  readonly #clock: Clock;
  readonly #ms: number;
  #timer: TimerHandle;
  #isOver = false;
  #abort: AbortController | undefined;
  #late: (() => void) | undefined;

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  /** Aborts when the time is up. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#isOver) this.#abort.abort();
    return this.#abort.signal;
  }

  /**
   * The outcome of `work`, which is dropped when it comes too late.
   *
   * @param late what to reject with then
   */
  spend<T>(work: Promise<T>, late: (ms: number) => unknown): Promise<T> {
    this.#timer ??= this.#clock.setTimeout(() => this.#expire(), this.#ms);
    return new Promise((resolve, reject) => {
      this.#late = () => reject(late(this.#ms));
      if (this.#isOver) this.#late();
      work.then(resolve, reject);
    });
  }

  end(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
  }

  #expire(): void {
    this.#isOver = true;
    this.#late?.();
    this.#abort?.abort();
  }
}
