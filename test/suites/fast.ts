import { outcomeOf, type Suite, tableOf } from './suite.js';

const TYPES_SEEN = 'node_modules/.cache/latchkey/types.tsbuildinfo';

/** The suites that find most mistakes quickly. */
const suites: readonly Suite[] = [
  { name: 'format and lint', command: ['npx', 'biome', 'check', '--error-on-warnings', '.'] },
  { name: 'types', command: ['npx', 'tsc', '--noEmit', '--incremental', '--tsBuildInfoFile', TYPES_SEEN] },
  {
    name: 'behaviour and machines',
    command: [
      'npx',
      'vitest',
      'run',
      ...['behaviour', 'machines'].flatMap((project) => ['--project', project]),
    ],
  },
];

const since = performance.now();
const outcomes = await Promise.all(suites.map((suite) => outcomeOf(suite, true)));
const hasPassed = outcomes.every((outcome) => outcome.hasPassed);
console.log(tableOf([...outcomes, { name: 'all', hasPassed, ms: performance.now() - since }]));
process.exitCode = hasPassed ? 0 : 1;
