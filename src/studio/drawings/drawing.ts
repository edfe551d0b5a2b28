/**
 * A machine's top states and the ways between them, arranged by hand. A test compares each drawing with its
 * machine.
 */
export interface Drawing {
  /** The ways, such as `idle→requesting`, with the events that take them. */
  readonly events: Readonly<Record<string, readonly string[]>>;
  readonly forms: Readonly<Record<FormName, Form>>;
}

/** `wide`: the states in rows; `tall`: the states in a column, beside the state that all of them lead to. */
export type FormName = 'wide' | 'tall';

/** One arrangement. Lengths are in px; the origin is the upper left corner. */
export interface Form {
  readonly width: number;
  readonly height: number;
  /** The short line that leads to the initial state. */
  readonly start: string;
  readonly states: Readonly<Record<string, Box>>;
  readonly ways: Readonly<Record<string, DrawnWay>>;
}

export type Box = readonly [x: number, y: number, width: number, height: number];

type Anchor = 'start' | 'middle' | 'end';

/** The line of a way, from its source to its target, and its label: the baseline of the first row, and the rows. */
export type DrawnWay = readonly [
  /** Horizontal and vertical parts, such as `M10 20H80V40`. */
  line: string,
  x: number,
  y: number,
  anchor: Anchor,
  ...rows: readonly string[],
];

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The size of letters, px, in the drawings as they are. */
export const letters = {
  wide: { name: 15, label: 12.5, inner: 12, row: 14 },
  tall: { name: 13.5, label: 11.5, inner: 11.5, row: 13 },
} as const;

/** The corners of a line such as `M10 20H80V40`. */
export function pointsOf(line: string): Point[] {
  let [x, y] = [0, 0];
  return [...line.matchAll(/([MHV])(-?[\d.]+) ?(-?[\d.]+)?/g)].map(([, letter, first, second]) => {
    if (letter !== 'V') x = Number(first);
    if (letter !== 'H') y = Number(letter === 'M' ? second : first);
    return { x, y };
  });
}
