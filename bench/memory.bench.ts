import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Measure, median, smallerIsBetter } from './measure.js';
import type { Population } from './memory-child.js';

const run = promisify(execFile);
const child = fileURLToPath(new URL('./memory-child.ts', import.meta.url));
const CLIENTS = 10_000;
const RUNS = 3;

/** Bytes on and off the heap for each authorized client, each kind in its own processes. */
export async function memory(): Promise<Measure[]> {
  const of: Record<Population, number[]> = {
    latchkey: [],
    'latchkey-streams': [],
    'ably-rest': [],
    'ably-realtime': [],
  };
  for (let round = 0; round < RUNS; round += 1) {
    for (const kind of Object.keys(of) as Population[]) of[kind].push(await bytesPerClient(kind));
  }
  const latchkey = median(of.latchkey);
  return [
    smallerIsBetter({
      name: `memory per client of ${CLIENTS.toLocaleString('en')}`,
      unit: 'bytes',
      latchkey,
      against: 'ably Rest',
      other: median(of['ably-rest']),
      note: 'each client authorized; ably Rest never renews ahead, Latchkey holds a statechart and a timer that do',
    }),
    smallerIsBetter({
      name: `memory per client of ${CLIENTS.toLocaleString('en')}`,
      unit: 'bytes',
      latchkey,
      against: 'ably Realtime, autoConnect off',
      other: median(of['ably-realtime']),
      note: 'ably Realtime never connected and holds no token: in use it is larger',
    }),
    smallerIsBetter({
      name: `memory per client of ${CLIENTS.toLocaleString('en')}, streams made`,
      unit: 'bytes',
      latchkey: median(of['latchkey-streams']),
      against: 'ably Realtime, autoConnect off',
      other: median(of['ably-realtime']),
      note: 'ably Realtime has no streams',
    }),
  ];
}

async function bytesPerClient(kind: Population): Promise<number> {
  const { stdout } = await run(process.execPath, [
    '--expose-gc',
    '--import',
    'tsx',
    child,
    kind,
    String(CLIENTS),
  ]);
  const bytes = Number(stdout.trim());
  if (!Number.isFinite(bytes) || bytes <= 0) throw new Error(`no measure of memory came for ${kind}`);
  return bytes;
}
