import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { root } from '../kit/imports.js';
import type { Steps } from './row.js';
import type { Settings } from './service.js';

const run = promisify(execFile);
const programs = fileURLToPath(new URL('programs', import.meta.url));

/** The slowest of them builds and starts a web framework. */
const LONGEST_MS = 600_000;

let packed: Promise<string> | undefined;

/** The package as it would be published, packed once for all rows. */
function tarball(): Promise<string> {
  packed ??= (async () => {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-packed-'));
    folders.push(folder);
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
    const { stdout } = await run('npm', args, { cwd: root });
    const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ filename: string }];
    return join(folder, filename);
  })();
  return packed;
}

const folders: string[] = [];

/** Deletes what the rows have left. */
export async function removeProjects(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
}

/** A folder with the package in it, as somebody has it who installed it, and the programs of the rows. */
export class Project {
  readonly home: string;

  private constructor(home: string) {
    this.home = home;
  }

  /** @param packages what npm installs besides. Without: what the package depends on comes from the repository. */
  static async make(
    packages: Readonly<Record<string, string>> = {},
    linked: readonly string[] = [],
    manifest: object = { type: 'module' },
  ): Promise<Project> {
    const home = await mkdtemp(join(tmpdir(), 'latchkey-runtime-'));
    folders.push(home);
    const modules = join(home, 'node_modules');
    await cp(programs, home, { recursive: true });
    await writeFile(join(home, 'package.json'), JSON.stringify({ private: true, ...manifest }));
    if (Object.keys(packages).length === 0) {
      await mkdir(join(modules, 'latchkey'), { recursive: true });
      await run('tar', ['xzf', await tarball(), '--strip-components=1', '-C', join(modules, 'latchkey')]);
      const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
        dependencies: object;
      };
      await link(home, Object.keys(dependencies));
    } else {
      await symlink(await installed(packages), modules, 'dir');
    }
    await link(home, linked);
    return new Project(home);
  }

  /** A folder of its own that everything is installed in: for tools that follow no link out of it. */
  static async install(packages: Readonly<Record<string, string>>): Promise<Project> {
    const home = dirname(await install(packages));
    await cp(programs, home, { recursive: true });
    return new Project(home);
  }

  path(name: string): string {
    return join(this.home, name);
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(this.path(name)), { recursive: true });
      await writeFile(this.path(name), text);
    }
  }

  /** @returns what a program has written */
  async read(name: string): Promise<Steps> {
    return JSON.parse(await readFile(this.path(name), 'utf8')) as Steps;
  }

  /** Runs a program to its end. @returns what it printed */
  async run(
    program: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const options = { cwd: this.home, timeout: LONGEST_MS, maxBuffer: 64 * 1_048_576 };
    const all = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', ...env };
    delete (all as Record<string, string | undefined>).NODE_ENV;
    const { stdout } = await run(program, args, { ...options, env: all }).catch(
      (error: Error & { stdout?: string; stderr?: string }) => {
        throw new Error(`${program} ${args.join(' ')} failed:\n${error.stdout ?? ''}${error.stderr ?? ''}`);
      },
    );
    return stdout;
  }

  /** Runs a program that does the main job and prints what became of it as its last line. */
  async job(program: string, args: readonly string[], settings: Settings): Promise<Steps> {
    return stepsIn(await this.run(program, args, { LATCHKEY_JOB: JSON.stringify(settings) }));
  }
}

const installations = new Map<object, Promise<string>>();

/** @returns a `node_modules` with these and the package, installed once for all rows that want the same */
function installed(packages: Readonly<Record<string, string>>): Promise<string> {
  const known = installations.get(packages);
  if (known !== undefined) return known;
  const installing = install(packages);
  installations.set(packages, installing);
  return installing;
}

async function install(packages: Readonly<Record<string, string>>): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'latchkey-installed-'));
  folders.push(home);
  await writeFile(join(home, 'package.json'), '{ "private": true }');
  const names = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
  const quiet = ['--no-save', '--no-audit', '--no-fund', '--prefer-offline'];
  await run('npm', ['install', ...quiet, await tarball(), ...names], { cwd: home, timeout: LONGEST_MS });
  return join(home, 'node_modules');
}

/** The last line that is an object. */
function stepsIn(printed: string): Steps {
  const line = printed.split('\n').findLast((text) => text.trim().startsWith('{'));
  if (line === undefined) throw new Error(`no outcome was printed:\n${printed}`);
  return JSON.parse(line) as Steps;
}

async function link(home: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const path = join(home, 'node_modules', name);
    await mkdir(dirname(path), { recursive: true });
    await symlink(join(root, 'node_modules', name), path, 'dir');
  }
}
