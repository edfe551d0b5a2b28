import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { invariants, type Mutant, mutants } from './mutants.js';
import { copyOfTheTree } from './tree.js';

/** Enough to find a fault; `npm test` runs more. */
const RANDOM_LIVES = '2000';

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

interface Verdict {
  readonly ran: number;
  /** The file and title of each failed test. A file that cannot be loaded counts as one. */
  readonly failed: readonly string[];
}

function run(copy: string, tests: readonly string[]): Verdict {
  const report = join(copy, 'report.json');
  spawnSync(
    process.execPath,
    [
      join('node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...tests,
      '--reporter=json',
      `--outputFile=${report}`,
    ],
    { cwd: copy, env: { ...process.env, NO_SHRINK: '1', RUNS: RANDOM_LIVES }, stdio: 'ignore' },
  );
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report;
  rmSync(report);
  const failed = testResults.flatMap(({ name, assertionResults }) => {
    const file = name.slice(name.indexOf('/test/') + 1);
    if (assertionResults.length === 0) return [file];
    return assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName }) => `${file} › ${fullName}`);
  });
  return { ran: testResults.flatMap(({ assertionResults }) => assertionResults).length, failed };
}

/**
 * Changes a file of a copy of the tree. The returned function takes that back.
 * @throws {Error} the text that it replaces is not there once
 */
export function mutate(
  copy: string,
  { file, search, replace }: Pick<Mutant, 'file' | 'search' | 'replace'>,
): () => void {
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(search).length !== 2) throw new Error(`${file} does not hold this once: ${search}`);
  writeFileSync(
    path,
    text.replace(search, () => replace),
  );
  return () => writeFileSync(path, text);
}

function print(mutant: Mutant, { failed }: Verdict): void {
  console.log(`\n${mutant.invariant}. ${invariants[mutant.invariant]}`);
  console.log(`   break: ${mutant.what} (${mutant.file})`);
  if (failed.length === 0) console.log('   SURVIVES');
  for (const name of failed.slice(0, 4)) console.log(`   caught by ${name}`);
  if (failed.length > 4) console.log(`   and by ${failed.length - 4} more`);
}

/** Breaks each invariant on purpose. @returns whether a test failed for each break */
export function breakInvariants(): boolean {
  const copy = copyOfTheTree();
  let survivors = 0;
  try {
    const control = run(copy, [...new Set(mutants.flatMap(({ tests }) => tests))]);
    console.log(`unbroken: ${control.ran} tests, ${control.failed.length} failed`);
    if (control.failed.length > 0 || control.ran === 0) throw new Error(control.failed.join('\n'));
    for (const mutant of mutants) {
      const restore = mutate(copy, mutant);
      const verdict = run(copy, mutant.tests);
      restore();
      print(mutant, verdict);
      if (verdict.failed.length === 0) survivors += 1;
    }
    console.log(`\n${mutants.length} mutants, ${mutants.length - survivors} caught, ${survivors} survive`);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  return survivors === 0;
}
