import { type Clock, holdWhile, type LetGo, type TimerHandle } from '../clock.js';

/** The clock, and whether the process stays alive while a request is being answered. */
interface BudgetPorts {
  readonly clock: Clock;
  readonly keepAlive: boolean;
}

/**
 * The time limit of one request: of its body, `grant` and its token together. It costs nothing until the
 * endpoint has to wait.
 */
export class Budget {
  readonly #ports: BudgetPorts;
  readonly #ms: number;
  #timer: TimerHandle;
  #letGo: LetGo;
  #isOver = false;
  #abort: AbortController | undefined;
  #late: (() => void) | undefined;

  constructor(ports: BudgetPorts, ms: number) {
    this.#ports = ports;
    this.#ms = ms;
  }

  /** Aborts when the time is up. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#isOver) this.#abort.abort();
    return this.#abort.signal;
  }

  /**
   * Waits for `work` within the time limit. A result after the limit is dropped.
   *
   * @param late makes the error for the time limit, in ms
   */
  spend<T>(work: Promise<T>, late: (ms: number) => unknown): Promise<T> {
    this.#timer ??= this.#ports.clock.setTimeout(() => this.#expire(), this.#ms);
    this.#letGo = holdWhile(true, this.#letGo, this.#ports);
    return new Promise((resolve, reject) => {
      this.#late = () => reject(late(this.#ms));
      if (this.#isOver) this.#late();
      work.then(resolve, reject);
    });
  }

  end(): void {
    if (this.#timer !== undefined) this.#ports.clock.clearTimeout(this.#timer);
    this.#letGo = holdWhile(false, this.#letGo, this.#ports);
  }

  #expire(): void {
    this.#isOver = true;
    this.#late?.();
    this.#abort?.abort();
  }
}
