import type { Result, Row } from './row.js';
import { type Figures, World } from './world.js';

const sum = (all: readonly Figures[], name: keyof Figures): number =>
  all.reduce((total, figures) => total + figures[name], 0);

/** Runs one way with some clients at once, each in weather of its own. */
export async function run(row: Row, clients: number, lengthMs: number, seed: number): Promise<Result> {
  const figures = await Promise.all(
    Array.from({ length: clients }, async (_, index) => {
      const world = new World(seed + index, lengthMs, row.saysWhy ?? true);
      const stop = await row.start(world);
      const result = await world.over();
      await stop();
      return result;
    }),
  );
  const { stack, way, page } = row;
  const [sourceCalls, notConnectedMs] = [sum(figures, 'sourceCalls'), sum(figures, 'notConnectedMs')];
  const connectedMs = clients * lengthMs - notConnectedMs;
  return {
    stack,
    way,
    ...(page && { page }),
    deadTokens: sum(figures, 'deadTokens'),
    sourceCalls,
    notConnectedMs,
    callsPerConnectedMinute: Math.round(sourceCalls / (connectedMs / 60_000)),
    subscriptions: sum(figures, 'subscriptions'),
    subscriptionsLost: sum(figures, 'subscriptionsLost'),
  };
}

/** What does not hold of our way, in words. */
export function broken(ours: Result, theirs: Result | undefined): readonly string[] {
  const faults: string[] = [];
  if (ours.deadTokens > 0) faults.push(`${ours.deadTokens} dead tokens were presented`);
  if (ours.subscriptionsLost > 0) faults.push(`${ours.subscriptionsLost} subscriptions were lost`);
  if (theirs !== undefined && ours.notConnectedMs > theirs.notConnectedMs)
    faults.push(`it was not connected for longer than the way of the documentation`);
  return faults;
}
