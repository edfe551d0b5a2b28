// What `npm start` runs: builds if the build is missing or older than the sources, then starts the program.
// Plain JavaScript, because a compiler would take longer to start than the program.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Files that the program needs: one of the first and one of the last steps of the build. */
const BUILT = ['dist/src/cli/start.js', 'dist/studio/index.html', 'dist/studio/app.js'];

/** The build writes this file beside its sources, so it and its folder say nothing. */
const WRITTEN = ['machines', 'machines/package.json'].map((path) => join(root, path));

const SOURCES = ['src', 'machines', 'build', 'package.json', 'vite.config.ts', 'tsconfig.build.json'];

/** @returns {number} the time of the last change, ms; 0: there is no such file */
const changedAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Folders count too: they change when a file is removed. @returns {string[]} */
const withContents = (path) => {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return [path];
  return [...readdirSync(path).flatMap((name) => withContents(join(path, name))), path];
};

/** Why a build is needed; undefined: it is not. @returns {string | undefined} */
const whyBuild = () => {
  const missing = BUILT.find((path) => changedAt(join(root, path)) === 0);
  if (missing !== undefined) return 'there is no build yet';
  const builtAt = Math.min(...BUILT.map((path) => changedAt(join(root, path))));
  const newer = SOURCES.flatMap((path) => withContents(join(root, path))).find(
    (path) => changedAt(path) > builtAt && !WRITTEN.includes(path),
  );
  return newer === undefined ? undefined : `${relative(root, newer)} is newer than the build`;
};

/** Builds without a word. @returns {boolean} whether that succeeded; if not, the output is printed */
const build = () => {
  const { npm_execpath: npm } = process.env;
  const [command, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const { status, stdout, stderr, error } = spawnSync(command, [...first, 'run', '--silent', 'build'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1e8,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status === 0) return true;
  process.stderr.write(
    `${stdout ?? ''}${stderr ?? ''}The build failed${error ? `: ${error.message}` : ''}.\n`,
  );
  return false;
};

const why = whyBuild();
if (why !== undefined) process.stderr.write(`Building, because ${why}. This takes some seconds.\n`);
if (why === undefined || build()) await import(pathToFileURL(join(root, BUILT[0])).href);
else process.exitCode = 1;
