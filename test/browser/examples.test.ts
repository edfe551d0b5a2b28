import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from './chromium.js';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Runs in its own process, with the same files that a user has. */
const vite = (...args: string[]) => [at('node_modules/vite/bin/vite.js'), ...args];
const env = { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '' };

/** @returns the printed address */
async function listening(server: ChildProcess): Promise<string> {
  if (server.stdout === null) throw new Error('the server says nothing');
  for await (const line of createInterface(server.stdout)) {
    const url = /https?:\/\/\S+/.exec(line)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error('the server ended');
}

let browser: Browser;
beforeAll(async () => {
  if (!existsSync(at('dist/src/index.js'))) throw new Error('There is no dist/: run `npm run build` first.');
  browser = await launchChromium();
});
afterAll(async () => await browser?.close());

/** As a user does: `vite build`, then `vite preview`, with the example's own configuration. */
describe.each(['react', 'angular', 'vue', 'svelte'])('the example for %s', (name) => {
  const example = at(`examples/${name}`);
  let outDir: string;
  let server: ChildProcess;
  let page: Page;
  let url: string;
  const complaints: string[] = [];
  const asked: string[] = [];

  beforeAll(async () => {
    outDir = await mkdtemp(join(tmpdir(), `latchkey-${name}-`));
    await promisify(execFile)(process.execPath, vite('build', example, '--outDir', outDir), { env });
    const args = vite('preview', example, '--outDir', outDir, '--host', '127.0.0.1', '--port', '0');
    server = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    url = await listening(server);
    page = await browser.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(url);
  });

  afterAll(async () => {
    await page?.close();
    if (server?.kill()) await once(server, 'exit');
    await rm(outDir, { recursive: true, force: true });
  });

  const reads = (id: string, text: string) =>
    page.waitForFunction(
      ([where = '', wanted = '']) => document.querySelector(where)?.textContent?.includes(wanted) === true,
      [`#${id}`, text],
    );
  const press = (label: string) => page.click(`button:has-text("${label}")`);

  it('the example signs in, and shows the user and the expiry', async () => {
    await reads('who', 'ada');
    await reads('state', 'authorized');
    await reads('until', ':');
  });

  it('the example switches the user', async () => {
    await press('Become grace');
    await reads('who', 'grace');
    await reads('state', 'authorized');
  });

  it('the example signs out and sends no more requests', async () => {
    await press('Sign out');
    await reads('state', 'idle');
    await reads('who', 'signed out');
    await reads('until', 'no token');
    const tokensAsked = asked.filter((address) => address.includes('/api/token'));
    const asParams = tokensAsked.map((address) => new URL(address).searchParams);
    // `_` prevents caching, and has a new value each time.
    expect(new Set(asParams.map((params) => params.get('_'))).size).toBe(2);
    expect(asParams.map((params) => params.get('clientId'))).toEqual([null, 'grace']);
  });

  it('an answer of the backend cannot be loaded by a page of another origin', async () => {
    const { status, headers } = await fetch(new URL('/api/token', url));
    expect(status).toBe(200);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  });

  it('the example sends requests only to its own server, and logs no errors', () => {
    expect(asked.filter((address) => !address.startsWith(url) && !address.startsWith('data:'))).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
