import { chance } from '../platform/random-bytes.js';

let count = 0;

/**
 * A text that never comes again: here by count, on other pages and machines by time and chance. Fit for an
 * address as it is.
 *
 * @param now ms since the epoch
 * @param random gives a number in [0, 1), for platforms without random bytes
 */
export function uniqueText(now: number, random?: () => number): string {
  count += 1;
  return [now, chance(random), count].map((part) => Math.floor(part).toString(36)).join('-');
}
