import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveAttached } from '../../src/cli/attach.js';
import { Auth } from '../../src/index.js';
import { attachStudio } from '../../src/studio/index.js';
import { startStudio } from '../../src/studio/server/studio-server.js';
import { launchChromium } from './chromium.js';
import { root } from './open-studio.js';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => await browser?.close());

it('a token does not stay in the address bar, even if the server did not redirect', async () => {
  const studio = await startStudio({
    link: { subscribe: () => () => {}, perform: async () => {} },
    root,
    port: 0,
  });
  const page = await browser.newPage();
  await page.goto(`${studio.url}/?token=a-token`);
  await page.waitForSelector('.studio', { state: 'attached' });
  expect(page.url()).toBe(`${studio.url}/`);
  await page.close();
  await studio.close();
});

it('the page waits for a client of another process, shows it, works its buttons, and keeps its record', async () => {
  const studio = await serveAttached({ port: 0, root, print: () => {} });
  const page = await browser.newPage();
  const seen = (selector: string) => page.waitForSelector(selector, { state: 'attached' });
  const address = studio.pageAddress();
  await page.goto(address);
  expect(page.url()).toBe(address.replace(/\?.*/, ''));
  await seen('.studio[data-link="waiting"]');
  expect(await page.textContent('#state')).toBe('no client yet');
  const auth = new Auth({ authCallback: async () => crypto.randomUUID() });
  const attached = attachStudio(auth, studio.attachAddress(), { title: 'a worker' });
  await seen('.studio[data-link="live"][data-state="idle"]');
  await seen('[data-canvas="auth"] [data-id="auth.idle"].active');
  expect(await page.textContent('.title')).toBe('a worker');
  await page.click('[data-action="authorize"]');
  await seen('.studio[data-state="authorized"]');
  const drawn = await page.evaluate(() => document.getElementById('studio')?.shadowRoot?.innerHTML ?? '');
  expect(drawn).toContain('a worker');
  expect(drawn).not.toContain(auth.tokenDetails?.token);
  attached.detach();
  await seen('.studio[data-link="gone"][data-state="authorized"]');
  await seen('[data-action="authorize"]:disabled');
  await page.close();
  auth.dispose();
  await studio.close();
});
