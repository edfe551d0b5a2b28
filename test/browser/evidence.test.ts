import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { serveAttached } from '../../src/cli/attach.js';
import { serveStudio } from '../../src/cli/serve.js';
import { Auth } from '../../src/index.js';
import { attachStudio } from '../../src/studio/index.js';
import { launchChromium } from './chromium.js';
import { OpenStudio, root, TTL_MS } from './open-studio.js';

const HOSTILE = '<img src=x onerror="window.isHit=1"><script>window.isHit=1</script>';

let browser: Browser;
let studio: OpenStudio;
let folder: string;

beforeAll(async () => {
  browser = await launchChromium();
  folder = await mkdtemp(join(tmpdir(), 'studio-'));
});
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Drops a text on the page as a file. */
async function drop(text: string): Promise<void> {
  await studio.page.evaluate((content) => {
    const place = document.getElementById('studio')?.shadowRoot?.querySelector('.main');
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([content], 'recording.json', { type: 'application/json' }));
    const options = { dataTransfer, bubbles: true, cancelable: true, composed: true };
    place?.dispatchEvent(new DragEvent('dragover', options));
    place?.dispatchEvent(new DragEvent('drop', options));
  }, text);
}

const notice = async () => {
  await studio.seen('#notice');
  return await studio.text('#notice');
};

/** The file of a recording, as an object to change. */
// biome-ignore lint/suspicious/noExplicitAny: it becomes any damaged file.
const recorded = (): any => JSON.parse(studio.demo.recorder.recording());

describe('a recording that is dropped on the page', () => {
  beforeEach(async () => {
    studio = await OpenStudio.open(browser, { viewport: { width: 1440, height: 900 } });
    await studio.connect();
  });
  afterEach(async () => await studio.close());

  it('the recording says what was, with its date and zone, and stands beside the live session', async () => {
    await drop(studio.demo.recorder.recording());
    await studio.seen('.studio[data-link="recording"][data-state="authorized"]');
    const past = /was, on \d+ \w+ \d{4}, \d\d:\d\d:\d\d \(UTC[+-]\d+(:\d\d)?\)$/;
    for (const pane of ['#token-pane', '#connection-pane'])
      expect(await studio.text(`${pane} .eyebrow`)).toMatch(past);
    expect(await studio.text('#link')).toBe('a recording');
    expect(
      await studio.page.$$eval('#session option', (all) => all.map((one) => one.textContent?.split(':')[0])),
    ).toEqual(['live', 'a recording']);
    await studio.page.selectOption('#session', { index: 0 });
    await studio.seen('.studio[data-link="live"]');
    expect(await studio.text('#token-pane .eyebrow')).toBe('The token is');
    await studio.page.selectOption('#session', { index: 1 });
    await studio.seen('.studio[data-link="recording"]');
    await studio.page.click('#live');
    await studio.seen('.studio[data-link="live"]');
    expect(await studio.page.$$('#session')).toEqual([]);
  });

  it.each<[string, () => string, RegExp]>([
    ['half of one', () => studio.demo.recorder.recording().slice(0, 20_000), /its end is missing/],
    ['a later version', () => JSON.stringify({ ...recorded(), version: 3 }), /another version/],
    [
      'without some entries',
      () => {
        const file = recorded();
        file.entries.splice(3, 2);
        return JSON.stringify(file);
      },
      /entries are missing/,
    ],
    [
      'times that no date has',
      () => {
        const file = recorded();
        file.entries.at(-1).at = 1e300;
        return JSON.stringify(file);
      },
      /damaged/,
    ],
    ['another file', () => '[]', /not a recording/],
  ])('a file that is %s is refused with a reason, and the live session stays', async (_what, text, words) => {
    await drop(text());
    expect(await notice()).toMatch(words);
    await studio.seen('.studio[data-link="live"][data-state="authorized"]');
  });

  it('a recording of the version before is shown', async () => {
    const file = recorded();
    file.version = 1;
    delete file.frames;
    delete file.session.id;
    for (const entry of file.entries) {
      if (entry.kind === 'view') {
        const { state, id } = entry.view.connection;
        entry.view.connection = { state, id };
        for (const name of ['source', 'acquired', 'isSpread']) delete entry.view[name];
      }
      for (const name of ['trouble', 'claims', 'unseenMs']) delete entry[name];
    }
    await drop(JSON.stringify(file));
    await studio.seen('.studio[data-link="recording"][data-state="authorized"]');
    expect(await studio.text('#connection-state')).toBe('connected');
    expect(await studio.page.$$('#notice')).toEqual([]);
  });

  it('a file of 200 MB is refused before it is read', async () => {
    const path = join(folder, 'large.json');
    const file = await open(path, 'w');
    await file.truncate(200 * 1024 * 1024);
    await file.close();
    const session = await studio.page.context().newCDPSession(studio.page);
    const { root: document } = await session.send('DOM.getDocument', { depth: -1, pierce: true });
    const inputOf = (node: typeof document): number | undefined => {
      if (node.nodeName === 'INPUT' && node.attributes?.includes('import')) return node.nodeId;
      for (const child of [...(node.children ?? []), ...(node.shadowRoots ?? [])]) {
        const found = inputOf(child as typeof document);
        if (found !== undefined) return found;
      }
      return undefined;
    };
    // Playwright itself sends no file that large, and the browser reads it from the disk.
    await session.send('DOM.setFileInputFiles', { files: [path], nodeId: inputOf(document) ?? 0 });
    expect(await notice()).toBe('This file has 200 MB; a recording has at most 64 MB.');
  });

  it('a recording whose chart has 3,000 states is shown and closed again', async () => {
    const file = recorded();
    file.session.charts[0].states.push(
      ...Array.from({ length: 3_000 }, (_, n) => ({
        id: `s${n}`,
        name: `s${n}`,
        isInitial: false,
        states: [],
      })),
    );
    await drop(JSON.stringify(file));
    await studio.seen('.studio[data-link="recording"][data-state="authorized"]');
    expect(await studio.text('#state')).toBe('authorized');
    await studio.page.click('#live');
    await studio.seen('.studio[data-link="live"]');
  });

  it('hostile texts are texts: nothing of them runs, and nothing breaks', async () => {
    const file = recorded();
    const long = 'w'.repeat(100_000);
    file.session.title = HOSTILE;
    for (const control of file.session.controls) control.label = HOSTILE;
    const trouble = {
      ...{ code: 40140, message: HOSTILE, reason: HOSTILE, causes: [HOSTILE, long], address: long },
      ...{ remediation: HOSTILE, href: 'javascript:window.isHit=1' },
    };
    const last = file.entries.at(-1);
    file.entries.push({
      ...{ n: last.n + 1, at: last.at, kind: 'told', about: 'token', tone: 'bad' },
      ...{ title: HOSTILE, detail: long, trouble, claims: [{ name: HOSTILE, text: long }], unseenMs: 9e15 },
    });
    for (const { view } of file.entries)
      if (view?.decision.token)
        view.decision.token.capability = JSON.stringify({ [HOSTILE]: [HOSTILE], [long]: ['*'] });
    await drop(JSON.stringify(file));
    await studio.seen('.studio[data-link="recording"]');
    expect(await studio.text('#trouble')).toContain('<img src=x');
    expect(await studio.text('#capability')).toContain('<script>');
    expect(await studio.page.$$('#trouble a')).toEqual([]);
    expect(
      await studio.page.evaluate(() => [
        (window as unknown as { isHit?: number }).isHit,
        document.documentElement.scrollWidth > innerWidth,
      ]),
    ).toEqual([undefined, false]);
    await studio.page.click('#live');
    await studio.seen('.studio[data-link="live"]');
  });

  it('a clock that jumps in both directions while a scenario plays leaves the page in order', async () => {
    const { clock } = studio.demo.demo;
    await studio.press('speed-60');
    await studio.press('scenario-outage');
    await studio.isIn('failed');
    clock.shift(-2 * 3_600_000);
    await studio.press('closed-door');
    await studio.told('The clock was set back');
    clock.shift(26 * 3_600_000);
    await studio.press('closed-door');
    await studio.told('Connecting refused: ended');
    await studio.seen('[data-action="scenario-outage"][aria-pressed="false"]', 50_000);
    await studio.isIn('authorized');
    await studio.page.focus('#travel');
    await studio.page.keyboard.press('Home');
    await studio.seen('.studio[data-past][data-state="idle"]');
    await studio.page.keyboard.press('End');
    await studio.seen('.studio:not([data-past])');
    await studio.page.click('#show-all');
    await studio.seen('.span[data-value="authorized"]');
    expect(await studio.page.$$('#notice')).toEqual([]);
  });

  it('two pages show one program, and both work', async () => {
    const other = await browser.newPage();
    await other.goto(studio.demo.url);
    await other.waitForSelector('.studio[data-state="authorized"]', { state: 'attached' });
    const renewed = '#log strong:text-is("Renewed")';
    await other.click('[data-action="authorize"]');
    await other.locator(renewed).nth(0).waitFor({ state: 'attached' });
    await studio.told('Renewed');
    await studio.press('authorize');
    await other.locator(renewed).nth(1).waitFor({ state: 'attached' });
    await studio.told('Renewed', 2);
    await other.close();
  });
});

describe('evidence of what was before', () => {
  it('the session before stays in the page when the server is restarted', async () => {
    const print = () => {};
    const options = { root, ttlMs: TTL_MS, latencyMs: 50, print };
    const first = await serveStudio({ port: 0, ...options });
    const page = await browser.newPage();
    const seen = (selector: string) => page.waitForSelector(selector, { state: 'attached' });
    await page.goto(first.url);
    await seen('#state');
    await page.click('[data-action="authorize"]');
    await seen('.studio[data-state="authorized"]');
    await first.close();
    await seen('.studio[data-link="gone"]');
    expect(await page.textContent('#token-pane .eyebrow')).toMatch(/was, on /);
    const second = await serveStudio({ port: Number(new URL(first.url).port), ...options });
    await seen('.studio[data-link="live"][data-state="idle"]');
    expect(
      await page.$$eval('#session option', (all) => all.map((one) => one.textContent?.split(':')[0])),
    ).toEqual(['before', 'live']);
    await page.selectOption('#session', { index: 0 });
    await seen('.studio[data-link="gone"][data-state="authorized"]');
    await page.close();
    await second.close();
  });

  it('the session before stays beside the new one when a program is restarted, also for a page that opens later', async () => {
    const attached = await serveAttached({ port: 0, root, print: () => {} });
    const auth = () => new Auth({ authCallback: async () => crypto.randomUUID() });
    const [before, after] = [auth(), auth()];
    const first = attachStudio(before, attached.attachAddress(), { title: 'my program' });
    await first.ready;
    await before.authorize();
    before.dispose();
    await attachStudio(after, attached.attachAddress(), { title: 'my program' }).ready;
    const page = await browser.newPage();
    await page.goto(attached.pageAddress());
    await page.waitForSelector('.studio[data-link="live"][data-state="idle"]', { state: 'attached' });
    await page.selectOption('#session', { index: 0 });
    await page.waitForSelector('#log strong:text-is("Authorized")', { state: 'attached' });
    await page.close();
    after.dispose();
    await attached.close();
  });

  it('a program that attaches and floods is disconnected, and the page keeps what it showed', async () => {
    const attached = await serveAttached({ port: 0, root, print: () => {} });
    const auth = new Auth({ authCallback: async () => crypto.randomUUID() });
    const page = await browser.newPage();
    await page.goto(attached.pageAddress());
    const program = attachStudio(auth, attached.attachAddress(), { title: 'a good program' });
    await program.ready;
    await page.waitForSelector('.studio[data-link="live"]', { state: 'attached' });
    const hello = await new Promise<string>((resolve) => {
      attached.relay.subscribe((message) => {
        if (message.type === 'hello') resolve(JSON.stringify(message));
      });
    });
    program.detach();
    const socket = new WebSocket(attached.attachAddress());
    const ended = new Promise<number>((resolve) => {
      socket.on('close', resolve).on('error', () => {});
    });
    await new Promise((resolve) => socket.once('open', resolve));
    for (let index = 0; index < 60_000 && socket.readyState === WebSocket.OPEN; index += 1) {
      socket.send(hello);
      if (index % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await ended).toBe(1008);
    await page.waitForSelector('.studio[data-link="gone"]', { state: 'attached' });
    expect((await page.$$('#session option')).length).toBeLessThanOrEqual(5);
    await attachStudio(auth, attached.attachAddress(), { title: 'a good program' }).ready;
    await page.waitForSelector('.studio[data-link="live"]', { state: 'attached' });
    await page.click('[data-action="authorize"]');
    await page.waitForSelector('.studio[data-state="authorized"]', { state: 'attached' });
    await page.close();
    auth.dispose();
    await attached.close();
  });
});
