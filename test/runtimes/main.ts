import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../kit/imports.js';
import { closeBrowser } from './browser.js';
import { removeProjects } from './project.js';
import type { Row } from './row.js';
import { bundlerRows } from './rows/bundlers.js';
import { chromiumRows } from './rows/chromium.js';
import { jestRows } from './rows/jest.js';
import { metroRows } from './rows/metro.js';
import { closeNext, nextRows } from './rows/next.js';
import { nodeRows } from './rows/node.js';
import { workerdRows } from './rows/workerd.js';
import { startService } from './service.js';
import { type Line, lineOf, tableOf } from './table.js';

const rows: readonly Row[] = [
  ...nodeRows,
  ...workerdRows,
  ...chromiumRows,
  ...bundlerRows,
  ...jestRows,
  ...metroRows,
  ...nextRows,
];

const usage = 'npm run runtimes [-- [--json] [--short] [--only part-of-a-name,…]]';

const wanted = (args: readonly string[]): readonly Row[] => {
  const only = args[args.indexOf('--only') + 1]?.toLowerCase().split(',');
  if (args.includes('--only') && only === undefined) throw new Error(usage);
  return rows.filter(
    ({ name, isShort }) =>
      (isShort || !args.includes('--short')) &&
      (!args.includes('--only') || only?.some((part) => name.toLowerCase().includes(part)) === true),
  );
};

if (!existsSync(join(root, 'dist'))) throw new Error('There is no dist/: run `npm run build` first.');
const args = process.argv.slice(2);
const service = await startService();
const lines: Line[] = [];
try {
  for (const row of wanted(args)) {
    const line = await row.run(service).then(
      (outcome) => lineOf(row, outcome),
      (error: Error): Line => ({
        name: row.name,
        version: '',
        hasPassed: false,
        steps: { start: error.message },
      }),
    );
    lines.push(line);
    process.stderr.write(`${row.name}: ${line.hasPassed ? 'passed' : 'FAILED'}\n`);
  }
} finally {
  await closeNext();
  await closeBrowser();
  await service.close();
  await removeProjects();
}
const passed = lines.filter(({ hasPassed }) => hasPassed).length;
const hasPassed = passed === lines.length && lines.length > 0;
console.log(
  args.includes('--json')
    ? JSON.stringify({ hasPassed, rows: lines }, null, 2)
    : `${tableOf(lines)}\n\n${passed} of ${lines.length} passed`,
);
process.exitCode = hasPassed ? 0 : 1;
