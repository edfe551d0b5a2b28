import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../kit/imports.js';
import { closeBrowser } from './browser.js';
import { removeProjects } from './project.js';
import { Absent, type Impossible, type Row } from './row.js';
import { bundlerRows } from './rows/bundlers.js';
import { chromiumRows } from './rows/chromium.js';
import { firefoxRows } from './rows/firefox.js';
import { frameworkRows } from './rows/frameworks.js';
import { hermesRows } from './rows/hermes.js';
import { identityRows } from './rows/identity.js';
import { impossible } from './rows/impossible.js';
import { jestRows } from './rows/jest.js';
import { metroRows } from './rows/metro.js';
import { closeNext, nextRows } from './rows/next.js';
import { nodeRows } from './rows/node.js';
import { oldChromiumRows } from './rows/old-chromium.js';
import { ownFetchRows } from './rows/own-fetch.js';
import { reactNativeRows } from './rows/react-native.js';
import { typescriptRows } from './rows/typescript.js';
import { workerdRows } from './rows/workerd.js';
import { type Service, startService } from './service.js';
import { type Line, lineOf, lineOfAbsent, lineOfImpossible, tableOf } from './table.js';

const rows: readonly (Row | Impossible)[] = [
  ...nodeRows,
  ...workerdRows,
  ...chromiumRows,
  ...oldChromiumRows,
  ...firefoxRows,
  ...frameworkRows,
  ...bundlerRows,
  ...ownFetchRows,
  ...jestRows,
  ...reactNativeRows,
  ...metroRows,
  ...hermesRows,
  ...nextRows,
  ...typescriptRows,
  ...identityRows,
  ...impossible,
];

const usage = 'npm run runtimes [-- [--json] [--short] [--only part-of-a-name,…]]';

function wanted(args: readonly string[]): readonly (Row | Impossible)[] {
  const isShort = args.includes('--short');
  const at = args.indexOf('--only');
  const parts = at < 0 ? [''] : args[at + 1]?.toLowerCase().split(',');
  if (parts === undefined) throw new Error(usage);
  return rows.filter(
    (row) =>
      (!isShort || ('isShort' in row && row.isShort)) &&
      parts.some((part) => row.name.toLowerCase().includes(part)),
  );
}

async function run(row: Row | Impossible, service: Service): Promise<Line> {
  try {
    return 'prove' in row ? await lineOfImpossible(row) : lineOf(row, await row.run(service));
  } catch (error) {
    if (error instanceof Absent) return lineOfAbsent(row, error);
    return { name: row.name, version: '', hasPassed: false, steps: { start: (error as Error).message } };
  }
}

if (!existsSync(join(root, 'dist'))) throw new Error('There is no dist/: run `npm run build` first.');
const args = process.argv.slice(2);
const service = await startService();
const lines: Line[] = [];
try {
  for (const row of wanted(args)) {
    const line = await run(row, service);
    lines.push(line);
    process.stderr.write(`${line.name}: ${line.hasPassed ? 'as expected' : 'FAILED'}\n`);
  }
} finally {
  await closeNext();
  await closeBrowser();
  await service.close();
  await removeProjects();
}
const failed = lines.filter(({ hasPassed }) => !hasPassed).length;
const hasPassed = failed === 0 && lines.length > 0;
console.log(
  args.includes('--json')
    ? JSON.stringify({ hasPassed, rows: lines }, null, 2)
    : `${tableOf(lines)}\n\n${lines.length} rows, ${failed} failed`,
);
process.exitCode = hasPassed ? 0 : 1;
