import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pictures } from '../../docs/charts.js';
import type { Chart, ChartState } from '../../src/studio/messages.js';
import { root as project } from '../kit/imports.js';
import { launchChromium } from './chromium.js';
import { type Looks, looksOf } from './drawn-chart.js';
import { OpenStudio, TTL_MS } from './open-studio.js';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => await browser?.close());

/** A drawing that can be read. */
function expectLegible(title: string, looks: Looks): void {
  const { smallestPx, lineContrast, textContrast, texts } = looks;
  console.log(
    `${title}: ${texts} texts, letters ${smallestPx.toFixed(1)} px, lines ${lineContrast.toFixed(1)}:1, texts ${textContrast.toFixed(1)}:1`,
  );
  expect(looks.overlaps).toEqual([]);
  expect(texts).toBeGreaterThan(15);
  expect(smallestPx).toBeGreaterThanOrEqual(11);
  expect(lineContrast).toBeGreaterThanOrEqual(3);
  expect(textContrast).toBeGreaterThanOrEqual(4.5);
}

const measured = (page: Page, selector: string) =>
  page.locator(selector).evaluate(looksOf as (svg: SVGElement | HTMLElement) => Looks);

describe('the pictures of the charts', () => {
  // A page of GitHub has 16 px beside its text on a narrow screen, and 830 px for a README on a wide one.
  it.each([...pictures().keys()])('%s can be read where it is shown', async (name) => {
    const page = await browser.newPage({
      viewport: { width: name.includes('tall') ? 360 : 862, height: 900 },
    });
    const picture = readFileSync(join(project, 'docs/pictures', name), 'utf8');
    await page.setContent(
      `<body style="margin:0 16px"><style>svg{max-width:100%;height:auto}</style>${picture}`,
    );
    expectLegible(name, await measured(page, 'svg'));
    await page.close();
  });
});

describe.each(['light', 'dark'] as const)('the charts of the studio in the %s', (colorScheme) => {
  it.each([360, 720, 1280, 1440])('the charts can be read %d px wide', async (width) => {
    const viewport = { width, height: 900 };
    const studio = await OpenStudio.open(browser, { colorScheme, reducedMotion: 'reduce', viewport });
    await studio.connect();
    await studio.page.mouse.move(0, 0);
    for (const name of ['auth', 'connection']) {
      await studio.page.click(`#tab-${name}`);
      await studio.page.locator(`[data-canvas="${name}"] svg`).waitFor();
      const form = await studio.page.getAttribute(`[data-canvas="${name}"]`, 'data-form');
      const looks = await measured(studio.page, `[data-canvas="${name}"] svg`);
      expectLegible(`${name}, ${colorScheme}, ${width} px, ${form}`, looks);
      const taken = await studio.page.evaluate(() => document.documentElement.scrollWidth);
      expect(taken).toBeLessThanOrEqual(width);
    }
    await studio.close();
  });
});

describe('a chart of the studio', () => {
  it.each([360, 1440])('the name of each inner state fits into its state, %d px wide', async (width) => {
    const studio = await OpenStudio.open(browser, {
      reducedMotion: 'reduce',
      viewport: { width, height: 900 },
    });
    const { page } = studio;
    await studio.connect();
    const file = JSON.parse(studio.demo.recorder.recording());
    const charts = file.session.charts as Chart[];
    const paths = charts.map(({ states }) => states.flatMap((state) => pathsIn(state)));
    for (let index = 0; index < Math.max(...paths.map(({ length }) => length)); index += 1) {
      const active = paths.map((of) => of[index] ?? of[0] ?? []);
      for (const entry of file.entries)
        if (entry.kind === 'view') entry.view.active = { auth: active[0], connection: active[1] };
      await importFile(page, file);
      for (const [at, { name }] of charts.entries()) {
        await page.click(`#tab-${name}`);
        await studio.seen(`[data-canvas="${name}"] .node.active[data-id="${active[at]?.at(-1)}"]`);
        await page.locator(`[data-canvas="${name}"] svg`).waitFor();
        const looks = await measured(page, `[data-canvas="${name}"] svg`);
        expect([active[at]?.at(-1), looks.overlaps]).toEqual([active[at]?.at(-1), []]);
      }
    }
    await studio.close();
  });

  it('a state is opened and closed by a press and by the keyboard, and shows its states and its ways', async () => {
    const studio = await OpenStudio.open(browser);
    const { page } = studio;
    await studio.connect();
    const state = page.getByRole('button', { name: 'renewing', exact: true });
    await state.focus();
    await page.keyboard.press('Enter');
    await studio.seen('[data-canvas="auth"] [data-id="auth.renewing"][aria-expanded="true"]');
    const opened = page.getByRole('region', { name: 'renewing: states inside and ways' });
    await opened.waitFor();
    expect(await opened.locator('.inside li').allTextContents()).toEqual([
      expect.stringContaining('fetching'),
      expect.stringContaining('waiting'),
    ]);
    const rows = await opened
      .locator('tbody tr')
      .evaluateAll((all) =>
        all.map((row) => [...row.children].map((cell) => cell.textContent?.trim() ?? '').join(' | ')),
      );
    expect(rows).toContain('renewing.fetching | acquisition done | it was accepted | authorized');
    expect(rows).toContain('authorized | after: something is due | the renewal is due | renewing');
    expect(rows).toContain('any state | authorize | there is a current token | renewing');
    await opened.getByRole('button', { name: 'Close' }).focus();
    await page.keyboard.press('Escape');
    await opened.waitFor({ state: 'detached' });
    await page.click('[data-canvas="auth"] [data-id="auth.failed"]');
    await page.getByRole('region', { name: 'failed: states inside and ways' }).waitFor();
    await page.click('[data-canvas="auth"] [data-id="auth.failed"]');
    await studio.seen('#chart-auth:not(:has(.opened))');
    await studio.close();
  });

  it('the tabs name the active states, and the arrow keys go between them', async () => {
    const studio = await OpenStudio.open(browser);
    const { page } = studio;
    await studio.connect();
    await page.getByRole('tab', { name: 'auth authorized' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('[data-canvas="connection"] svg').waitFor({ state: 'visible' });
    await studio.seen('#tab-connection[aria-selected="true"]:focus');
    await page.getByRole('button', { name: 'connected, in it steady: active', exact: true }).waitFor();
    await page.getByText('All 98 ways of connection', { exact: true }).click();
    const table = page.getByRole('region', { name: 'All ways of connection' });
    await table.locator('tbody tr').nth(97).waitFor();
    expect(await table.locator('tbody tr').count()).toBe(98);
    await studio.close();
  });

  it('the last steps are traced along their ways, also those from any state and those inside a state', async () => {
    const studio = await OpenStudio.open(browser);
    const traced = (selector: string, age: number) =>
      studio.seen(`[data-canvas="auth"] ${selector}[data-age="${age}"]`);
    // `authorize` leads from any state to another.
    await studio.connect();
    await traced('[data-edge="auth.requesting→auth.authorized"]', 0);
    await traced('[data-edge="auth.idle→auth.requesting"]', 1);
    await studio.press('authorize');
    await studio.told('Renewed');
    await traced('[data-edge="auth.renewing→auth.authorized"]', 0);
    await traced('[data-edge="auth.authorized→auth.renewing"]', 1);
    const { clock, tokenEndpoint } = studio.demo.demo;
    tokenEndpoint.isUp = false;
    clock.shift(TTL_MS * 0.85);
    await studio.isLit('auth.renewing.waiting');
    await traced('[data-id="auth.renewing"]', 0);
    await traced('[data-edge="auth.authorized→auth.renewing"]', 1);
    await studio.press('send-forget');
    await studio.isIn('idle');
    await traced('[data-id="auth.idle"]', 0);
    await studio.close();
  });

  it('the active state, the last step and the open state are visible in forced colours', async () => {
    const studio = await OpenStudio.open(browser, { forcedColors: 'active', reducedMotion: 'reduce' });
    const { page } = studio;
    await studio.connect();
    await studio.seen('[data-canvas="auth"] .edge[data-age="0"]');
    const colour = (selector: string, name: 'fill' | 'stroke') =>
      page
        .locator(`[data-canvas="auth"] ${selector}`)
        .evaluate((one, key) => getComputedStyle(one)[key], name);
    const [active, resting] = [
      await colour('[data-id="auth.authorized"] .box', 'fill'),
      await colour('[data-id="auth.idle"] .box', 'fill'),
    ];
    expect(active).not.toBe(resting);
    const [last, other] = [
      await colour('.edge[data-age="0"] .line', 'stroke'),
      await colour('[data-edge="auth.failed→auth.requesting"] .line', 'stroke'),
    ];
    expect(last).not.toBe(other);
    // All others have the same colour: that of the text.
    const others = await page
      .locator('[data-canvas="auth"] .edge:not([data-age="0"]) .line')
      .evaluateAll((all) => [...new Set(all.map((one) => getComputedStyle(one).stroke))]);
    expect(others).toEqual([other]);
    expect((await measured(page, '[data-canvas="auth"] svg')).overlaps).toEqual([]);
    await studio.close();
  });

  it.each([
    ['another machine', 3, 3],
    ['a machine with 3,000 states', 3_000, 200],
  ])('the chart of %s has no drawing, and is shown as a list', async (_what, count, listed) => {
    const studio = await OpenStudio.open(browser);
    const { page } = studio;
    await studio.connect();
    const file = JSON.parse(studio.demo.recorder.recording());
    file.session.charts[1] = chainOf(count);
    for (const entry of file.entries)
      if (entry.kind === 'view') entry.view.active.connection = ['connection.s1', 'connection.s1.deep'];
    await importFile(page, file);
    await studio.seen('.studio[data-link="recording"]');
    await page.click('#tab-connection');
    await studio.seen('[data-canvas="connection"] .node.active[data-id="connection.s1"]');
    await studio.seen('[data-canvas="connection"] .node.active[data-id="connection.s1.deep"]');
    expect(await page.locator('[data-canvas="connection"] li').count()).toBe(listed);
    expect(await page.locator('[data-canvas="connection"] svg').count()).toBe(0);
    await page.getByRole('button', { name: 's1 : active deep' }).click();
    const opened = page.getByRole('region', { name: 's1: states inside and ways' });
    await opened.waitFor();
    expect(await opened.locator('tbody tr').first().textContent()).toMatch(/s1\s*go\s*s2/);
    await page.click('#live');
    await page.locator('[data-canvas="connection"] svg').waitFor();
    expect(await page.locator('[data-canvas="connection"] li').count()).toBe(0);
    await studio.close();
  });
});

/** Opens a recording. */
async function importFile(page: Page, file: unknown): Promise<void> {
  const buffer = Buffer.from(JSON.stringify(file));
  await page.setInputFiles('#import', { name: 'recording.json', mimeType: 'application/json', buffer });
}

/** The ids of each innermost state, each after those around it. */
function pathsIn({ id, states }: ChartState): string[][] {
  if (states.length === 0) return [[id]];
  return states.flatMap((inner) => pathsIn(inner).map((path) => [id, ...path]));
}

/** A machine whose states lead from one to the next. */
function chainOf(count: number): Chart {
  const id = (index: number) => `connection.s${index % count}`;
  const states = Array.from({ length: count }, (_, index) => ({
    id: id(index),
    name: `s${index}`,
    isInitial: index === 0,
    states: index === 1 ? [{ id: `${id(1)}.deep`, name: 'deep', isInitial: true, states: [] }] : [],
  }));
  const edges = states.map((state, index) => ({
    id: `${state.id}→${id(index + 1)}`,
    source: state.id,
    target: id(index + 1),
    events: ['go'],
    conditions: ['go'],
  }));
  return { name: 'connection', states, edges, fromAnywhere: [] };
}
