import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type StudioDemo, serveStudio } from '../../src/cli/serve.js';
import type { StudioMessage } from '../../src/studio/messages.js';
import { launchChromium } from './chromium.js';

const root = fileURLToPath(new URL('../../dist/studio', import.meta.url));

let browser: Browser;
let studio: StudioDemo;
let page: Page;
let addresses: string[];
let complaints: string[];
let fed: StudioMessage[];
let printed: string[];
let tokens: Set<string>;

beforeAll(async () => {
  if (!existsSync(`${root}/index.html`))
    throw new Error('The studio page is not built: run `npm run build` first.');
  browser = await launchChromium();
});

afterAll(async () => await browser?.close());

/** Long enough for every step to be seen on a slow machine, too short for the service to ask first. */
const TTL_MS = 20_000;

beforeEach(async () => {
  addresses = [];
  complaints = [];
  fed = [];
  tokens = new Set();
  printed = [];
  studio = await serveStudio({
    port: 0,
    root,
    ttlMs: TTL_MS,
    latencyMs: 250,
    print: (line) => printed.push(line),
  });
  studio.feed.subscribe((message) => fed.push(message));
  const { auth } = studio.demo;
  const keep = () => void tokens.add(auth.tokenDetails?.token ?? '');
  auth.on('authorized', keep);
  auth.on('renewed', keep);
  page = await browser.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => addresses.push(request.url()));
  await page.goto(studio.url);
  await seen('.canvas [data-id="auth.idle"]');
});

/** Of every page, whatever it was used for. */
afterEach(async () => {
  try {
    expect(complaints).toEqual([]);
    expect(addresses.filter((address) => !address.startsWith(`${studio.url}/`))).toEqual([]);
    const shown = (await page.content()) + JSON.stringify(fed) + printed.join('\n');
    const [, keySecret = ''] = studio.demo.key.open().split(':');
    expect(keySecret.length).toBeGreaterThan(20);
    for (const secret of [...tokens, keySecret]) expect(shown.includes(secret)).toBe(false);
    expect(shown).not.toMatch(/"(mac|nonce|token)":"/);
  } finally {
    await page.close();
    await studio.close();
  }
});

const seen = (selector: string) => page.waitForSelector(selector, { state: 'attached' });
const press = (action: string) => page.click(`[data-action="${action}"]`);
const isIn = (state: string) => seen(`body[data-state="${state}"]`);
const connectionIs = (state: string) => seen(`body[data-connection="${state}"]`);
const isLit = (id: string) => seen(`.canvas .node.active[data-id="${id}"]`);
const text = async (id: string) => (await page.textContent(`#${id}`)) ?? '';
const titles = () => page.$$eval('#timeline strong', (all) => all.map(({ textContent }) => textContent));

/** The newest entry of that title, once there are `count` of them. */
const told = (title: string, count = 1) =>
  page.waitForFunction(
    ([wanted, atLeast]) =>
      [...document.querySelectorAll('#timeline strong')].filter((one) => one.textContent === wanted).length >=
      Number(atLeast),
    [title, count] as const,
  );

/** Passes through states are recorded by the page itself, so that none is too short to be seen. */
async function recordStates(): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const passed: string[] = [];
    let last = document.body.dataset.state;
    const note = () => {
      const { state = '' } = document.body.dataset;
      if (state !== last) passed.push(state);
      last = state;
    };
    new MutationObserver(note).observe(document.body, { attributeFilter: ['data-state'] });
    Object.assign(window, { passed });
  });
  return () => page.evaluate(() => (window as unknown as { passed: string[] }).passed);
}

async function connect(): Promise<string> {
  await press('authorize');
  await isIn('authorized');
  await connectionIs('connected');
  return await text('connection-id');
}

describe('the studio page', () => {
  it('shows a renewal: state lit, lifetime full again, timeline told, connection the same', async () => {
    const id = await connect();
    expect(id).toMatch(/^[\w-]{6,}$/);
    const firstIssued = await page.getAttribute('#bar', 'data-issued');
    const passed = await recordStates();
    const lit = isLit('auth.acquiring.renewing.fetching');
    // An eighth of its life is left: the client planned its renewal for before that.
    studio.demo.clock.shift(TTL_MS * 0.875);
    await lit;
    expect(await text('reason')).toBe('the renewal is due');
    await told('Renewed');
    await isLit('auth.authorized');
    expect(await passed()).toEqual(['renewing', 'authorized']);
    expect(Number(await page.getAttribute('#bar', 'data-issued'))).toBeGreaterThan(Number(firstIssued));
    expect(await page.$eval('#life-meter', (meter) => (meter as HTMLMeterElement).value)).toBeGreaterThan(80);
    expect(await text('connection-id')).toBe(id);
    expect(await text('connection-state')).toBe('connected');
    const happened = await titles();
    // The clock was set so far ahead that the token is also about to expire.
    const steps = happened.filter((title) => title !== 'About to expire');
    expect(steps.slice(0, 3)).toEqual(['Renewed', 'Upgrading in place', 'Renewing']);
    expect(
      await page.$$eval('.edge[data-age="0"]', (all) => all.map((one) => (one as SVGElement).dataset.edge)),
    ).toEqual(['auth.acquiring→auth.authorized']);
  });

  it('renews what is in use when told to authorize again', async () => {
    const id = await connect();
    const passed = await recordStates();
    await press('authorize');
    await told('Renewed');
    await isIn('authorized');
    expect(await passed()).toEqual(['renewing', 'authorized']);
    expect(await text('connection-id')).toBe(id);
  });

  it.each([
    ['expire', '40142'],
    ['revoke', '40141'],
  ])('gets another token and resumes after "%s"', async (action, code) => {
    const id = await connect();
    const passed = await recordStates();
    await press(action);
    await told('The token is gone');
    await told('Authorized', 2);
    await isIn('authorized');
    await connectionIs('connected');
    expect(await passed()).toEqual(['requesting', 'authorized']);
    expect(await page.textContent('#timeline li[data-tone="bad"]')).toContain(code);
    expect(await text('connection-id')).toBe(id);
  });

  it('keeps its token and resumes when the connection is cut', async () => {
    const id = await connect();
    const issued = await page.getAttribute('#bar', 'data-issued');
    const passed = await recordStates();
    await press('cut');
    await told('Connection disconnected');
    await told('Connection connected', 2);
    await connectionIs('connected');
    expect(await passed()).toEqual([]);
    expect(await page.getAttribute('#bar', 'data-issued')).toBe(issued);
    expect(await text('connection-id')).toBe(id);
  });

  it('waits while the source is down, and recovers when it is up', async () => {
    await connect();
    await press('source');
    await seen('[data-action="source"][aria-pressed="true"]');
    expect(await page.textContent('[data-action="source"]')).toBe('Source up');
    await press('clock');
    await isLit('auth.failed.waiting');
    expect(await text('reason')).toContain('503');
    expect(await text('next')).toMatch(/^Tries again/);
    await press('source');
    await seen('[data-action="source"][aria-pressed="false"]');
    await isIn('authorized');
    await told('Authorized', 2);
  });

  it('replaces the token when an hour passes at once', async () => {
    await connect();
    const before = await text('clock');
    const passed = await recordStates();
    await press('clock');
    await told('Authorized', 2);
    await isIn('authorized');
    await connectionIs('connected');
    expect((await passed())[0]).toBe('requesting');
    expect(await text('clock')).not.toBe(before);
  });

  it('can be used with the keyboard alone', async () => {
    await page.focus('[data-action="authorize"]');
    await page.keyboard.press('ArrowRight');
    expect(await page.evaluate(() => (document.activeElement as HTMLElement).dataset.action)).toBe('expire');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await isIn('authorized');
    expect(await page.getAttribute('#state', 'aria-live')).toBe('polite');
  });

  it.each([360, 768, 1440])('fits a screen %d px wide', async (width) => {
    await page.setViewportSize({ width, height: 800 });
    await connect();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });
});
