import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { AxeResults } from 'axe-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { playgroundPage, playgroundScript } from '../../build/playground-page.js';
import { addresses } from '../../src/playground/addresses.js';
import { eventually } from '../kit/eventually.js';
import { launchChromium } from './chromium.js';
import { bareChromium } from './devtools.js';
import { OpenPlayground } from './open-playground.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let folder: string;
let server: Server;
let browser: Browser;
/** The page: from disk, and from a static host. */
let file: string;
let hosted: string;
/** What the static host was asked for. */
let asked: string[] = [];

beforeAll(async () => {
  const { script, licenses } = await playgroundScript();
  const page = playgroundPage(script, licenses);
  console.log(`playground.html: ${page.length} bytes, compressed ${gzipSync(page).length}`);
  folder = mkdtempSync(join(tmpdir(), 'latchkey-playground-'));
  writeFileSync(join(folder, 'playground.html'), page);
  writeFileSync(join(folder, 'newer.html'), playgroundPage('const newer = @later () => {};', licenses));
  file = pathToFileURL(join(folder, 'playground.html')).href;
  server = createServer(({ url = '' }, response) => {
    asked.push(url);
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(
      url === '/framed'
        ? '<!doctype html><iframe sandbox="allow-scripts" src="/" width="900"></iframe>'
        : page,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  hosted = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
  server?.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});

describe.each([
  ['disk', () => file],
  ['a static host', () => hosted],
] as const)('the playground from %s', (where, url) => {
  it('the first link plays: a renewal fails and recovers, nothing is fetched, and no secret is shown', async () => {
    asked = [];
    const from = performance.now();
    const since = () => `${Math.round(performance.now() - from)} ms`;
    const playground = await OpenPlayground.open(browser, `${url()}#auth-server-down`);
    await playground.told('The renewal failed');
    const failed = since();
    await playground.told('The auth server is up again');
    await playground.isWell();
    console.log(`from ${where}: a renewal had failed after ${failed}, and had recovered after ${since()}`);
    await playground.recovered('scenario-outage');
    console.log(`${await playground.expectNoSecret()} secrets searched: 0 hits`);
    await playground.close();
    expect(asked).toEqual(where === 'disk' ? [] : ['/']);
  });

  it('without a scenario in its address, the client is authorized and connected', async () => {
    const playground = await OpenPlayground.open(browser, url());
    await playground.isWell();
    expect(await playground.page.locator('.scenario[aria-pressed="true"]').count()).toBe(0);
    await playground.close();
  });
});

describe('the address of the playground', () => {
  it('each scenario has an address, which plays it', async () => {
    const playground = await OpenPlayground.open(browser, file);
    await playground.isWell();
    const scenarios = await playground.page
      .locator('button.scenario')
      .evaluateAll((all) => all.map((one) => one.getAttribute('data-action') ?? ''));
    expect(Object.values(addresses).sort()).toEqual(scenarios.sort());
    for (const [name, scenario] of Object.entries(addresses)) {
      const title = await playground.page.locator(`[data-action="${scenario}"]`).textContent();
      await playground.page.goto(`${file}#${name}`);
      await playground.told(title?.trim() ?? '');
      await playground.recovered(scenario);
    }
    await playground.close();
  });

  it('an address without a scenario is answered with those that there are, and is not repeated', async () => {
    const playground = await OpenPlayground.open(browser, `${file}#constructor<b>no-such-thing</b>`);
    await playground.told('No such scenario');
    await playground.isWell();
    const log = (await playground.page.textContent('#log')) ?? '';
    for (const name of Object.keys(addresses)) expect(log).toContain(`#${name}`);
    expect(log).not.toContain('no-such-thing');
    await playground.close();
  });

  it('the address of the scenario that plays does not stop it', async () => {
    const playground = await OpenPlayground.open(browser, `${file}#auth-server-down`);
    await playground.told('The auth server is down');
    await playground.page.evaluate(() => dispatchEvent(new HashChangeEvent('hashchange')));
    await playground.told('The auth server is up again');
    await playground.recovered('scenario-outage');
    await playground.close();
  });
});

describe('the policy of the playground', () => {
  it('the policy allows its two scripts by their hashes, and nothing else', async () => {
    const { page } = await OpenPlayground.open(browser, hosted);
    const policy = await page.getAttribute('meta[http-equiv="content-security-policy"]', 'content');
    expect(policy).toMatch(
      /^default-src 'none'; script-src 'sha256-[\w+/=]{44}' 'sha256-[\w+/=]{44}'; base-uri 'none'; form-action 'none'$/,
    );
    asked = [];
    const tried = await page.evaluate(async () => {
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.body.append(script);
      const image = document.createElement('img');
      image.src = './image.png';
      document.body.append(image);
      const fetched = await fetch('./data.json').then(
        () => 'fetched',
        () => 'refused',
      );
      return { fetched, ran: 'ran' in window };
    });
    expect(tried).toEqual({ fetched: 'refused', ran: false });
    expect(asked).toEqual([]);
    await page.close();
  });
});

describe.each(['light', 'dark'] as const)('the playground in the %s', (colorScheme) => {
  it('axe finds no fault after a scenario, 1440 and 390 px wide', async () => {
    const playground = await OpenPlayground.open(browser, `${file}#auth-server-down`, {
      colorScheme,
      reducedMotion: 'reduce',
      viewport: { width: 1440, height: 900 },
    });
    await playground.told('The auth server is up again');
    await playground.recovered('scenario-outage');
    await playground.page.evaluate(axe);
    for (const width of [1440, 390]) {
      await playground.page.setViewportSize({ width, height: 844 });
      const { violations, passes } = await playground.page.evaluate(() =>
        (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
      );
      expect(passes.length).toBeGreaterThan(10);
      expect(violations.map(({ id, impact }) => `${impact} ${id}`)).toEqual([]);
    }
    await playground.close();
  });
});

describe('the playground under difficulties', () => {
  it('two tabs do not disturb each other', async () => {
    const context = await browser.newContext();
    const open = () => OpenPlayground.open(context, `${hosted}#auth-server-down`);
    const tabs = await Promise.all([open(), open()]);
    const ids = [];
    for (const tab of tabs) {
      await tab.page.bringToFront();
      await tab.told('The auth server is up again');
      await tab.recovered('scenario-outage');
      ids.push(await tab.page.textContent('#connection-id'));
      await tab.expectNoSecret();
    }
    expect(new Set(ids).size).toBe(2);
    for (const tab of tabs) await tab.close();
    await context.close();
  });

  it.each<[string, () => void, string]>([
    [
      'adopted style sheets',
      () => Reflect.deleteProperty(CSSStyleSheet.prototype, 'replaceSync'),
      'adopted style sheets',
    ],
    ['shadow roots', () => Reflect.deleteProperty(Element.prototype, 'attachShadow'), 'shadow roots'],
    ['random bytes', () => Reflect.deleteProperty(window, 'crypto'), 'random bytes'],
    ['findLast', () => Reflect.deleteProperty(Array.prototype, 'findLast'), 'Array.findLast'],
  ])('an old browser without %s gets a sentence that names what is missing', async (_what, remove, name) => {
    const page = await browser.newPage();
    await page.addInitScript(remove);
    await page.goto(file);
    await expect(page.locator('main p[role="alert"]').textContent()).resolves.toBe(
      `This browser cannot show the Latchkey playground: it has no ${name}. Use Chrome, Edge, Firefox or Safari of 2023 or newer.`,
    );
    await page.close();
  });

  it('a browser that does not know the syntax gets a sentence with what it reports', async () => {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(join(folder, 'newer.html')).href);
    expect(await page.textContent('main p[role="alert"]')).toMatch(
      /^This browser cannot show the Latchkey playground: it reports “.*SyntaxError.*”\. Use Chrome/,
    );
    await page.close();
  });

  it('a browser without JavaScript gets a sentence', async () => {
    const page = await browser.newPage({ javaScriptEnabled: false });
    await page.goto(file);
    expect((await page.textContent('main'))?.trim()).toBe(
      'The Latchkey playground needs JavaScript, and it is switched off in this browser.',
    );
    await page.close();
  });

  it('the playground works where storage is blocked', async () => {
    const page = await browser.newPage();
    await page.goto(`${hosted}framed`);
    const frame = page.frames().find((one) => one.parentFrame() !== null);
    if (frame === undefined) throw new Error('the page must have a frame');
    const stored = frame.evaluate(() => localStorage.length).catch((error: Error) => error.message);
    expect(await stored).toContain('SecurityError');
    await frame.waitForSelector('.studio[data-state="authorized"][data-connection="connected"]');
    await page.close();
  });

  it('the playground works where a Request has no stream', async () => {
    const playground = await OpenPlayground.open(browser, file, {}, (page) =>
      page.addInitScript(() => Reflect.deleteProperty(Request.prototype, 'body')),
    );
    await playground.isWell();
    await playground.close();
  });

  it('a clock that jumps while a scenario plays does not keep the client from recovering', async () => {
    const playground = await OpenPlayground.open(browser, `${file}#auth-server-down`, {}, (page) =>
      page.addInitScript(() => {
        const { now } = Date;
        const clock = { aheadMs: 0 };
        Object.assign(window, { clock });
        Date.now = () => now() + clock.aheadMs;
      }),
    );
    const jump = (ms: number) =>
      playground.page.evaluate((aheadMs) => {
        Object.assign((window as unknown as { clock: object }).clock, { aheadMs });
      }, ms);
    await playground.told('The renewal failed');
    await playground.perform('clock');
    await jump(3_600_000);
    await playground.told('Clock \\+1 h');
    await jump(-7_200_000);
    await playground.told('The auth server is up again');
    await playground.recovered('scenario-outage');
    await playground.close();
  });

  it('a tab that is frozen while a scenario plays, and stays hidden, goes on with the scenario', async () => {
    const chromium = await bareChromium();
    const page = await chromium.open(`${hosted}#auth-server-down`);
    const studio = `document.getElementById('studio')?.shadowRoot`;
    const press = (selector: string) => page.evaluate(`${studio}.querySelector('${selector}').click()`);
    await eventually(async () =>
      expect(await page.evaluate(`${studio}?.textContent`)).toContain('The renewal failed'),
    );
    await page.freeze();
    await sleep(2_000);
    await page.unfreeze();
    expect(await page.evaluate('document.visibilityState')).toBe('hidden');
    // A hidden page is not drawn, so the file is read that Export saves.
    await page.evaluate(
      'URL.createObjectURL = (file) => { globalThis.file = file; }; HTMLAnchorElement.prototype.click = () => {};',
    );
    const recording = async () => {
      await press('#export');
      return await page.evaluate<string>('globalThis.file.text()');
    };
    // Chromium slows the timers of hidden pages, so the rest of the five minutes is skipped.
    await press('[data-action="clock"]');
    await eventually(async () => {
      const [, end = ''] = (await recording()).split('The auth server is up again');
      expect(end).toContain('"Authorized"');
    });
    await page.close();
    await chromium.close();
  });
});
