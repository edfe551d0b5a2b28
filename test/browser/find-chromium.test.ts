import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../kit/imports.js';
import { PATH_VARIABLE, REASON_VARIABLE } from './chromium.js';
import { firstThatRuns, installed } from './find-chromium.js';

const run = promisify(execFile);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-find-'));
});
afterEach(async () => await rm(folder, { recursive: true, force: true }));

/** An environment with its own temporary folder, and without the Chromium of this run. */
function freshEnv(): NodeJS.ProcessEnv {
  const { [PATH_VARIABLE]: _path, [REASON_VARIABLE]: _reason, ...env } = process.env;
  return { ...env, TMPDIR: folder, NODE_OPTIONS: '' };
}

/** A file with the mode of a program. */
async function program(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  await chmod(path, 0o700);
  return path;
}

const candidate = (name: string, path: string) => ({ name, path: () => path });

describe('the Chromium of the tests', () => {
  it('Chromium starts in several workers at once in an empty temporary folder, and leaves that folder empty', async () => {
    const files = ['attached', 'mount', 'stately-inspector'].map((name) => `test/browser/${name}.test.ts`);
    const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'browser', ...files];
    const { stdout } = await run(process.execPath, vitest, { cwd: root, env: freshEnv() });
    expect(stdout).toMatch(/Tests: \d+ passed, 0 failed, 0 skipped/);
    expect(await readdir(folder)).toEqual([]);
  }, 180_000);

  it('Chromium starts beside the unfinished file of an earlier run, outside of vitest too', async () => {
    await program('chromium', '\x7fELF half of it');
    const script = `
      import { launchChromium } from './test/browser/chromium.js';
      const browser = await launchChromium();
      console.log(browser.isConnected());
      await browser.close();`;
    const node = ['--import', 'tsx', '--input-type=module', '--eval', script];
    const { stdout } = await run(process.execPath, node, { cwd: root, env: freshEnv() });
    expect(stdout).toBe('true\n');
    const left = (await readdir(folder)).filter((name) => !name.startsWith('tsx-'));
    expect(left).toEqual(['chromium']);
  });

  it('the first candidate that shows a page is used, and each earlier candidate has a reason', async () => {
    const works = process.env[PATH_VARIABLE] ?? '';
    const textFile = join(folder, 'text');
    await writeFile(textFile, 'hello');
    const found = await firstThatRuns([
      candidate('a missing one', join(folder, 'missing')),
      candidate('a text', textFile),
      candidate('one of another system', await program('other', '\x7fELF of something else')),
      candidate('one of another C library', await program('libc', '#!/no/such/loader\n')),
      candidate(
        'one without libraries',
        await program(
          'bare',
          '#!/bin/sh\necho "./bare: error while loading shared libraries: libnss3.so: cannot open" >&2\nexit 127\n',
        ),
      ),
      candidate('a stub', await program('stub', '#!/bin/sh\necho "install the snap first" >&2\nexit 10\n')),
      candidate('one of another processor', await program('illegal', '#!/bin/sh\nkill -ILL $$\n')),
      candidate(
        'one that does not open',
        await program('shut', '#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "no display" >&2\nexit 3\n'),
      ),
      candidate('the one that works', works),
      candidate('one too many', join(folder, 'never looked at')),
    ]);
    expect(found).toEqual({
      name: 'the one that works',
      path: works,
      passedOver: [
        'a missing one is not there',
        'a text may not be run: it is not a program, or its folder does not allow programs (noexec)',
        'one of another system is not a program for this system and processor',
        'one of another C library needs a program loader that this system does not have',
        'one without libraries misses a library: libnss3.so',
        'a stub ended with code 10: install the snap first',
        'one of another processor was ended by SIGILL: it may be made for another processor',
        'one that does not open did not show a page: no display',
      ],
    });
  });

  it('an error names each candidate and its reason if none starts', async () => {
    await expect(
      firstThatRuns([candidate('one', join(folder, 'one')), candidate('two', join(folder, 'two'))]),
    ).rejects.toThrow(
      'No Chromium runs here: install Chrome or Chromium, or set CHROMIUM_PATH to one.\n- one is not there\n- two is not there',
    );
  });

  it('the candidates are CHROMIUM_PATH, and then those in every folder of the PATH', async () => {
    const first = await program('chromium', '');
    const second = await program('google-chrome', '');
    const env = { CHROMIUM_PATH: '/told/of', PATH: ['/no/such', folder].join(delimiter) };
    const paths = await Promise.all(installed(env).map(({ path }) => path()));
    expect(paths.slice(0, 3)).toEqual(['/told/of', first, second]);
  });
});
