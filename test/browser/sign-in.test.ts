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
const vite = (...args: string[]) => [at('node_modules/vite/bin/vite.js'), ...args];
const env = { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '' };
const example = at('examples/react-sign-in');

/** @returns the printed address */
async function listening(server: ChildProcess): Promise<string> {
  if (server.stdout === null) throw new Error('the server says nothing');
  for await (const line of createInterface(server.stdout)) {
    const url = /https?:\/\/\S+/.exec(line)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error('the server ended');
}

describe('the example in which the user signs in at the server', () => {
  let browser: Browser;
  let outDir: string;
  let server: ChildProcess;
  let page: Page;
  let url: string;
  const asked: string[] = [];
  const errors: string[] = [];

  beforeAll(async () => {
    if (!existsSync(at('dist'))) throw new Error('There is no dist/: run `npm run build` first.');
    browser = await launchChromium();
    outDir = await mkdtemp(join(tmpdir(), 'latchkey-sign-in-'));
    await promisify(execFile)(process.execPath, vite('build', example, '--outDir', outDir), { env });
    const args = vite('preview', example, '--outDir', outDir, '--host', '127.0.0.1', '--port', '0');
    server = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    url = await listening(server);
    page = await browser.newPage();
    page.on('pageerror', ({ message }) => errors.push(message));
    page.on('request', (request) => asked.push(`${request.method()} ${request.url()}`));
    await page.goto(url);
  });

  afterAll(async () => {
    await browser?.close();
    if (server?.kill()) await once(server, 'exit');
    await rm(outDir, { recursive: true, force: true });
  });

  const reads = (where: string, text: string) =>
    page.waitForFunction(
      ([selector = '', wanted = '']) => document.querySelector(selector)?.textContent?.includes(wanted),
      [where, text],
    );

  async function signIn(user: string, password: string): Promise<void> {
    await page.fill('[name=user]', user);
    await page.fill('[name=password]', password);
    await page.click('button:has-text("Sign in")');
  }

  const forToken = () => asked.filter((request) => request.includes('/api/token'));

  it('the page requests no token before the user is signed in', async () => {
    await page.waitForSelector('form');
    await signIn('ada', 'wrong');
    await reads('[role=alert]', 'wrong');
    expect(forToken()).toEqual([]);
  });

  it('the page shows the user of the cookie, and a connection', async () => {
    await signIn('ada', 'engine');
    await reads('#who', 'ada');
    await reads('#state', 'authorized');
    await reads('#connection', 'connected');
  });

  it('another user gets another client and another connection', async () => {
    await page.click('button:has-text("Sign out")');
    await signIn('grace', 'compiler');
    await reads('#who', 'grace');
    await reads('#connection', 'connected');
  });

  it('no request of the page names a user', () => {
    expect(forToken().length).toBeGreaterThan(1);
    for (const request of forToken()) expect(request).not.toMatch(/ada|grace|clientId/);
    expect(errors).toEqual([]);
  });

  it('a page that asks for another user gets its own, and without a session none', async () => {
    const token = (address: string) =>
      page.evaluate(async (path) => {
        const response = await fetch(path);
        return [response.status, (await response.json()).clientId];
      }, address);
    expect(await token('/api/token?clientId=ada')).toEqual([200, 'grace']);
    expect((await fetch(new URL('/api/token?clientId=ada', url))).status).toBe(401);
  });
});
