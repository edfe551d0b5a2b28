let count = 0;

/**
 * A text that never comes again: here by count, on other pages and machines by time and chance. Fit for an
 * address as it is.
 *
 * @param now ms since the epoch
 */
export function uniqueText(now: number): string {
  count += 1;
  const [chance = 0] = globalThis.crypto?.getRandomValues(new Uint32Array(1)) ?? [];
  return [now, chance, count].map((part) => Math.floor(part).toString(36)).join('-');
}
