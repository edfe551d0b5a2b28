import type { Clock, TimerHandle } from '../../clock.js';

/** After a server that did not answer: the first wait, which doubles, and the longest one, ms. */
const RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/** The two timers of a connection: until when the server must answer, and when the connection is opened again. */
export class StackTimers {
  readonly #clock: Clock;
  #deadline: TimerHandle = null;
  #retry: TimerHandle = null;
  #silences = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isArmed(): boolean {
    return this.#deadline !== null;
  }

  arm(overdue: () => void, ms: number): void {
    this.disarm();
    this.#deadline = this.#clock.setTimeout(overdue, ms);
  }

  disarm(): void {
    this.#clock.clearTimeout(this.#deadline);
    this.#deadline = null;
  }

  again(open: () => void, ms: number): void {
    this.stay();
    this.#retry = this.#clock.setTimeout(open, ms);
  }

  /** The connection is not opened again by itself. */
  stay(): void {
    this.#clock.clearTimeout(this.#retry);
    this.#retry = null;
  }

  /** How long to wait after one more silence of the server, ms. */
  afterSilence(): number {
    this.#silences += 1;
    return Math.min(RETRY_MS * 2 ** (this.#silences - 1), LONGEST_RETRY_MS);
  }

  /** The server answered. */
  answered(): void {
    this.disarm();
    this.#silences = 0;
  }
}
