/** One line of the report: a figure of Latchkey beside one of a peer. */
export interface Measure {
  readonly name: string;
  readonly unit: 'calls/s' | 'bytes' | 'ms' | 'count';
  readonly latchkey: number;
  /** The peer, in words; null without one. */
  readonly against: string | null;
  readonly other: number | null;
  /** How many times better Latchkey is; below 1 it is worse. */
  readonly ratio: number | null;
  /** Half of all rounds have a ratio between these two. */
  readonly spread: readonly [lower: number, upper: number] | null;
  /** The ratio that this project promises. */
  readonly target: number | null;
  /** What exactly is compared, if the names alone would mislead. */
  readonly note: string | null;
}

/** A measure with one value for each side, where smaller is better. */
export function smallerIsBetter(
  one: Pick<Measure, 'name' | 'unit' | 'latchkey'> & {
    readonly against?: string;
    readonly other?: number;
    readonly note?: string;
    readonly target?: number;
  },
): Measure {
  const other = one.other ?? null;
  return {
    name: one.name,
    unit: one.unit,
    latchkey: one.latchkey,
    against: one.against ?? null,
    other,
    ratio: other === null ? null : other / one.latchkey,
    spread: null,
    target: one.target ?? null,
    note: one.note ?? null,
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] =
    sorted.length % 2 === 0 ? sorted.slice(middle - 1, middle + 1) : [sorted[middle], sorted[middle]];
  return (low + high) / 2;
}

export function quartiles(values: readonly number[]): [lower: number, upper: number] {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return [median(sorted.slice(0, half)), median(sorted.slice(-half))];
}
