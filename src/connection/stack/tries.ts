import type { Clock } from '../../clock.js';

/** Before the second try, which doubles, and the longest wait, ms. */
const RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/** After a connection that lasted so long, the first try is made at once, ms. */
const LASTING_MS = 2_000;

/** How often a connection was tried since it last stayed. */
export class Tries {
  readonly #clock: Clock;
  #count = 0;
  #since: number | null = null;
  #isForToken = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The next try is not made after a loss, but for a token. */
  restart(): void {
    this.#isForToken = true;
  }

  /** The connection is up. It lasts from its last loss on, whatever tokens it gets meanwhile. */
  connected(): void {
    this.#since ??= this.#clock.monotonic();
    this.#isForToken = false;
  }

  /** The next try: its number, and how long to wait for it, ms. The first one is made at once. */
  next(): { readonly count: number; readonly ms: number } {
    if (this.#isForToken) {
      this.#isForToken = false;
      return { count: 0, ms: 0 };
    }
    if (this.#since !== null && this.#clock.monotonic() - this.#since >= LASTING_MS) this.#count = 0;
    this.#since = null;
    const count = this.#count;
    this.#count += 1;
    return { count, ms: count === 0 ? 0 : Math.min(RETRY_MS * 2 ** (count - 1), LONGEST_RETRY_MS) };
  }
}
