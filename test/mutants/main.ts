import { parseArgs } from 'node:util';
import { breakInvariants } from './break-invariants.js';
import { sample } from './sample.js';

const { values } = parseArgs({
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    least: { type: 'string', default: '94' },
  },
});

// The copy of an interrupted run is deleted at the exit, too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const isGood =
  values.sample === undefined
    ? breakInvariants()
    : await sample(whole('sample', values.sample), whole('seed', values.seed), whole('least', values.least));
process.exitCode = isGood ? 0 : 1;

function whole(name: string, value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 0) return number;
  console.error(`--${name} must be a whole number; got ${value}`);
  process.exit(2);
}
