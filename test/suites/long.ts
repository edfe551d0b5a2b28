import { parseArgs } from 'node:util';
import { type Outcome, outcomeOf, type Suite, tableOf } from './suite.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    only: { type: 'string' },
  },
});
const { seed } = values;

const script = (name: string, ...args: string[]): Suite['command'] => ['npm', 'run', name, '--', ...args];

/** The long forms: many more sessions, hours of failures. The shortest suite comes first. */
const suites: readonly Suite[] = [
  { name: 'proxies', command: script('proxies') },
  { name: 'redis', command: script('redis') },
  { name: 'sharing', command: script('sharing') },
  {
    name: 'outage',
    command: ['npx', 'vitest', 'run', 'test/e2e/process-end.test.ts'],
    env: { AWAY_MS: '60000' },
  },
  {
    name: 'studio',
    command: ['npx', 'vitest', 'run', 'test/browser/smooth.test.ts', '--testTimeout', '3600000'],
    env: { STUDIO_MINUTES: '30' },
  },
  {
    name: 'loggers',
    command: ['npx', 'vitest', 'run', 'test/hostile/loggers.test.ts', '--testTimeout', '3600000'],
    env: { WHOLE: '1' },
  },
  { name: 'coverage', command: script('hostile', '--coverage') },
  { name: 'load', command: script('load') },
  { name: 'runtimes', command: script('runtimes') },
  { name: 'simulate', command: script('simulate', '--seeds', '10') },
  { name: 'chaos', command: script('chaos', '--seconds', '300', '--seed', seed) },
  {
    name: 'lives',
    command: ['npx', 'vitest', 'run', 'test/property/invariants.test.ts', '--testTimeout', '3600000'],
    env: { RUNS: '100000', SEED: seed },
  },
  {
    name: 'capabilities',
    command: [
      'npx',
      'vitest',
      'run',
      'test/property/capability-intersection.test.ts',
      'test/property/granted-capabilities.test.ts',
      '--testTimeout',
      '3600000',
    ],
    env: { CASES: '500000' },
  },
  {
    name: 'lease',
    command: ['npx', 'vitest', 'run', 'test/model/sharing-lease.test.ts', '--testTimeout', '3600000'],
    env: { DEPTH: '9', LIVES: '100000', SEED: seed },
  },
  { name: 'hostile', command: script('hostile', '--inputs', '200000') },
  { name: 'put back', command: script('hostile', '--put-back') },
  { name: 'invariants', command: script('mutants') },
  { name: 'mutants', command: script('mutants', '--sample', '150', '--seed', seed) },
];

const only = values.only?.split(',');
const unknown = only?.filter((name) => suites.every((suite) => suite.name !== name)) ?? [];
if (unknown.length > 0 || !/^\d+$/.test(seed)) {
  console.error(
    `--only must name some of ${suites.map(({ name }) => name).join(', ')}; --seed must be a whole number`,
  );
  process.exit(2);
}

const outcomes: Outcome[] = [];
for (const suite of suites) {
  if (only !== undefined && !only.includes(suite.name)) continue;
  console.log(`\n── ${suite.name}: ${suite.command.join(' ')}`);
  outcomes.push(await outcomeOf(suite, false));
}
console.log(`\n--seed ${seed}\n${tableOf(outcomes)}`);
process.exitCode = outcomes.every(({ hasPassed }) => hasPassed) ? 0 : 1;
