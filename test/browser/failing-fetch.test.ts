import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium } from './chromium.js';
import type { Asking, FailingPage } from './failing-page.js';

declare global {
  var failingPage: FailingPage;
}

const KEY = 'appId.keyId:secret';

let browser: Browser;
let tab: Page;
let server: Server;
let origin: string;
let port: number;
/** The requested hosts and paths, in order. */
let asked: string[];

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('failing-page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    conditions: ['latchkey-source'],
  });
  const page = `<!doctype html><script>${outputFiles[0]?.text.replaceAll('</script', '<\\/script')}</script>`;
  server = createServer((request, response) => {
    const { host = '', origin: from } = request.headers;
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname !== '/' && request.method !== 'OPTIONS') asked.push(`${host.split(':')[0]}${pathname}`);
    const cors = { 'access-control-allow-origin': from ?? '*', 'access-control-allow-headers': '*' };
    if (pathname === '/private') response.end('a-token');
    else if (pathname === '/') response.writeHead(200, { 'content-type': 'text/html' }).end(page);
    else if (request.method === 'OPTIONS') response.writeHead(204, cors).end();
    else if (pathname === '/time' && host.startsWith('127.0.0.1')) {
      // The body breaks before it has the announced length.
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '99' });
      response.write('[1', () => request.socket.destroy());
    } else if (pathname === '/time')
      response.writeHead(200, { 'content-type': 'application/json', ...cors }).end('[7]');
    else response.writeHead(302, { location: '/elsewhere', ...cors }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
  origin = `http://127.0.0.1:${port}`;
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

beforeEach(async () => {
  tab = await browser.newPage();
  await tab.goto(origin);
  asked = [];
});

afterEach(async () => await tab.close());

const ask = (what: keyof FailingPage, asking: Asking) =>
  tab.evaluate(([name, options]) => failingPage[name](options), [what, asking] as const);
const service = (more: Asking = {}): Asking => ({ key: KEY, endpoint: '127.0.0.1', port, ...more });

describe('a request that fails in Chromium', () => {
  it('a request with a form is reported as redirected, and goes no further', async () => {
    expect(await ask('token', { authUrl: `${origin}/token`, authMethod: 'POST' })).toMatchObject({
      code: 40170,
      message: expect.stringContaining('the token source redirects'),
    });
    expect(asked).toEqual(['127.0.0.1/token']);
  });

  it('a redirected exchange of a TokenRequest is reported, and no other host is tried', async () => {
    expect(await ask('token', service({ fallbackHosts: ['localhost'] }))).toMatchObject({
      code: 40170,
      message: expect.stringContaining('a redirect, which is not followed'),
    });
    expect(asked).toEqual(['127.0.0.1/keys/appId.keyId/requestToken']);
  });

  it('a fetch with a wrong receiver is reported as a wrong call, and no host is tried', async () => {
    const told = {
      code: 40170,
      message: expect.stringMatching(/fetch itself failed, not the network: .*Illegal invocation/) as unknown,
    };
    expect(await ask('timeRudely', service({ fallbackHosts: ['localhost'] }))).toMatchObject(told);
    expect(await ask('tokenRudely', { authUrl: `${origin}/token` })).toMatchObject(told);
    expect(asked).toEqual([]);
  });

  it('another host is tried if no server answers, or if an answer breaks', async () => {
    const fallbackHosts = ['localhost'];
    expect(await ask('time', service({ endpoint: '127.0.0.2', fallbackHosts }))).toBe('number');
    expect(await ask('time', service({ fallbackHosts }))).toBe('number');
    expect(asked).toEqual(['localhost/time', '127.0.0.1/time', 'localhost/time']);
  });

  it('a request is reported as unreachable if CORS forbids the answer', async () => {
    expect(await ask('token', { authUrl: `http://localhost:${port}/private` })).toMatchObject({
      code: 40170,
      message: 'the token source could not be reached',
    });
  });
});
