import { systemClock, type TimerHandle } from '../../clock.js';

/** The first wait and the longest, ms. Each is half as long again as the one before. */
const FIRST_MS = 100;
const LONGEST_MS = 5_000;
const GROWTH = 1.5;

/** Asks again and again while there are listeners: soon after one came, then less often. One timer for all of them. */
export class Poll {
  readonly #ask: () => Promise<unknown>;
  readonly #listeners = new Set<() => void>();
  #timer: TimerHandle;
  #dueAt = Number.POSITIVE_INFINITY;
  #waitMs = FIRST_MS;
  #isAsking = false;

  /** @param ask calls {@link tell} if there is news */
  constructor(ask: () => Promise<unknown>) {
    this.#ask = ask;
  }

  get isOver(): boolean {
    return this.#listeners.size === 0;
  }

  /** @returns removes the listener */
  add(listener: () => void): () => void {
    // One function may be added twice.
    const one = () => listener();
    this.#listeners.add(one);
    this.#waitMs = FIRST_MS;
    if (this.#dueAt - systemClock.monotonic() > FIRST_MS) this.#wait();
    return () => {
      this.#listeners.delete(one);
      if (!this.isOver) return;
      systemClock.clearTimeout(this.#timer);
      this.#dueAt = Number.POSITIVE_INFINITY;
    };
  }

  tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #wait(): void {
    systemClock.clearTimeout(this.#timer);
    this.#dueAt = systemClock.monotonic() + this.#waitMs;
    this.#timer = systemClock.setTimeout(() => this.#look(), this.#waitMs);
    this.#waitMs = Math.min(LONGEST_MS, this.#waitMs * GROWTH);
  }

  #look(): void {
    this.#wait();
    // While Redis hangs, one question is enough.
    if (this.#isAsking) return;
    this.#isAsking = true;
    const end = () => {
      this.#isAsking = false;
    };
    this.#ask().then(end, end);
  }
}
