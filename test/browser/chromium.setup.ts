import { PATH_VARIABLE, REASON_VARIABLE } from './chromium.js';
import { findChromium } from './find-chromium.js';

/**
 * Finds a Chromium before the first test, once for all projects and workers of a run, and deletes the
 * unpacked files after the last test. Without a Chromium, only the tests that need one fail, with the reason.
 */
export async function setup(): Promise<(() => void) | undefined> {
  if (process.env[PATH_VARIABLE] !== undefined || process.env[REASON_VARIABLE] !== undefined)
    return undefined;
  try {
    const { name, path, passedOver, remove } = await findChromium();
    if (passedOver.length > 0)
      console.warn(`The browser of the tests is ${[name, ...passedOver].join('\n- ')}`);
    process.env[PATH_VARIABLE] = path;
    return () => {
      delete process.env[PATH_VARIABLE];
      remove();
    };
  } catch (error) {
    process.env[REASON_VARIABLE] = error instanceof Error ? error.message : String(error);
    return () => delete process.env[REASON_VARIABLE];
  }
}
