import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Auth } from '../../src/index.js';
import { root } from '../kit/imports.js';
import { listening } from '../kit/listening.js';
import { launchChromium } from './chromium.js';

declare global {
  var LatchkeyAuth: typeof Auth;
}

interface Site {
  readonly origin: string;
  /** The requests, as `method path token`. */
  readonly asked: string[];
  readonly server: Server;
}

async function site(answer: (path: string, request: IncomingMessage, response: ServerResponse) => unknown) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(`${request.method} ${path} ${request.headers.authorization ?? ''}`.trim());
    answer(path, request, response);
  });
  return { origin: await listening(server), asked, server };
}

let browser: Browser;
let tab: Page;
let home: Site;
/** A server of the application, and a server of someone else. Both let every page read their answers. */
let api: Site;
let outside: Site;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: "import { Auth } from './src/index.ts'; globalThis.LatchkeyAuth = Auth;",
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'iife',
    conditions: ['latchkey-source'],
  });
  home = await site((path, _request, response) => {
    if (path === '/page.js') return response.end(outputFiles[0]?.text);
    if (path === '/moved') return response.writeHead(302, { location: '/fine' }).end();
    if (path === '/fine') return response.end('fine');
    return response.writeHead(200, { 'content-type': 'text/html' }).end('<script src="/page.js"></script>');
  });
  const open = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'authorization' };
  outside = await site((_path, _request, response) => response.writeHead(200, open).end('outside'));
  api = await site((path, request, response) => {
    const { authorization } = request.headers;
    if (request.method === 'OPTIONS') return response.writeHead(204, open).end();
    if (path === '/away')
      return response.writeHead(302, { ...open, location: `${outside.origin}/there` }).end();
    if (path === '/second' && authorization === 'Bearer token-1')
      return response.writeHead(401, { ...open, 'www-authenticate': 'Bearer error="invalid_token"' }).end();
    return response.writeHead(200, open).end(`fine with ${authorization}`);
  });
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  for (const { server } of [home, api, outside]) {
    server.closeAllConnections();
    server.close();
  }
});

beforeEach(async () => {
  tab = await browser.newPage();
  await tab.goto(home.origin);
  for (const { asked } of [home, api, outside]) asked.splice(0);
});

/** What a page gets for an address, or the code and the message of the error. */
const fetched = (origins: readonly string[], address: string) =>
  tab.evaluate(
    async ([fetchOrigins, input]) => {
      let calls = 0;
      const authCallback = async () => {
        calls += 1;
        return { token: `token-${calls}`, issued: Date.now(), expires: Date.now() + 3_600_000 };
      };
      const auth = new LatchkeyAuth({ authCallback, fetchOrigins, logLevel: 'none' });
      try {
        const response = await auth.fetch(input);
        return `${response.status} ${await response.text()}`;
      } catch (error) {
        const { code, message } = error as { code: number; message: string };
        return `${code} ${message}`;
      } finally {
        auth.dispose();
      }
    },
    [origins, address] as const,
  );

describe('auth.fetch() of a page, with fetchOrigins', () => {
  it('the token reaches a server of another origin, after a preflight for that header alone', async () => {
    expect(await fetched([api.origin], '/me')).toBe('200 fine with Bearer token-1');
    expect(api.asked).toEqual(['OPTIONS /me', 'GET /me Bearer token-1']);
  });

  it('a token that a server of another origin refuses is replaced, although the page sees no challenge', async () => {
    expect(await fetched([api.origin], '/second')).toBe('200 fine with Bearer token-2');
  });

  it('a redirect is an error, and the browser asks no other server', async () => {
    const message = /^40003 .*this platform hides the address of the redirect$/;
    expect(await fetched([api.origin, outside.origin], '/away')).toMatch(message);
    expect(await fetched([home.origin], '/moved')).toMatch(message);
    expect([outside.asked, home.asked]).toEqual([[], ['GET /moved Bearer token-1']]);
  });

  it('a server of someone else is refused before a request', async () => {
    expect(await fetched([api.origin], `${outside.origin}/there`)).toMatch(
      /^40003 the origin of the address/,
    );
    expect(outside.asked).toEqual([]);
  });
});
