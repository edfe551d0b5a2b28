import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceFile } from '../kit/imports.js';
import { functionAt, HOOK, instrumented } from '../kit/instrument.js';
import type { RandomMutant } from './random-mutants.js';
import { runFast } from './run-fast.js';

/** Which test files enter which functions, and how many other functions each of them enters. */
export interface Covering {
  readonly tests: number;
  /** The test files that can fail for a mutant. Files that enter few functions come first. */
  testsOf(mutant: RandomMutant, text: string): string[];
}

interface Line {
  readonly test: string;
  readonly entered: readonly string[];
}

/** The setup file of every project, as the text of `vite.config.ts` names it. */
export const SETUP = "at('test/kit/unreachable.ts')";

/** A setup file for the copy: each test file records the functions it entered. */
const recorder = (out: string): string => `
import { appendFileSync } from 'node:fs';
import { afterAll, expect } from 'vitest';
const entered = new Set();
Reflect.set(globalThis, '${HOOK}', (path, position) => entered.add(path + ':' + position));
afterAll(() => {
  const test = expect.getState().testPath;
  appendFileSync(${JSON.stringify(out)}, JSON.stringify({ test, entered: [...entered] }) + '\\n');
});
`;

/**
 * Runs the fast tests once in the copy with its sources instrumented, and puts the sources back.
 * @throws {Error} where a test fails, since it would fail with each mutant too
 */
export async function coveringTests(copy: string, files: readonly SourceFile[]): Promise<Covering> {
  const out = join(copy, 'entered.jsonl');
  const config = join(copy, 'vite.config.ts');
  const plain = readFileSync(config, 'utf8');
  if (!plain.includes(SETUP)) throw new Error('vite.config.ts has changed: its setup files are not found');
  writeFileSync(join(copy, 'test/entered.setup.ts'), recorder(out));
  writeFileSync(config, plain.replaceAll(SETUP, `at('test/entered.setup.ts'), ${SETUP}`));
  appendFileSync(out, '');
  for (const { path, text } of files) writeFileSync(join(copy, path), instrumented(path, text));
  const verdict = await runFast(copy, [], { bail: false });
  for (const { path, text } of files) writeFileSync(join(copy, path), text);
  writeFileSync(config, plain);
  rmSync(join(copy, 'test/entered.setup.ts'));
  const lines = readFileSync(out, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  rmSync(out);
  if (verdict.failed.length > 0) throw new Error(`unbroken, these fail:\n${verdict.failed.join('\n')}`);
  const byFunction = new Map<string, string[]>();
  const breadth = new Map(lines.map(({ test, entered }) => [test, entered.length]));
  for (const { test, entered } of lines)
    for (const name of entered) byFunction.set(name, [...(byFunction.get(name) ?? []), test]);
  return {
    tests: verdict.ran,
    testsOf(mutant, text) {
      const at = functionAt(mutant.file, text, mutant.start);
      // A function that only another process enters: the test files that load the module.
      const tests = byFunction.get(`${mutant.file}:${at}`) ?? byFunction.get(`${mutant.file}:-1`) ?? [];
      return [...tests].sort((a, b) => (breadth.get(a) ?? 0) - (breadth.get(b) ?? 0));
    },
  };
}
