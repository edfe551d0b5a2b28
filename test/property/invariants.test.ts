import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sequences, settings } from './steps.js';
import { World } from './world.js';

/** The number of sequences. */
const RUNS = Number(process.env.RUNS ?? 4_000);
/** A failure prints its seed and path: SEED=… SEED_PATH=… RUNS=1 repeat it. */
const SEED = Number(process.env.SEED ?? 20_261_124);
const SEED_PATH = process.env.SEED_PATH;
/** Whether to search for the shortest failing sequence, which takes a while. */
const SHRINKS = process.env.NO_SHRINK === undefined;
const PARTS = SEED_PATH === undefined ? 5 : 1;

describe('a client under random events', () => {
  const parts = Array.from({ length: PARTS }, (_, index) => SEED + index);

  it.each(parts)('the ten invariants hold after every step, seed %i', async (seed) => {
    const numRuns = Math.ceil(RUNS / PARTS);
    let steps = 0;
    await fc.assert(
      fc.asyncProperty(settings, sequences, async (setting, sequence) => {
        const world = new World(setting);
        for (const step of sequence) await world.take(step);
        await world.end();
        steps += sequence.length;
        expect([...new Set(world.problems)]).toEqual([]);
      }),
      { numRuns, seed, endOnFailure: !SHRINKS, ...(SEED_PATH === undefined ? {} : { path: SEED_PATH }) },
    );
    console.log(`invariants: ${numRuns} sequences of ${steps} steps, SEED=${seed}`);
  });
});
