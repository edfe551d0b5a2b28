import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import sparticuz from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

/** The studio must not depend on anything from outside, and neither may its test. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
];

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

function installed(): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const given = process.env.CHROMIUM_PATH === undefined ? [] : [process.env.CHROMIUM_PATH];
  const found = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  const usual = ['/usr/bin/chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];
  return [...given, ...found, ...usual].filter((path) => existsSync(path));
}

/**
 * The Chromium that comes with the tests; where that cannot run, one that is installed.
 *
 * @throws {Error} in words, when there is none
 */
export async function launchChromium(): Promise<Browser> {
  const reasons: string[] = [];
  const bundled = async () => [await sparticuz.executablePath()];
  for (const find of [bundled, async () => installed()]) {
    try {
      for (const executablePath of await find()) return await chromium.launch({ executablePath, args });
    } catch (error) {
      reasons.push(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
    }
  }
  throw new Error(
    `No Chromium runs here: install Chrome or Chromium, or set CHROMIUM_PATH to one. (${reasons.join(' · ')})`,
  );
}
