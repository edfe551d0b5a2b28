import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build, type OutputFile } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root as project } from '../kit/imports.js';
import { launchChromium } from './chromium.js';

const TOKEN = 'appId.a-Token-Nobody-May-See-0123456789';

const app = `
  import { createBrowserInspector } from '@statelyai/inspect';
  import { Auth } from 'latchkey';
  const iframe = document.querySelector('iframe');
  const { inspect } = createBrowserInspector({ iframe, url: '/receiver' });
  const auth = new Auth({ authCallback: async () => ${JSON.stringify(TOKEN)}, inspect });
  void auth.authorize();`;

const receiver = `
  import { createBrowserReceiver } from '@statelyai/inspect';
  const seen = (window.seen = []);
  const receive = () =>
    createBrowserReceiver().subscribe((event) => {
      seen.push(JSON.stringify(event));
      if (event.snapshot?.value === 'authorized') document.body.dataset.value = event.snapshot.value;
    });
  // The inspector knows its frame only after the frame is loaded.
  addEventListener('load', () => setTimeout(receive, 0));`;

let browser: Browser;
let server: Server;

async function bundled(name: string, contents: string): Promise<OutputFile | undefined> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: project, loader: 'ts' },
    entryNames: name,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    outdir: '/out',
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0];
}

beforeAll(async () => {
  const files = await Promise.all([bundled('app', app), bundled('receiver', receiver)]);
  server = createServer((request, response) => {
    const file = files.find((one) => one?.path === join('/out', request.url ?? ''));
    response.writeHead(200, { 'content-type': file === undefined ? 'text/html' : 'text/javascript' });
    const page = request.url === '/receiver' ? 'receiver' : 'app';
    response.end(
      file?.contents ??
        `<!doctype html><body>${page === 'app' ? '<iframe></iframe>' : ''}<script type="module" src="/${page}.js"></script>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  server.close();
  server.closeAllConnections();
});

it('Stately’s browser inspector in an application’s own page shows a client without its token', async () => {
  const page = await browser.newPage();
  const { port } = server.address() as AddressInfo;
  await page.goto(`http://127.0.0.1:${port}/`);
  const frame = page.frameLocator('iframe');
  await frame.locator('body[data-value="authorized"]').waitFor({ state: 'attached' });
  const inner = page.frames().find((one) => one.url().endsWith('/receiver'));
  const seen = (await inner?.evaluate(() => (window as unknown as { seen: string[] }).seen)) ?? [];
  expect(seen.length).toBeGreaterThan(5);
  expect(seen.join('\n')).toContain('"name":"acquisition"');
  expect(seen.join('\n')).not.toContain(TOKEN);
  await page.close();
});
