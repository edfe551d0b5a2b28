import { type Measure, median, quartiles } from './measure.js';

/** Makes a number of calls, one after the other. */
type Batch = (calls: number) => Promise<void>;

interface Race {
  readonly name: string;
  readonly latchkey: Batch;
  readonly other: Batch;
  /** The peer, in words. */
  readonly against: string;
  readonly target?: number;
  readonly note?: string;
}

const ROUNDS = 32;
const WARM_UP_MS = 400;
const TURN_MS = 25;

/**
 * Runs two contenders in one process, in short turns in the order A B B A, so that other load and garbage
 * collection affect both. The ratio of a round is that of its two pairs. The median of all rounds counts.
 */
export async function race({ name, latchkey, other, against, target, note }: Race): Promise<Measure> {
  const calls = { ours: await warmUp(latchkey), theirs: await warmUp(other) };
  const ours: number[] = [];
  const theirs: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    globalThis.gc?.();
    const a = await msOf(latchkey, calls.ours);
    const b = (await msOf(other, calls.theirs)) + (await msOf(other, calls.theirs));
    const ourRate = (2 * calls.ours) / (a + (await msOf(latchkey, calls.ours)));
    const theirRate = (2 * calls.theirs) / b;
    ours.push(ourRate * 1000);
    theirs.push(theirRate * 1000);
    ratios.push(ourRate / theirRate);
  }
  return {
    name,
    unit: 'calls/s',
    latchkey: median(ours),
    against,
    other: median(theirs),
    ratio: median(ratios),
    spread: quartiles(ratios),
    target: target ?? null,
    note: note ?? null,
  };
}

/** @returns how many calls fill one turn */
async function warmUp(batch: Batch): Promise<number> {
  let calls = 16;
  let ms = 0;
  for (const end = performance.now() + WARM_UP_MS; performance.now() < end; ) {
    ms = await msOf(batch, calls);
    if (ms < TURN_MS) calls *= 2;
  }
  return Math.max(1, Math.round((calls * TURN_MS) / Math.max(ms, 1)));
}

async function msOf(batch: Batch, calls: number): Promise<number> {
  const start = performance.now();
  await batch(calls);
  return performance.now() - start;
}

/** Keeps the results, so that the engine cannot remove calls whose result is unused. */
const results = { last: undefined as unknown };

/** A batch of calls that each wait for the previous one. */
export function awaited(call: () => Promise<unknown>): Batch {
  return async (calls) => {
    for (let done = 0; done < calls; done += 1) results.last = await call();
  };
}

/** A batch of synchronous calls. */
export function direct(call: () => unknown): Batch {
  return async (calls) => {
    for (let done = 0; done < calls; done += 1) results.last = call();
  };
}
