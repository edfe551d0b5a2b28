import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { type StudioDemo, serveStudio } from '../src/cli/serve.js';
import { launchChromium } from '../test/browser/chromium.js';

/** Takes the pictures of the README and the documentation from the real page, into `docs/pictures/`. */

const here = fileURLToPath(new URL('.', import.meta.url));
const folder = join(here, 'pictures');
const root = join(here, '../dist/studio');
const TTL_MS = 24_000;

async function open(browser: Browser, demo: StudioDemo, colorScheme: 'light' | 'dark'): Promise<Page> {
  const page = await browser.newPage({
    colorScheme,
    viewport: { width: 1280, height: 860 },
    deviceScaleFactor: 1,
    reducedMotion: 'reduce',
  });
  await page.goto(demo.url);
  await page.waitForSelector('[data-canvas="connection"] svg', { state: 'attached' });
  return page;
}

const isIn = (page: Page, state: string) =>
  page.waitForSelector(`.studio[data-state="${state}"]`, { state: 'attached' });

/** A client in the middle of a renewal that failed once, after some earlier events. */
async function takeStudio(browser: Browser): Promise<void> {
  const demo = await serveStudio({ port: 0, root, ttlMs: TTL_MS, latencyMs: 900, print: () => {} });
  const [light, dark] = [await open(browser, demo, 'light'), await open(browser, demo, 'dark')];
  const { clock, tokenEndpoint } = demo.demo;
  await light.click('[data-action="authorize"]');
  await isIn(light, 'authorized');
  await light.waitForTimeout(2_500);
  for (let renewals = 0; renewals < 2; renewals += 1) {
    clock.shift(TTL_MS * 0.7);
    await isIn(light, 'renewing');
    await isIn(light, 'authorized');
    await light.waitForTimeout(1_500);
  }
  tokenEndpoint.isUp = false;
  clock.shift(TTL_MS * 0.76);
  await light.waitForSelector('[data-id="auth.renewing.waiting"].active', { state: 'attached' });
  await light.click('#zoom-out');
  await dark.click('#zoom-out');
  await Promise.all([light, dark].map((page) => page.waitForTimeout(300)));
  for (const [page, scheme] of [
    [light, 'light'],
    [dark, 'dark'],
  ] as const) {
    await page.screenshot({ path: join(folder, `studio-${scheme}.png`) });
  }
  await light.setViewportSize({ width: 360, height: 780 });
  await light.evaluate(() => window.scrollTo(0, 0));
  await light.waitForTimeout(500);
  await light.screenshot({ path: join(folder, 'studio-narrow.png') });
  await demo.close();
}

/** The output of `npm start`, drawn as a terminal. */
async function takeTerminal(): Promise<void> {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  const demo = await serveStudio({ port: 0, root, ttlMs: 25_000, latencyMs: 100, print });
  const { auth, sandbox, clock } = demo.demo;
  const until = (event: 'authorized' | 'renewed') =>
    new Promise<void>((resolve) => {
      const stop = auth.on(event, () => {
        stop();
        resolve();
      });
    });
  void demo.recorder.perform('authorize');
  await until('authorized');
  const renewed = until('renewed');
  clock.shift(20_000);
  await renewed;
  const again = until('authorized');
  sandbox.revokeTokens();
  await again;
  await new Promise<void>((resolve) => void clock.setTimeout(resolve, 300));
  await demo.close();
  const shown = [
    '$ npm start',
    '',
    'Latchkey studio: http://127.0.0.1:4820',
    'Press Ctrl+C to stop.',
    '',
    ...lines,
  ];
  await writeFile(join(folder, 'npm-start.svg'), terminal(shown));
}

function terminal(lines: readonly string[]): string {
  const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const width = Math.max(...lines.map((line) => line.length)) * 8.1 + 48;
  const height = lines.length * 20 + 62;
  const rows = lines.map((line, index) => {
    const color = line.startsWith('$')
      ? '#5fcf9a'
      : /gone|[Ff]ailed|refused/.test(line)
        ? '#ff8a80'
        : '#eceae4';
    return `  <text x="24" y="${index * 20 + 62}" fill="${color}">${escaped(line)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" role="img" aria-label="what npm start prints" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13" xml:space="preserve">
  <rect width="100%" height="100%" rx="10" fill="#171b24"/>
  <circle cx="24" cy="22" r="6" fill="#ff8a80"/><circle cx="44" cy="22" r="6" fill="#ecb452"/><circle cx="64" cy="22" r="6" fill="#5fcf9a"/>
${rows.join('\n')}
</svg>
`;
}

await mkdir(folder, { recursive: true });
const browser = await launchChromium();
await takeStudio(browser);
await browser.close();
await takeTerminal();
console.log(`pictures taken into ${folder}`);
process.exit(0);
