import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attacks } from '../e2e/hostile-frames.js';
import { hostileServer } from '../e2e/hostile-server.js';
import { launchChromium } from './chromium.js';
import type { HostilePage } from './hostile-page.js';

declare global {
  var hostile: HostilePage;
}

let browser: Browser;
let script: string;

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('hostile-page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    conditions: ['latchkey-source'],
  });
  script = outputFiles[0]?.text ?? '';
  browser = await launchChromium();
});

afterAll(async () => await browser?.close());

describe('a hostile server', () => {
  it('a page in Chromium has no uncaught error, and is authorized, after each attack', async () => {
    const server = await hostileServer('before the answer to AUTH');
    const tab = await browser.newPage();
    const uncaught: string[] = [];
    tab.on('pageerror', ({ message }) => uncaught.push(message));
    await tab.addScriptTag({ content: script });
    for (const [number, [what]] of attacks.entries()) {
      const where = [server.port, number] as const;
      const outcome = await tab.evaluate(([port, one]) => hostile.liveThrough(port, one), where);
      expect([what, outcome]).toEqual([what, `${number} lived connected`]);
    }
    expect(uncaught).toEqual([]);
    await tab.close();
    server.close();
  }, 120_000);
});
