import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Branch, branchesOf, TAKEN } from '../kit/branches.js';
import { copyOfTheTree } from '../mutants/tree.js';
import { readers, unreachable } from './readers.js';

/** The least share of the branches that the inputs must take, of each file and of all. */
const LEAST = 0.95;

interface Row {
  readonly file: string;
  readonly branches: number;
  readonly taken: number;
  readonly unreachable: number;
  readonly missed: readonly Branch[];
}

/** Notes the branches that a process takes, and writes them when it ends. */
const recorder = (out: string): string => `
import { writeFileSync } from 'node:fs';
globalThis.${TAKEN} = new Set();
process.on('exit', () => writeFileSync(${JSON.stringify(out)}, JSON.stringify([...globalThis.${TAKEN}])));
`;

/**
 * Sends the inputs to a copy of the tree whose readers note the branches that they take, and prints the share of each.
 * @returns whether the inputs take enough of them
 */
export function printCoverage(args: readonly string[], isVerbose: boolean): boolean {
  const copy = copyOfTheTree();
  const out = join(copy, 'taken.json');
  const hook = join(copy, 'recorder.mjs');
  writeFileSync(hook, recorder(out));
  const files = readers.map((file) => {
    const { branches, text } = branchesOf(file, readFileSync(join(copy, file), 'utf8'));
    writeFileSync(join(copy, file), text);
    return { file, branches };
  });
  const { status } = spawnSync(
    process.execPath,
    [
      ...['--import', 'tsx', '--import', hook, '--conditions=latchkey-source', 'test/hostile/main.ts'],
      ...['--no-growth', ...args],
    ],
    { cwd: copy, stdio: 'inherit' },
  );
  const taken = new Set(JSON.parse(readFileSync(out, 'utf8')) as string[]);
  const rows = files.map(({ file, branches }): Row => {
    const reasons = Object.keys(unreachable[file] ?? {});
    const left = branches.filter(({ number }) => !taken.has(`${file}:${number}`));
    const missed = left.filter(({ what }) => !reasons.some((reason) => what.startsWith(reason)));
    const skipped = left.length - missed.length;
    return {
      file,
      branches: branches.length,
      taken: branches.length - left.length,
      unreachable: skipped,
      missed,
    };
  });
  const isRight = print(rows, isVerbose);
  return status === 0 && isRight;
}

const shareOf = (rows: readonly Row[]): number => {
  const sum = (of: (row: Row) => number) => rows.reduce((all, row) => all + of(row), 0);
  const reachable = sum(({ branches, unreachable: skipped }) => branches - skipped);
  return reachable === 0 ? 1 : sum((row) => row.taken) / reachable;
};

const percent = (share: number): string => `${(Math.floor(share * 1_000) / 10).toFixed(1)} %`;

function print(rows: readonly Row[], isVerbose: boolean): boolean {
  console.log('\n| file | branches | taken | unreachable | share |\n|---|---|---|---|---|');
  for (const row of rows)
    console.log(
      `| ${row.file} | ${row.branches} | ${row.taken} | ${row.unreachable} | ${percent(shareOf([row]))} |`,
    );
  console.log(`\nall: ${percent(shareOf(rows))} of the branches that inputs can reach`);
  const low = rows.filter((row) => shareOf([row]) < LEAST);
  for (const { file, missed } of isVerbose ? rows : low)
    for (const { line, what } of missed) console.log(`not taken: ${file}:${line}  ${what}`);
  return low.length === 0 && shareOf(rows) >= LEAST;
}
