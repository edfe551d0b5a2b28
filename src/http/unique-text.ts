import { chance } from '../platform/random-bytes.js';

let count = 0;

/**
 * A text that is never made twice: a counter, the time and a random number differ. It needs no encoding in an
 * address.
 *
 * @param now ms since the epoch
 * @param random returns a number in [0, 1)
 */
export function uniqueText(now: number, random?: () => number): string {
  count += 1;
  return [now, chance(random), count].map((part) => Math.floor(part).toString(36)).join('-');
}
