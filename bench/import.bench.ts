import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Measure, median, smallerIsBetter } from './measure.js';

const run = promisify(execFile);
const RUNS = 11;
const root = fileURLToPath(new URL('..', import.meta.url));

/** Time until a module is evaluated in Node, medians of alternating processes. */
export async function imports(): Promise<Measure[]> {
  const times: Record<'latchkey' | 'ably', number[]> = { latchkey: [], ably: [] };
  for (let round = 0; round < RUNS; round += 1) {
    for (const name of ['latchkey', 'ably'] as const) times[name].push(await timeToImport(name));
  }
  return [
    {
      ...smallerIsBetter({
        name: 'import in Node',
        unit: 'ms',
        latchkey: median(times.latchkey),
        against: 'ably',
        other: median(times.ably),
      }),
      target: 1 / 0.85,
    },
  ];
}

async function timeToImport(name: string): Promise<number> {
  const program = `const from = performance.now(); await import('${name}'); console.log(performance.now() - from);`;
  const flags = ['--input-type=module', '--eval', program];
  return Number((await run(process.execPath, flags, { cwd: root })).stdout);
}
