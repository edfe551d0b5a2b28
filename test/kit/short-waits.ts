import { setImmediate } from 'node:timers/promises';
import type { VirtualClock } from '../../src/testing/virtual-clock.js';

/** Longer waits are time limits, which must not pass while real work runs. */
const SHORT_MS = 2_000;

/** Waits for work that does real work, such as signing and requests, and makes short waits on a virtual clock. */
export async function waitedFor<T>(work: Promise<T>, clock: VirtualClock): Promise<T> {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  work.then(end, end);
  while (!isOver) {
    if (clock.nextIn <= SHORT_MS) await clock.advance(clock.nextIn);
    else await setImmediate();
  }
  return await work;
}
