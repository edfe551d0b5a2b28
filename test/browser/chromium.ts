import { type Browser, chromium } from 'playwright-core';
import { chromiumArgs, findChromium } from './find-chromium.js';

/** The path of the Chromium that `chromium.setup.ts` found, for every process of the run. */
export const PATH_VARIABLE = 'LATCHKEY_CHROMIUM';

/** Why no Chromium was found. */
export const REASON_VARIABLE = 'LATCHKEY_NO_CHROMIUM';

/**
 * Starts the Chromium that was found for this run of the tests. Outside of such a run: finds one now, and
 * deletes its unpacked files when it is closed.
 *
 * @throws {Error} in words, when there is none
 */
export async function launchChromium(): Promise<Browser> {
  const { [PATH_VARIABLE]: executablePath, [REASON_VARIABLE]: reason } = process.env;
  if (executablePath !== undefined) return await chromium.launch({ executablePath, args: chromiumArgs });
  if (reason !== undefined) throw new Error(reason);
  const { path, remove } = await findChromium();
  try {
    const browser = await chromium.launch({ executablePath: path, args: chromiumArgs });
    return browser.once('disconnected', remove);
  } catch (error) {
    remove();
    throw error;
  }
}
