// What `npm start` runs: builds if the build is missing or older than the sources, then starts the program.
// Plain JavaScript, because a compiler would take longer to start than the program.
import { spawnSync } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Files of each step of the build: its last step comes after the check of the types. */
const BUILT = [
  'dist/src/cli/start.js',
  'dist/studio/index.html',
  'dist/studio/app.js',
  'dist/latchkey-needs-typescript-5.3-or-newer-for-require.d.ts',
];

/** The number of the process that builds. */
const LOCK = join(root, 'node_modules/.latchkey-build');

/** The build writes this file beside its sources, so it and its folder say nothing. */
const WRITTEN = ['machines', 'machines/package.json'].map((path) => join(root, path));

const SOURCES = [
  ...['src', 'machines', 'build', 'package.json', 'package-lock.json'],
  ...['vite.config.ts', 'tsconfig.json', 'tsconfig.build.json'],
];

/** @returns {number} the time of the last change, ms; 0: there is no such file */
const changedAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Folders count too: they change when a file is removed. @returns {string[]} */
const withContents = (path) => {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return [path];
  return [...readdirSync(path).flatMap((name) => withContents(join(path, name))), path];
};

/** @returns {string[]} */
const sources = () =>
  SOURCES.flatMap((path) => withContents(join(root, path))).filter((path) => !WRITTEN.includes(path));

/** Why a build is needed; undefined: it is not. @returns {string | undefined} */
const whyBuild = () => {
  const missing = BUILT.find((path) => changedAt(join(root, path)) === 0);
  if (missing !== undefined) return 'there is no build yet';
  const builtAt = Math.min(...BUILT.map((path) => changedAt(join(root, path))));
  const newer = sources().find((path) => changedAt(path) > builtAt);
  return newer === undefined ? undefined : `${relative(root, newer)} is newer than the build`;
};

/** Builds without a word. @returns {boolean} whether that succeeded; if not, the output is printed */
const build = () => {
  // What changes during the build is newer than the build. A clock may have been wrong: a source of the future is not.
  const asOf = Math.ceil(Math.max(Date.now(), ...sources().map(changedAt))) / 1_000;
  const { npm_execpath: npm } = process.env;
  const [command, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const { status, stdout, stderr, error } = spawnSync(command, [...first, 'run', '--silent', 'build'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1e8,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status === 0) {
    for (const path of BUILT) if (changedAt(join(root, path)) > 0) utimesSync(join(root, path), asOf, asOf);
    return true;
  }
  process.stderr.write(
    `${stdout ?? ''}${stderr ?? ''}The build failed${error ? `: ${error.message}` : ''}.\n`,
  );
  return false;
};

/** @returns {number} the process that builds; its own number: none does any more */
const builder = () => {
  try {
    return Number(readFileSync(LOCK, 'utf8'));
  } catch {
    return process.pid;
  }
};

/** @returns {boolean} whether a process works. One that was stopped in its build leaves its lock. */
const works = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch ({ code }) {
    return code === 'EPERM';
  }
};

/** @returns {boolean} whether this process may build. A file system without links has no lock. */
const lock = () => {
  const own = `${LOCK}-${process.pid}`;
  try {
    mkdirSync(dirname(LOCK), { recursive: true });
    writeFileSync(own, String(process.pid));
    linkSync(own, LOCK);
    return true;
  } catch ({ code }) {
    return code !== 'EEXIST';
  } finally {
    rmSync(own, { force: true });
  }
};

/** Waits until no other process builds, so that two starts do not write the same files. */
const lockInTurn = async () => {
  let isSaid = false;
  while (!lock()) {
    if (!works(builder())) rmSync(LOCK, { force: true });
    if (!isSaid)
      process.stderr.write(
        `Waiting for the build of another start: ${relative(root, LOCK)} has its process.\n`,
      );
    isSaid = true;
    await setTimeout(100);
  }
};

/** Builds if that is needed. @returns {Promise<boolean>} whether there is a build */
const ensureBuild = async () => {
  if (whyBuild() === undefined) return true;
  await lockInTurn();
  try {
    const why = whyBuild();
    if (why !== undefined) process.stderr.write(`Building, because ${why}. This takes some seconds.\n`);
    return why === undefined || build();
  } finally {
    rmSync(LOCK, { force: true });
  }
};

if (await ensureBuild()) await import(pathToFileURL(join(root, BUILT[0])).href);
else process.exitCode = 1;
