/** Where the moments of a period are on a drawing. */
export class Scale {
  readonly from: number;
  readonly to: number;
  readonly left: number;
  readonly right: number;

  /** @param range the period, ms since the epoch. @param left @param right its place, px */
  constructor([from, to]: readonly [number, number], left: number, right: number) {
    this.from = from;
    this.to = to;
    this.left = left;
    this.right = right;
  }

  /** The place of a moment, px. */
  x(at: number): number {
    return this.left + ((at - this.from) / (this.to - this.from)) * (this.right - this.left);
  }

  /** The same, at most a little outside of the drawing: far away nothing can be drawn. */
  near(at: number): number {
    return Math.min(this.right + NEAR_PX, Math.max(this.left - NEAR_PX, this.x(at)));
  }

  /** The moment at a place. */
  at(x: number): number {
    return this.from + ((x - this.left) / (this.right - this.left)) * (this.to - this.from);
  }

  /** Round moments in the period, in the zone of the browser. */
  ticks(apartPx: number): number[] {
    const least = ((this.to - this.from) * apartPx) / Math.max(1, this.right - this.left);
    const step = STEPS.find((one) => one >= least) ?? Math.ceil(least / DAY) * DAY;
    const zone = new Date(this.from).getTimezoneOffset() * 60_000;
    const first = Math.ceil((this.from - zone) / step) * step + zone;
    const count = Math.max(0, Math.floor((this.to - first) / step) + 1);
    return Array.from({ length: Math.min(MOST_TICKS, count) }, (_, index) => first + index * step);
  }
}

const NEAR_PX = 20;
const MOST_TICKS = 50;

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000] as const;

const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  DAY,
];
