import { seededChance } from '../../src/chance.js';

/** A period with a fault, ms from the beginning. */
interface Spell {
  readonly from: number;
  readonly to: number;
}

/** When each fault happens: the same for every contender. */
export interface Weather {
  /** The source of tokens fails. */
  readonly sourceDown: readonly Spell[];
  /** AUTH on a live connection is answered late, or never. */
  readonly authLate: readonly Spell[];
  readonly authSilent: readonly Spell[];
  /** Every transport breaks. */
  readonly cuts: readonly number[];
  /** The application calls `authorize()`. */
  readonly calls: readonly number[];
}

/** The share of time in which the source fails. */
const DOWN_SHARE = 0.2;

/** @param ms the duration */
export function weather(seed: number, ms: number): Weather {
  const random = seededChance(seed);
  const between = (least: number, most: number) => least + random() * (most - least);
  const moments = (least: number, most: number) => {
    const all: number[] = [];
    for (let at = between(least, most); at < ms; at += between(least, most)) all.push(at);
    return all;
  };
  /** Periods of at least so many ms each, whose total is the given share. */
  const spells = (least: number, most: number, share: number) => {
    const all: Spell[] = [];
    for (let at = 0; at < ms; ) {
      const bad = between(least, most);
      const from = at + (bad / share - bad) * between(0.5, 1.5);
      all.push({ from, to: from + bad });
      at = from + bad;
    }
    return all.filter(({ from }) => from < ms);
  };
  return {
    sourceDown: spells(300, 2_500, DOWN_SHARE),
    authLate: spells(1_000, 4_000, 0.15),
    authSilent: spells(1_000, 4_000, 0.1),
    cuts: moments(2_000, 10_000),
    calls: moments(1_500, 6_000),
  };
}

export const isIn = (spells: readonly Spell[], at: number): boolean =>
  spells.some(({ from, to }) => from <= at && at < to);
