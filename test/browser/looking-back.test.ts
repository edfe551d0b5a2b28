import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readRecording } from '../../src/studio/recording.js';
import { launchChromium } from './chromium.js';
import { OpenStudio } from './open-studio.js';

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
beforeEach(async () => {
  studio = await OpenStudio.open(browser);
  await studio.connect();
});
afterEach(async () => await studio.close());

const at = (title: string) => `#log li:has(strong:text-is("${title}")) .at`;

/** Exports the shown session, as a user does. */
async function exported(): Promise<string> {
  const download = studio.page.waitForEvent('download');
  await studio.page.click('#export');
  return readFileSync((await (await download).path()) ?? '', 'utf8');
}

describe('looking back', () => {
  it('an earlier moment is shown with all of its values, and the client continues', async () => {
    const { page } = studio;
    await studio.press('source');
    await studio.press('authorize');
    await studio.told('The renewal failed');
    await page.click(at('Identity'));
    await studio.seen('.studio[data-past][data-state="requesting"]');
    await studio.isLit('auth.requesting');
    expect(await studio.text('#words')).toMatch(/^At that moment: Requesting because /);
    expect(await studio.titles()).not.toContain('The renewal failed');
    expect(await page.isDisabled('[data-action="authorize"]')).toBe(true);
    expect(await studio.text('#where')).toMatch(
      /^entry \d+ of \d+, \d+ \w+ \d{4}, \d\d:\d\d:\d\d \(UTC[+-]\d+\)$/,
    );
    await studio.demo.demo.auth.authorize().catch(() => {});
    await page.click('#forth');
    await studio.seen('.studio[data-past]');
    await page.click('#live');
    await studio.seen('.studio:not([data-past])');
    expect((await studio.titles()).length).toBeGreaterThan(8);
    expect(await page.isDisabled('[data-action="authorize"]')).toBe(false);
  });

  it('selecting an entry shows the state after that entry', async () => {
    const { page, demo } = studio;
    await studio.press('source');
    await studio.press('authorize');
    await studio.told('The renewal failed');
    await studio.press('source');
    await studio.press('authorize');
    await studio.told('Renewed');
    await studio.press('revoke');
    await studio.told('Authorized', 2);
    await studio.connectionIs('connected');
    demo.demo.auth.forget();
    await studio.told('Connection closed');
    await page.click('.chip[data-about="machine"]');
    await studio.seen('#log li[data-about="machine"]');
    const pressed = await page.evaluate(async () => {
      const root = document.getElementById('studio')?.shadowRoot;
      const rows = () => [...(root?.querySelectorAll<HTMLElement>('#log li') ?? [])];
      const drawn = () => new Promise<void>((resolve) => requestAnimationFrame(() => resolve()));
      const all = [];
      for (const number of rows().map(({ dataset }) => dataset.n)) {
        root?.querySelector<HTMLElement>('#live')?.click();
        await drawn();
        await drawn();
        const row = rows().find(({ dataset }) => dataset.n === number);
        const edges = row?.querySelector('span')?.textContent ?? '';
        row?.querySelector<HTMLElement>('.at')?.click();
        await drawn();
        await drawn();
        const { state, connection } = root?.querySelector<HTMLElement>('.studio')?.dataset ?? {};
        const lit = [...(root?.querySelectorAll<HTMLElement>('.canvas .node.active') ?? [])];
        all.push({
          title: row?.querySelector('strong')?.textContent ?? '',
          targets:
            row?.dataset.about === 'machine' && edges !== ''
              ? edges.split(', ').map((edge) => edge.split('→')[1])
              : [],
          state,
          connection,
          lit: lit.map(({ dataset }) => dataset.id),
        });
      }
      return all;
    });
    expect(pressed.length).toBeGreaterThan(50);
    const states: Readonly<Record<string, string>> = {
      'Requesting a token': 'requesting',
      Authorized: 'authorized',
      Renewing: 'renewing',
      // This renewal was requested by a caller: the client continues as before.
      'The renewal failed': 'authorized',
      Renewed: 'authorized',
      'Token lost': 'requesting',
      Idle: 'idle',
    };
    const titles = pressed.map(({ title }) => title);
    expect(titles).toEqual(expect.arrayContaining(Object.keys(states)));
    for (const { title, targets, state, connection, lit } of pressed) {
      expect({ title, lit }).toEqual({ title, lit: expect.arrayContaining(targets) });
      expect({ title, state }).toEqual({ title, state: states[title] ?? state });
      const [, told = connection] = /^Connection (\w+)$/.exec(title) ?? [];
      expect({ title, connection }).toEqual({ title, connection: told });
    }
  });

  it('a click on the timeline shows that moment', async () => {
    const { page } = studio;
    await page.click('#show-all');
    const box = await page.locator('#lanes').boundingBox();
    await page.mouse.click((box?.x ?? 0) + 2, (box?.y ?? 0) + 90);
    await studio.seen('.studio[data-past][data-state="idle"]');
  });

  it('the timeline can be zoomed and moved', async () => {
    const { page } = studio;
    const ticks = () =>
      page.$$eval('.tick text', (all) => all.map(({ textContent }) => textContent).join(' '));
    const before = await ticks();
    for (let i = 0; i < 4; i += 1) await page.click('#zoom-in');
    await page.waitForFunction(
      (old) =>
        [...(document.getElementById('studio')?.shadowRoot?.querySelectorAll('.tick text') ?? [])]
          .map(({ textContent }) => textContent)
          .join(' ') !== old,
      before,
    );
    const box = await page.locator('#lanes').boundingBox();
    await page.mouse.move((box?.x ?? 0) + 300, (box?.y ?? 0) + 90);
    await page.mouse.down();
    await page.mouse.move((box?.x ?? 0) + 500, (box?.y ?? 0) + 90, { steps: 4 });
    await page.mouse.up();
    await studio.seen('#follow[aria-pressed="false"]');
    await studio.seen('.studio:not([data-past])');
    await page.click('#follow');
    await studio.seen('#follow[aria-pressed="true"]');
  });
});

describe('a recording', () => {
  it('a recording is saved without secrets, and another studio shows it unchanged', async () => {
    await studio.press('revoke');
    await studio.told('Authorized', 2);
    await studio.connectionIs('connected');
    const text = await exported();
    const { session, entries } = readRecording(text);
    expect(session.title).toBe('a client of the embedded service');
    expect(entries.length).toBeGreaterThan(20);
    studio.alsoSearch('exported', text);
    const path = join(folder, 'recording.json');
    await writeFile(path, text);
    // The connection was disconnected once by the revocation, and is once more.
    await studio.press('cut');
    await studio.told('Connection disconnected', 2);
    await studio.page.setInputFiles('#import', path);
    await studio.seen('.studio[data-link="recording"][data-state="authorized"]');
    const titles = await studio.titles();
    expect(titles.filter((title) => title === 'Connection disconnected')).toHaveLength(1);
    expect(titles).toContain('Token lost');
    await studio.seen('.token[data-token="1"][data-end="refused"]');
    await studio.page.focus('#travel');
    await studio.page.keyboard.press('Home');
    await studio.seen('.studio[data-state="idle"]');
    await studio.page.click('#live');
    await studio.seen('.studio[data-link="live"]');
    await studio.told('Connection disconnected', 2);
  });

  it('a recording that cannot be drawn is closed, and the live session continues', async () => {
    const path = join(folder, 'undrawn.json');
    const file = JSON.parse(await exported());
    for (const entry of file.entries) entry.at = 1_000 + entry.n;
    await writeFile(path, JSON.stringify(file));
    await studio.page.evaluate(() => {
      const plain = Date.prototype.toISOString;
      Date.prototype.toISOString = function () {
        if (this.getTime() < 1e9) throw new Error('cannot be drawn');
        return plain.call(this);
      };
    });
    await studio.page.setInputFiles('#import', path);
    await studio.seen('#notice');
    expect(await studio.text('#notice')).toBe('This recording cannot be drawn.');
    await studio.seen('.studio[data-link="live"][data-state="authorized"]');
    await studio.isLit('auth.authorized');
    await studio.press('authorize');
    await studio.told('Renewed');
  });

  it('a file that is not a recording is refused, and the page stays as it was', async () => {
    const path = join(folder, 'wrong.json');
    await writeFile(path, '{"format":"something else"}');
    await studio.page.setInputFiles('#import', path);
    await studio.seen('#notice');
    expect(await studio.text('#notice')).toBe('This file is not a recording of the Latchkey studio.');
    await studio.seen('.studio[data-link="live"][data-state="authorized"]');
  });
});
