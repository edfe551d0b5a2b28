import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How many versions are tried one after another. */
const WALKED = 4;
const root = fileURLToPath(new URL('../..', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));

const compilerOptions = {
  ...{ strict: true, noEmit: true, skipLibCheck: false, target: 'ES2022', types: [] },
  ...{ lib: ['ES2022', 'DOM', 'DOM.Iterable'], module: 'ESNext', moduleResolution: 'bundler' },
};

const numbers = (version: string): number[] => version.split('.').map(Number);
const ascending = (left: string, right: string): number =>
  numbers(left).reduce((order, part, index) => order || part - (numbers(right)[index] ?? 0), 0);

/** Stable versions of the declared major, the lowest first. */
async function versionsOf(name: string, declared: string): Promise<readonly string[]> {
  const { stdout } = await run('npm', ['view', name, 'versions', '--json']);
  const all = JSON.parse(stdout) as readonly string[];
  return all
    .filter((version) => !version.includes('-') && version.split('.')[0] === declared.split('.')[0])
    .sort(ascending);
}

/**
 * Installs the tarball with these versions in an empty folder, and runs the smoke program and the compiler there.
 *
 * @returns the command that failed; null: all passed
 */
async function failureOf(
  tarball: string,
  versions: Readonly<Record<string, string>>,
): Promise<string | null> {
  const home = await mkdtemp(join(tmpdir(), 'latchkey-floor-'));
  try {
    const dependencies = { latchkey: `file:${tarball}`, ...versions };
    const manifest = { private: true, type: 'module', dependencies, overrides: versions };
    await writeFile(join(home, 'package.json'), JSON.stringify(manifest));
    await writeFile(join(home, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
    for (const name of ['use.ts', 'smoke.mjs']) await copyFile(join(here, name), join(home, name));
    const npm = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'];
    await run('npm', npm, { cwd: home });
    await symlink(join(root, 'node_modules/typescript'), join(home, 'node_modules/typescript'), 'dir');
    await run(process.execPath, ['smoke.mjs'], { cwd: home, timeout: 60_000 });
    await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], { cwd: home });
    return null;
  } catch (error) {
    if (process.argv.includes('--verbose')) console.error(error);
    return /\b(npm|smoke|tsc)\b/.exec((error as { cmd?: string }).cmd ?? '')?.[0] ?? String(error);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/**
 * By bisection, and the last few versions one by one: the caret range allows every version above the lowest.
 */

async function lowestThatPasses(tarball: string, name: string, declared: string): Promise<readonly string[]> {
  const versions = await versionsOf(name, declared);
  let low = 0;
  let high = versions.indexOf(declared);
  let below = '';
  const unfit = await failureOf(tarball, { [name]: declared });
  if (unfit !== null) throw new Error(`${name}@${declared} must pass; ${unfit} failed (--verbose says why)`);
  while (low < high) {
    const middle = high - low > WALKED ? Math.floor((low + high) / 2) : high - 1;
    const version = versions[middle] ?? declared;
    const failure = await failureOf(tarball, { [name]: version });
    console.error(`${name}@${version}: ${failure === null ? 'passes' : `${failure} fails`}`);
    if (failure === null) high = middle;
    else {
      low = middle + 1;
      below = `${version}: ${failure} fails`;
    }
  }
  return [versions[high] ?? declared, below];
}

const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};
const wanted = process.argv.slice(2).filter((name) => name in dependencies);
const folder = await mkdtemp(join(tmpdir(), 'latchkey-packed-'));
const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
const { stdout } = await run('npm', pack, { cwd: root });
const [packed] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ readonly filename: string }];
const tarball = join(folder, packed.filename);

const floors: Record<string, string> = {};
console.log('dependency | declared floor | lowest that passes | why not lower\n---|---|---|---');
for (const [name, range] of Object.entries(dependencies)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const declared = range.replace(/^\D+/, '');
  const [lowest = declared, below = ''] = await lowestThatPasses(tarball, name, declared);
  floors[name] = lowest;
  console.log([name, declared, lowest, below].join(' | '));
}
const failure = await failureOf(tarball, floors);
console.log(`\nAll lowest versions, installed together: ${failure === null ? 'pass' : `${failure} fails`}.`);
await rm(folder, { recursive: true, force: true });
process.exitCode = failure === null ? 0 : 1;
