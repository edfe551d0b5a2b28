import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../browser/chromium.js';
import type { Steps } from './row.js';
import type { Service, Settings } from './service.js';

let browser: Promise<Browser> | undefined;

/** One Chromium for all rows. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}

/** Settings as a program needs them, without what only rows use. */
export const settingsOf = ({ host, port, application, key }: Settings): Settings => ({
  ...{ host, port, application, key },
});

/**
 * Opens a page that a folder has, with the settings behind its `#`, and waits until it has done its job.
 *
 * @returns what it left in `globalThis.outcome`
 */
export async function outcomeOfPage(
  service: Service,
  folder: string,
  path = '/',
): Promise<{ readonly version: string; readonly steps: Steps }> {
  service.serve(folder);
  return await outcomeAt(`${service.application}${path}`, service);
}

/** As {@link outcomeOfPage}, of a page that another server has. */
export async function outcomeAt(
  url: string,
  service: Service,
): Promise<{ readonly version: string; readonly steps: Steps }> {
  browser ??= launchChromium();
  const context = await (await browser).newContext();
  try {
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', ({ message }) => faults.push(message));
    await page.goto(`${url}#${encodeURIComponent(JSON.stringify(settingsOf(service)))}`);
    const steps = await outcomeIn(page, faults);
    return { version: `Chromium ${(await browser).version()}`, steps };
  } finally {
    await context.close();
  }
}

const LONGEST_MS = 120_000;

async function outcomeIn(page: Page, faults: readonly string[]): Promise<Steps> {
  const read = () => (globalThis as { outcome?: Steps }).outcome;
  await page.waitForFunction(read, undefined, { timeout: LONGEST_MS, polling: 100 }).catch((error: Error) => {
    throw new Error([error.message, ...faults].join('\n'));
  });
  const steps = await page.evaluate(read);
  if (steps === undefined) throw new Error('the page has lost its outcome');
  return faults.length === 0 ? steps : { ...steps, 'no error in the page': faults.join('; ') };
}
