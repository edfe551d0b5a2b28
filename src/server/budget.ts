import { holdWhile, type LetGo } from '../async/hold.js';
import type { Clock, TimerHandle } from '../clock.js';

/** What it takes time from, and whether the process stays while a request is under way. */
interface BudgetPorts {
  readonly clock: Clock;
  readonly keepAlive: boolean;
}

/** The time one request may take, whatever the work for it does. Costs nothing until something is waited for. */
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
   * The outcome of `work`, which is dropped when it comes too late.
   *
   * @param late what to reject with then
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
