import { execFile, spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../kit/imports.js';

/** What stands in for the build: it writes the program, and prints much. */
const BUILD = `
const { appendFileSync, mkdirSync, utimesSync, writeFileSync } = require('node:fs');
appendFileSync('builds', 'x');
console.log('a line of the build');
console.error('another line of the build');
if (process.env.BUILD_FAILS) process.exit(7);
for (const folder of ['dist/src/cli', 'dist/studio']) mkdirSync(folder, { recursive: true });
writeFileSync('dist/src/cli/start.js', "console.log('started', ...process.argv.slice(2));");
writeFileSync('dist/studio/index.html', '');
writeFileSync('dist/studio/app.js', '');
if (process.env.EDITED) writeFileSync('src/deep/file.ts', 'edited');
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(process.env.BUILD_MS ?? 0));
if (process.env.TYPES_FAIL) process.exit(2);
writeFileSync('dist/latchkey-needs-typescript-5.3-or-newer-for-require.d.ts', '');
// The build writes one file among its sources, later than all others.
writeFileSync('machines/package.json', '');
const later = Date.now() / 1000 + 3600;
for (const path of ['machines/package.json', 'machines']) utimesSync(path, later, later);
`;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-start-'));
  for (const name of ['build', 'src/deep', 'machines']) await mkdir(join(folder, name), { recursive: true });
  await copyFile(join(root, 'build/start.mjs'), join(folder, 'build/start.mjs'));
  const scripts = { build: 'node build/fake.cjs' };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ scripts, type: 'module' }));
  await writeFile(join(folder, 'build/fake.cjs'), BUILD);
  await writeFile(join(folder, 'src/deep/file.ts'), '');
});
afterEach(async () => await rm(folder, { recursive: true }));

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const start = (args: readonly string[] = [], env: Record<string, string> = {}): Promise<Ended> =>
  new Promise((resolve) => {
    const program = [join(folder, 'build/start.mjs'), ...args];
    const child = execFile(
      process.execPath,
      program,
      { env: { ...process.env, ...env } },
      (_error, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });

const inAnHour = () => new Date(Date.now() + 3_600_000);

describe('npm start', () => {
  it('a build that is missing is made, with one line on standard error', async () => {
    expect(await start(['--check'])).toEqual({
      code: 0,
      out: 'started --check\n',
      err: 'Building, because there is no build yet. This takes some seconds.\n',
    });
  });

  it('a build that is newer than the sources is used, without a word of a build', async () => {
    await start();
    expect(await start()).toEqual({ code: 0, out: 'started\n', err: '' });
  });

  it.each([
    'src/deep/file.ts',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'src/new.ts',
    'machines/auth.ts',
  ])('a build that is older than %s is made again', async (path) => {
    await start();
    await writeFile(
      join(folder, path),
      path === 'package.json' ? '{"scripts":{"build":"node build/fake.cjs"}}' : 'x',
    );
    await utimes(join(folder, path), inAnHour(), inAnHour());
    const { out, err } = await start();
    expect(out).toBe('started\n');
    expect(err).toBe(`Building, because ${join(path)} is newer than the build. This takes some seconds.\n`);
  });

  it('a build is made again after a source was removed', async () => {
    await start();
    await unlink(join(folder, 'src/deep/file.ts'));
    await utimes(join(folder, 'src/deep'), inAnHour(), inAnHour());
    expect((await start()).err).toContain(`${join('src/deep')} is newer than the build`);
  });

  it('a build that was broken off is made again', async () => {
    await start();
    await rm(join(folder, 'dist/studio/index.html'));
    expect((await start()).err).toContain('Building, because there is no build yet.');
  });

  it('a build whose types have errors is made again', async () => {
    expect((await start([], { TYPES_FAIL: '1' })).code).toBe(1);
    expect((await start()).err).toContain('Building, because there is no build yet.');
  });

  it('a source that changes during the build is built the next time', async () => {
    await start([], { EDITED: '1', BUILD_MS: '20' });
    expect((await start()).err).toContain(`${join('src/deep/file.ts')} is newer than the build`);
    expect((await start()).err).toBe('');
  });

  it('a source whose time is in the future is built once', async () => {
    await utimes(join(folder, 'src/deep/file.ts'), inAnHour(), inAnHour());
    await start();
    expect((await start()).err).toBe('');
  });

  it('two starts at once build once, and both start the program', async () => {
    const both = await Promise.all([start([], { BUILD_MS: '1000' }), start([], { BUILD_MS: '1000' })]);
    expect(both.map(({ code, out }) => [code, out])).toEqual([
      [0, 'started\n'],
      [0, 'started\n'],
    ]);
    expect(await readFile(join(folder, 'builds'), 'utf8')).toBe('x');
  });

  it('the lock of a start that was killed in its build does not stop the next one', async () => {
    const killed = spawnSync(process.execPath, ['-e', '']);
    await mkdir(join(folder, 'node_modules'));
    await writeFile(join(folder, 'node_modules/.latchkey-build'), String(killed.pid));
    expect(await start()).toMatchObject({ code: 0, out: 'started\n' });
    expect(await start()).toMatchObject({ code: 0, err: '' });
  });

  it('a build that fails prints its output, and nothing is started', async () => {
    const { code, out, err } = await start([], { BUILD_FAILS: '1' });
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('a line of the build\nanother line of the build\nThe build failed.\n');
  });
});
