import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

export interface FastVerdict {
  readonly ran: number;
  /** The file and title of each failed test. A file that fails by itself counts as one. */
  readonly failed: readonly string[];
}

const PROJECTS = ['behaviour', 'machines', 'contract'];

/** A run of some tests that takes longer than this counts as a hang that the mutant caused, ms. */
const LIMIT_MS = 300_000;

/** The same for all tests: on a busy machine they take much longer than their usual minute, ms. */
const LONG_LIMIT_MS = 1_800_000;

/**
 * Runs fast tests in a copy of the tree.
 * @param tests all that there are, where none is named
 */
export async function runFast(
  copy: string,
  tests: readonly string[],
  { bail }: { readonly bail: boolean },
): Promise<FastVerdict> {
  const path = join(copy, 'fast-report.json');
  const options = [
    ...PROJECTS.flatMap((name) => ['--project', name]),
    // Starting each file anew takes most of the time, but only so can the entered functions be recorded.
    ...(bail ? ['--bail', '1', '--no-isolate'] : []),
    '--reporter=json',
    `--outputFile=${path}`,
  ];
  const vitest = join('node_modules', 'vitest', 'vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', ...tests, ...options], {
    cwd: copy,
    stdio: 'ignore',
    detached: true,
  });
  // Its workers are killed too.
  const kill = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL');
  let isOverdue = false;
  const overdue = setTimeout(
    () => {
      isOverdue = true;
      kill();
    },
    tests.length === 0 ? LONG_LIMIT_MS : LIMIT_MS,
  );
  process.prependOnceListener('exit', kill);
  const status = await new Promise<number | null>((settle) => child.once('exit', settle));
  clearTimeout(overdue);
  process.off('exit', kill);
  if (isOverdue) return { ran: 0, failed: ['the tests did not end'] };
  if (!existsSync(path)) return { ran: 0, failed: [`Vitest ended with ${status}, without a report`] };
  const { testResults } = JSON.parse(readFileSync(path, 'utf8')) as Report;
  rmSync(path);
  const failed = testResults.flatMap(({ name, status: outcome, assertionResults }) => {
    const file = name.slice(name.lastIndexOf('/test/') + 1);
    const titles = assertionResults
      .filter((one) => one.status === 'failed')
      .map((one) => `${file} › ${one.fullName}`);
    return titles.length === 0 && outcome === 'failed' ? [file] : titles;
  });
  if (failed.length === 0 && status !== 0) failed.push(`Vitest ended with ${status}`);
  return { ran: testResults.flatMap(({ assertionResults }) => assertionResults).length, failed };
}
