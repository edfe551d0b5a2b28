import { parseArgs } from 'node:util';
import { printCoverage } from './coverage.js';
import { growthOf, MOST_GROWTH } from './growth.js';
import { kinds } from './kinds.js';
import { Lies } from './lies.js';
import { putFaultsBack } from './put-back.js';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    'no-growth': { type: 'boolean', default: false },
    'put-back': { type: 'boolean', default: false },
    coverage: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const [inputs, seed] = [Number(values.inputs), Number(values.seed)];
const names = values.only?.split(',') ?? kinds.map(({ name }) => name);
const unknown = names.filter((name) => kinds.every((kind) => kind.name !== name));
if (!Number.isInteger(inputs) || inputs < 1 || !Number.isInteger(seed) || unknown.length > 0) {
  console.error(
    `--inputs and --seed must be whole numbers; --only must name some of ${kinds.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}
if (values.coverage) {
  const args = ['--inputs', values.inputs, '--seed', values.seed, '--only', names.join(',')];
  process.exit(printCoverage(args, values.verbose) ? 0 : 1);
}
if (values['put-back']) process.exit(putFaultsBack() ? 0 : 1);

/** What reached the platform: it would have ended a process. */
const escaped: unknown[] = [];
process.on('uncaughtException', (error) => void escaped.push(error));
process.on('unhandledRejection', (error) => void escaped.push(error));

interface Row {
  readonly kind: string;
  readonly inputs: number;
  readonly failures: readonly string[];
  readonly growth: number | null;
  readonly seeds: readonly [first: number, last: number];
}

const rows: Row[] = [];
const some = kinds.filter(({ name }) => names.includes(name));
for (const kind of some) {
  const count = Math.ceil(inputs / some.length);
  const failures: string[] = [];
  for (let at = seed; at < seed + count; at += 1) {
    try {
      await kind.attack(new Lies(at), at);
    } catch (error) {
      failures.push(`seed ${at}: ${error instanceof Error ? error.stack : String(error)}`);
    }
    for (const error of escaped.splice(0))
      failures.push(`seed ${at}: it reached the platform: ${String(error)}`);
  }
  const growth =
    values['no-growth'] || kind.reader === undefined
      ? null
      : Math.round((await growthOf(kind.reader)) * 100) / 100;
  rows.push({ kind: kind.name, inputs: count, failures, growth, seeds: [seed, seed + count - 1] });
}

const isRight = ({ failures, growth }: Row) => failures.length === 0 && (growth ?? 0) <= MOST_GROWTH;
if (values.json)
  console.log(JSON.stringify({ hasPassed: rows.every(isRight), mostGrowth: MOST_GROWTH, rows }));
else {
  console.log('| kind | inputs | seeds | failures | growth of the CPU time for twice the size |');
  console.log('|---|---|---|---|---|');
  for (const { kind, inputs: count, failures, growth, seeds } of rows)
    console.log(`| ${kind} | ${count} | ${seeds.join('–')} | ${failures.length} | ${growth ?? '–'} |`);
  for (const { kind, failures } of rows)
    for (const one of failures.slice(0, 3)) console.log(`\n${kind}, ${one}`);
}
process.exit(rows.every(isRight) ? 0 : 1);
