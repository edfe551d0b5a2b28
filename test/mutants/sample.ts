import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededChance } from '../../src/chance.js';
import { type SourceFile, sourceFiles } from '../kit/imports.js';
import { coveringTests } from './covering.js';
import { changed, described, isWhole, mutantsOf, type RandomMutant } from './random-mutants.js';
import { runFast } from './run-fast.js';
import { copyOfTheTree } from './tree.js';

const ROOMS = [
  'machines',
  ...['client', 'connection', 'sources', 'http', 'signing', 'token', 'server'].map((room) => `src/${room}`),
];

/** The number of test files that run first: those that enter few functions are fast and specific. */
const FIRST = 6;

/** @returns how many random mutants the fast tests do not notice, and prints each */
export async function sample(size: number, seed: number, least: number): Promise<boolean> {
  const files = sourceFiles(...ROOMS);
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const all = files.flatMap(mutantsOf);
  const drawn = draw(all, texts, size, seededChance(seed));
  console.log(`${drawn.length} of ${all.length} mutants of ${files.length} files, --seed ${seed}`);
  const copy = copyOfTheTree();
  const survivors: RandomMutant[] = [];
  try {
    const covering = await coveringTests(copy, files);
    console.log(`unbroken: ${covering.tests} fast tests, 0 failed`);
    for (const [index, mutant] of drawn.entries()) {
      const text = texts.get(mutant.file) ?? '';
      const tests = covering.testsOf(mutant, text);
      writeFileSync(join(copy, mutant.file), changed(mutant, text));
      const by = await noticed(copy, tests);
      writeFileSync(join(copy, mutant.file), text);
      if (by === undefined) survivors.push(mutant);
      console.log(
        `${String(index + 1).padStart(4)} ${by === undefined ? 'SURVIVED' : 'killed  '} ${line(mutant)}`,
      );
      console.log(by === undefined ? `       no test of ${tests.length} files` : `       by ${by}`);
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  const percentage = ((drawn.length - survivors.length) / drawn.length) * 100;
  console.log(
    `\nkilled ${drawn.length - survivors.length} of ${drawn.length}: ${percentage.toFixed(1)} % (at least ${least} %), --seed ${seed}`,
  );
  for (const mutant of survivors) console.log(`survived: ${line(mutant)}`);
  return percentage >= least;
}

const line = (mutant: RandomMutant): string => `${mutant.file}:${mutant.line} ${described(mutant)}`;

/** The first failing test, if there is one. */
async function noticed(copy: string, tests: readonly string[]): Promise<string | undefined> {
  for (const some of [tests.slice(0, FIRST), tests.slice(FIRST)]) {
    if (some.length === 0) continue;
    const { failed } = await runFast(copy, some, { bail: true });
    if (failed.length > 0) return failed[0];
  }
  return undefined;
}

function draw(
  all: readonly RandomMutant[],
  texts: ReadonlyMap<SourceFile['path'], string>,
  size: number,
  random: () => number,
): RandomMutant[] {
  const left = [...all];
  const drawn: RandomMutant[] = [];
  while (drawn.length < size && left.length > 0) {
    const [mutant] = left.splice(Math.floor(random() * left.length), 1);
    if (mutant !== undefined && isWhole(mutant, texts.get(mutant.file) ?? '')) drawn.push(mutant);
  }
  return drawn;
}
