/** Random numbers from 0 up to, but not including, 1: the same sequence for the same seed. */
export function seededChance(seed: number): () => number {
  let state = seed >>> 0;
  // mulberry32: one word of state, and good enough for tests.
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
