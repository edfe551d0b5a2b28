/** The smallest and the largest width of the window, ms. */
const NARROWEST = 2_000;
const WIDEST = 7 * 24 * 3_600_000;

/** The last moment that a Date can represent, ms. */
const LATEST = 8.64e15;

/** The part of the window after the present while it follows the present: renewals are planned there. */
const AHEAD = 0.3;

const STEP = 1.6;

/** The width at first: so many lives of a token, or this time if its life is not known, ms. */
const LIVES = 3;
const WIDTH_MS = 60_000;

/** The period that the timeline shows. */
export class TimeWindow {
  #widthMs = WIDTH_MS;
  /** Whether the user chose the width. */
  #isChosen = false;
  #wasWhole = false;
  /** The middle of the window; null: it follows the present. */
  #middle: number | null = null;
  #isWhole = false;

  get isFollowing(): boolean {
    return this.#middle === null;
  }

  /**
   * The period.
   *
   * @param lifeMs the life of the current token
   * @returns its begin and its end, ms since the epoch
   */
  at(now: number, firstAt: number, lastAt: number, lifeMs?: number): readonly [from: number, to: number] {
    if (!this.#isChosen && lifeMs !== undefined && this.isFollowing)
      this.#widthMs = Math.min(WIDEST, Math.max(NARROWEST, LIVES * lifeMs));
    if (this.#isWhole) {
      const margin = Math.max(NARROWEST / 2, (lastAt - firstAt) * 0.03);
      this.#widthMs = Math.max(NARROWEST, lastAt - firstAt + 2 * margin);
      this.#middle = (firstAt + lastAt) / 2;
      this.#isWhole = false;
      this.#wasWhole = true;
      this.#isChosen = true;
    }
    const wanted = this.#middle ?? now + this.#widthMs * (AHEAD - 0.5);
    const most = LATEST - this.#widthMs / 2;
    const middle = Math.min(most, Math.max(-most, wanted));
    return [middle - this.#widthMs / 2, middle + this.#widthMs / 2];
  }

  /** Zooms. @param direction in: +1, out: −1. @param around the moment that stays in place */
  zoom(direction: number, around: number | null): void {
    this.#isChosen = true;
    this.#wasWhole = false;
    const width = Math.min(WIDEST, Math.max(NARROWEST, this.#widthMs * STEP ** -direction));
    if (this.#middle !== null && around !== null)
      this.#middle = around + (this.#middle - around) * (width / this.#widthMs);
    this.#widthMs = width;
  }

  /** Moves the window. @param share the distance in window widths. @param now the present, if it was following */
  pan(share: number, now: number): void {
    this.#middle = (this.#middle ?? now + this.#widthMs * (AHEAD - 0.5)) + share * this.#widthMs;
  }

  /** Moves the window to a moment outside of it. */
  include(at: number, [from, to]: readonly [number, number]): void {
    if (at < from || at > to) this.#middle = at;
  }

  showAll(): void {
    this.#isWhole = true;
  }

  follow(): void {
    // All of a session is not the width to follow it with.
    if (this.#wasWhole) this.#isChosen = false;
    this.#wasWhole = false;
    this.#middle = null;
  }
}
