import { parseArgs } from 'node:util';
import { host } from './host.js';
import { redis } from './redis.js';
import { hasPassed, type Suite, type SuiteRow } from './suite.js';
import { web } from './web.js';

const suites: readonly Suite[] = [host, redis, web];

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const names = values.only?.split(',') ?? suites.map(({ name }) => name);
if (names.some((name) => suites.every((suite) => suite.name !== name))) {
  console.error(`--only must name some of ${suites.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

const rows: (SuiteRow & { readonly suite: string; readonly hasPassed: boolean })[] = [];
const ledger: object[] = [];
for (const suite of suites.filter(({ name }) => names.includes(name))) {
  const result = await suite.run({ isShort: values.short });
  for (const row of result.rows) rows.push({ suite: suite.name, ...row, hasPassed: hasPassed(row) });
  for (const call of result.ledger) ledger.push({ suite: suite.name, ...call });
}
if (values.json) console.log(JSON.stringify({ rows, ledger }));
else {
  console.log(`calls in the ledger (--json prints it): ${ledger.length}`);
  console.table(rows);
}
process.exitCode = rows.every((row) => row.hasPassed) ? 0 : 1;
