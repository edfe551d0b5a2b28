import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Auth } from '../../src/index.js';
import { createSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { launchChromium } from './chromium.js';
import type { ZonesPage } from './zones-page.js';

declare global {
  var zonesPage: ZonesPage;
}

let browser: Browser;
let script: string;

beforeAll(async () => {
  browser = await launchChromium();
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('zones-page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    // As Angular's own tools do: zone.js cannot follow what is `async` by itself.
    target: 'es2016',
    conditions: ['latchkey-source'],
    logLevel: 'error',
  });
  script = outputFiles[0]?.text ?? '';
});
afterAll(async () => await browser?.close());

/** Angular with zone.js, a real page and a real WebSocket to the sandbox. */
describe('an Angular app with zones', () => {
  let sandbox: Sandbox;
  let backend: Auth;
  let tab: Page;
  let complaints: string[];
  /** Of the tokens that are given, ms. */
  let ttl: number;

  beforeEach(async () => {
    sandbox = createSandbox();
    const [key] = sandbox.createApp().keys;
    backend = new Auth({ key: key?.keyStr ?? '', fetch: sandbox.fetch });
    const { port } = await sandbox.listen();
    ttl = 3_600_000;
    complaints = [];
    tab = await browser.newPage();
    tab.on('pageerror', (error) => complaints.push(error.message));
    await tab.exposeFunction('aToken', async () => JSON.stringify(await backend.requestToken({ ttl })));
    await tab.setContent('<!doctype html><div id="app"></div>');
    await tab.evaluate((value) => Object.assign(globalThis, { servicePort: value }), port);
    await tab.addScriptTag({ content: script });
  });

  afterEach(async () => {
    await tab.close();
    backend.dispose();
    await sandbox.dispose();
    expect(complaints).toEqual([]);
  });

  const shows = (id: string, wanted: string) =>
    tab.waitForFunction(([where = '', text]) => document.querySelector(where)?.textContent === text, [
      `#${id}`,
      wanted,
    ] as const);
  const isStable = () => tab.waitForFunction(() => zonesPage.isStable());

  it('becomes stable with a client and a connection that it made, and shows what they tell', async () => {
    await tab.evaluate(() => zonesPage.start());
    await shows('connection', 'connected');
    await shows('tokens', '1');
    await isStable();
    await tab.evaluate(() => zonesPage.attach());
    await shows('message', 'action 11');
    await tab.evaluate(() => zonesPage.authorize());
    await shows('tokens', '2');
    await shows('renewals', '1');
    await tab.evaluate(() => zonesPage.lookAgain());
    await isStable();
    await tab.evaluate(() => zonesPage.whenStable());
    await tab.evaluate(() => zonesPage.dispose());
  });

  it('the app shows a token of a renewal ahead of time, and is stable before and after', async () => {
    ttl = 5_000;
    await tab.evaluate(() => zonesPage.start());
    await shows('connection', 'connected');
    await isStable();
    ttl = 3_600_000;
    await shows('renewals', '1');
    await shows('tokens', '2');
    await isStable();
    await tab.evaluate(() => zonesPage.dispose());
  });

  it('the app is stable while its connection waits for a service that is away', async () => {
    await tab.evaluate(() => zonesPage.start());
    await shows('connection', 'connected');
    await sandbox.dispose();
    await shows('connection', 'disconnected');
    await isStable();
    await tab.evaluate(() => zonesPage.dispose());
  });
});
