import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Prints how far Ably's Universal Test Specs are covered: `npm run uts`, with `--json` as JSON. The cases are
 * listed in `cases.tsv`; a test has the id of its case in its title.
 */

interface Row {
  readonly file: string;
  cases: number;
  covered: number;
  passing: number;
  readonly contradicted: string[];
  readonly missing: string[];
  readonly failing: string[];
}

interface Result {
  readonly title: string;
  readonly status: string;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

function runTests(): readonly Result[] {
  const folder = mkdtempSync(join(tmpdir(), 'uts-'));
  const file = join(folder, 'results.json');
  try {
    const args = ['run', '--project', 'uts', '--reporter=json', `--outputFile=${file}`];
    spawnSync(join(root, 'node_modules/.bin/vitest'), args, { cwd: root, stdio: 'ignore' });
    const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as {
      testResults: { assertionResults: Result[] }[];
    };
    return testResults.flatMap(({ assertionResults }) => assertionResults);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function report(results: readonly Result[]): Row[] {
  const byId = new Map(
    results.map((result) => [/ · (\w+\/\S+\/\S+\/\S+)( · contradicted)?$/.exec(result.title)?.[1], result]),
  );
  const rows = new Map<string, Row>();
  const [, ...lines] = readFileSync(join(root, 'test/uts/cases.tsv'), 'utf8').trim().split('\n');
  for (const line of lines) {
    const [, file = '', id = ''] = line.split('\t');
    const row = rows.get(file) ?? {
      file,
      cases: 0,
      covered: 0,
      passing: 0,
      contradicted: [],
      missing: [],
      failing: [],
    };
    rows.set(file, row);
    const result = byId.get(id);
    row.cases += 1;
    if (result === undefined) row.missing.push(id);
    else row.covered += 1;
    if (result?.status === 'passed') row.passing += 1;
    else if (result !== undefined) row.failing.push(id);
    if (result?.title.endsWith('contradicted')) row.contradicted.push(id);
  }
  return [...rows.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
}

function total(name: string, rows: readonly Row[]): Row {
  const sum = (key: 'cases' | 'covered' | 'passing') => rows.reduce((all, row) => all + row[key], 0);
  const all = (key: 'contradicted' | 'missing' | 'failing') => rows.flatMap((row) => row[key]);
  return {
    file: name,
    cases: sum('cases'),
    covered: sum('covered'),
    passing: sum('passing'),
    contradicted: all('contradicted'),
    missing: all('missing'),
    failing: all('failing'),
  };
}

function print(rows: readonly Row[]): void {
  const line = (...cells: (string | number)[]) =>
    console.log(
      cells
        .map((cell, index) => (index === 0 ? String(cell).padEnd(62) : String(cell).padStart(13)))
        .join(''),
    );
  line('file', 'cases', 'covered', 'passing', 'contradicted');
  for (const { file, cases, covered, passing, contradicted } of rows)
    line(file, cases, covered, passing, contradicted.length);
  for (const { failing } of rows.slice(0, -2)) for (const id of failing) console.log(`fails: ${id}`);
}

const files = report(runTests());
const totals = (['rest', 'realtime'] as const).map((top) =>
  total(
    top,
    files.filter(({ file }) => file.startsWith(`${top}/`)),
  ),
);
if (process.argv.includes('--json')) console.log(JSON.stringify({ files, totals }, null, 2));
else print([...files, ...totals]);
process.exitCode = totals.some(({ failing }) => failing.length > 0) ? 1 : 0;
