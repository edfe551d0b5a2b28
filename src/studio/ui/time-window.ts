/** Narrower and wider than this nothing is to be seen, ms. */
const NARROWEST = 2_000;
const WIDEST = 7 * 24 * 3_600_000;

/** What a Date can hold. */
const LATEST = 8.64e15;

/** While it follows, so much of the window is the time to come: renewals are planned. */
const AHEAD = 0.3;

const STEP = 1.6;

/** The part of time that the timeline shows. */
export class TimeWindow {
  #widthMs = 60_000;
  /** Its middle; null: it goes with the present. */
  #middle: number | null = null;
  #isWhole = false;

  get isFollowing(): boolean {
    return this.#middle === null;
  }

  /** @returns from and to, ms since the epoch */
  at(now: number, firstAt: number, lastAt: number): readonly [from: number, to: number] {
    if (this.#isWhole) {
      const margin = Math.max(NARROWEST / 2, (lastAt - firstAt) * 0.03);
      this.#widthMs = Math.max(NARROWEST, lastAt - firstAt + 2 * margin);
      this.#middle = (firstAt + lastAt) / 2;
      this.#isWhole = false;
    }
    const wanted = this.#middle ?? now + this.#widthMs * (AHEAD - 0.5);
    const most = LATEST - this.#widthMs / 2;
    const middle = Math.min(most, Math.max(-most, wanted));
    return [middle - this.#widthMs / 2, middle + this.#widthMs / 2];
  }

  /** @param direction in: +1, out: −1. @param around the moment that stays where it is */
  zoom(direction: number, around: number | null): void {
    const width = Math.min(WIDEST, Math.max(NARROWEST, this.#widthMs * STEP ** -direction));
    if (this.#middle !== null && around !== null)
      this.#middle = around + (this.#middle - around) * (width / this.#widthMs);
    this.#widthMs = width;
  }

  /** @param share how far, of its width; @param now where it is if it was following */
  pan(share: number, now: number): void {
    this.#middle = (this.#middle ?? now + this.#widthMs * (AHEAD - 0.5)) + share * this.#widthMs;
  }

  /** Shows a moment, if it does not. */
  include(at: number, [from, to]: readonly [number, number]): void {
    if (at < from || at > to) this.#middle = at;
  }

  showAll(): void {
    this.#isWhole = true;
  }

  follow(): void {
    this.#middle = null;
  }
}
