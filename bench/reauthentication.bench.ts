import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Measure, median, smallerIsBetter } from './measure.js';
import type { Peer, Reauthentication } from './reauthentication-child.js';

const run = promisify(execFile);
const child = fileURLToPath(new URL('./reauthentication-child.ts', import.meta.url));
const CONNECTIONS = 1_000;
const RUNS = 3;
const against = 'ably Realtime';

/** The highest time and memory, in those of the peer. */
const MOST = { time: 1.2, memory: 1 };

/**
 * 1,000 live connections of one process. A sandbox in the same process asks all of them for a token at once,
 * over real sockets. Each kind runs in its own processes.
 */
export async function reauthentication(): Promise<Measure[]> {
  const runs: Record<Peer, Reauthentication[]> = { latchkey: [], ably: [] };
  for (let round = 0; round < RUNS; round += 1) {
    for (const peer of Object.keys(runs) as Peer[]) runs[peer].push(await reauthenticated(peer));
  }
  const both = (what: keyof Reauthentication) => ({
    latchkey: median(runs.latchkey.map((one) => one[what])),
    against,
    other: median(runs.ably.map((one) => one[what])),
  });
  const many = `${CONNECTIONS.toLocaleString('en')} connections`;
  return [
    smallerIsBetter({
      name: `${many} re-authenticated at once`,
      unit: 'ms',
      ...both('reauthenticateMs'),
      target: 1 / MOST.time,
      note: 'from the server’s asking to the last answer to AUTH; a TokenRequest signed and exchanged for each',
    }),
    smallerIsBetter({
      name: `${many} re-authenticated at once: processor`,
      unit: 'ms',
      ...both('reauthenticateCpuMs'),
      target: 1 / MOST.time,
      note: 'time of the processor, on which other programs have little effect; the server and the signing of the TokenRequests included, which are the same for both',
    }),
    {
      ...smallerIsBetter({
        name: `${many}, on their connection id after that`,
        unit: 'count',
        ...both('sameIds'),
      }),
      ratio: null,
      note: `the fewest of ${RUNS} runs are ${Math.min(...runs.latchkey.map(({ sameIds }) => sameIds))}; transports lost: ${runs.latchkey.map(({ dropped }) => dropped).join(', ')}`,
    },
    smallerIsBetter({
      name: `${many}, from nothing to connected`,
      unit: 'ms',
      ...both('connectMs'),
      target: 1 / MOST.time,
    }),
    smallerIsBetter({
      name: `${many}, from nothing to connected: processor`,
      unit: 'ms',
      ...both('connectCpuMs'),
      target: 1 / MOST.time,
    }),
    smallerIsBetter({
      name: `memory per live connection of ${CONNECTIONS.toLocaleString('en')}`,
      unit: 'bytes',
      ...both('bytesPerConnection'),
      target: 1 / MOST.memory,
      note: 'client, connection and socket, and the server’s end of it, which is the same for both',
    }),
  ];
}

async function reauthenticated(peer: Peer): Promise<Reauthentication> {
  const { stdout } = await run(process.execPath, [
    '--expose-gc',
    '--import',
    'tsx',
    child,
    peer,
    String(CONNECTIONS),
  ]);
  return JSON.parse(stdout) as Reauthentication;
}
