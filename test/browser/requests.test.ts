import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Auth } from '../../src/index.js';
import { createSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { tokenEndpoint } from '../../src/server/index.js';
import { nodeListener } from '../../src/server/listener.node.js';
import { launchChromium } from './chromium.js';
import type { Asking, RequestPage, Service } from './request-page.js';

declare global {
  var requestPage: RequestPage;
}

/** A server, what it was asked for, and what it answers. */
interface Site {
  readonly origin: string;
  readonly asked: { readonly path: string; readonly headers: IncomingMessage['headers'] }[];
  close(): void;
}

type Handle = (path: string, request: IncomingMessage, response: ServerResponse) => void;

async function site(handle: Handle): Promise<Site> {
  const asked: Site['asked'] = [];
  const server: Server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    asked.push({ path: pathname, headers: request.headers });
    handle(pathname, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

let browser: Browser;
let context: BrowserContext;
let tab: Page;
/** Of the page; of an endpoint of another origin; of a third. */
let home: Site;
let other: Site;
let third: Site;
let sandbox: Sandbox;
let issuer: Auth;
let service: Service;
let key: string;

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('request-page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    conditions: ['latchkey-source'],
  });
  const script = outputFiles[0]?.text ?? '';
  sandbox = createSandbox();
  const { host, port } = await sandbox.listen();
  service = { endpoint: host, port };
  key = sandbox.createApp().keys[0]?.keyStr ?? '';
  issuer = new Auth({ key, endpoint: host, port, tls: false, useTokenAuth: true });
  const text = (response: ServerResponse, body: string, more: Record<string, string> = {}) =>
    response.writeHead(200, { 'content-type': 'text/plain', ...more }).end(body);
  const open = { 'access-control-allow-origin': '*' };
  third = await site((_path, _request, response) => text(response, 'token-of-a-third', open));
  home = await site((path, request, response) => {
    if (path.endsWith('.js'))
      return response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    if (path.endsWith('/token')) return text(response, `token of ${path} for ${request.headers['x-user']}`);
    if (path === '/moved') return response.writeHead(302, { location: './token' }).end();
    if (path === '/away') return response.writeHead(302, { location: `${third.origin}/token` }).end();
    if (path === '/page') return response.writeHead(200, { 'content-type': 'text/html' }).end('not a token');
    if (path === '/refused') return response.writeHead(401).end('{"error":{"code":40101,"message":"no"}}');
    if (path === '/endpoint') return endpoint(request, response);
    const base = path.startsWith('/based') ? '<base href="/of/the/base/">' : '';
    return response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<!doctype html>${base}<script src="/page.js"></script>`);
  });
  const userIn = (request: Request) => /user=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1];
  const capability = { '*': ['*'] } as const;
  const shared = nodeListener(
    tokenEndpoint({
      auth: issuer,
      format: 'token-request',
      cors: { origins: [home.origin], credentials: true },
      grant: (request) => {
        const clientId = userIn(request);
        return clientId === undefined ? null : { clientId, capability };
      },
    }),
  );
  const endpoint = nodeListener(
    tokenEndpoint({ auth: issuer, format: 'token-request', grant: () => ({ capability }) }),
  );
  other = await site((path, request, response) => {
    if (path === '/token') return shared(request, response);
    if (request.method === 'OPTIONS')
      return response.writeHead(204, { ...open, 'access-control-allow-headers': '*' }).end();
    if (path === '/up') return text(response, 'yes', open);
    if (path === '/moved')
      return response.writeHead(302, { location: '/plain', 'access-control-allow-origin': '*' }).end();
    if (path === '/away')
      return response.writeHead(302, { location: `${third.origin}/token`, ...open }).end();
    return text(response, 'token of the other', open);
  });
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  for (const one of [home, other, third]) one?.close();
  issuer?.dispose();
  await sandbox?.dispose();
});

beforeEach(async () => {
  for (const one of [home, other, third]) one.asked.length = 0;
  context = await browser.newContext();
  tab = await context.newPage();
  await tab.goto(`${home.origin}/deep/page.html`);
});
afterEach(async () => await context.close());

const tokenOf = (options: Asking) =>
  tab.evaluate(([at, given]) => requestPage.token(at, given), [service, options] as const);

describe('authCredentials, in Chromium', () => {
  beforeEach(async () => {
    await context.addCookies([{ name: 'user', value: 'ada', url: home.origin }]);
  });
  const authUrl = () => `${other.origin}/token`;

  it.each(['GET', 'POST'])(
    "'include' sends the cookies to an endpoint of another origin, by %s",
    async (authMethod) => {
      const options: Asking = { authUrl: authUrl(), authMethod, authCredentials: 'include' };
      const clientId = await tab.evaluate(([at, given]) => requestPage.clientId(at, given), [
        service,
        options,
      ] as const);
      expect(clientId).toBe('ada');
      const { path, headers } = other.asked.at(-1) ?? {};
      expect([path, headers?.cookie]).toEqual(['/token', 'user=ada']);
    },
  );

  it('the exchange of a TokenRequest at the service carries no cookie', async () => {
    const seen: Promise<Record<string, string>>[] = [];
    tab.on('request', (request) => {
      if (request.url().includes(`:${service.port}/`)) seen.push(request.allHeaders());
    });
    await tokenOf({ authUrl: authUrl(), authCredentials: 'include' });
    const headers = await Promise.all(seen);
    expect(headers.length).toBeGreaterThan(0);
    expect(headers.filter(({ cookie }) => cookie !== undefined)).toEqual([]);
  });

  it.each([undefined, 'same-origin'] as const)(
    'of %s takes none to another origin',
    async (authCredentials) => {
      await tokenOf({ authUrl: authUrl(), ...(authCredentials ? { authCredentials } : {}) });
      expect(other.asked.map(({ headers }) => headers.cookie)).toEqual([undefined]);
    },
  );

  it("'same-origin' sends the cookies to the page's own origin", async () => {
    await tokenOf({ authUrl: '/token', authCredentials: 'same-origin' });
    expect(home.asked.find(({ path }) => path === '/token')?.headers.cookie).toBe('user=ada');
  });
});

describe('a relative authUrl, in Chromium', () => {
  it('the address of the document is its base', async () => {
    expect(await tokenOf({ authUrl: 'token' })).toContain('token of /deep/token');
    expect(await tokenOf({ authUrl: '../token' })).toContain('token of /token');
  });

  it('the base element of the document is its base', async () => {
    await tab.goto(`${home.origin}/based/page.html`);
    expect(await tokenOf({ authUrl: 'token' })).toContain('token of /of/the/base/token');
    expect(await tokenOf({ authUrl: '/token' })).toContain('token of /token');
  });

  it('the address of a worker is its base', async () => {
    const token = await tab.evaluate(
      ([at, given]) =>
        new Promise((resolve) => {
          const worker = new Worker('/of/the/worker/page.js');
          worker.onmessage = ({ data }) => resolve(data);
          worker.postMessage([at, given]);
        }),
      [service, { authUrl: 'token' }] as const,
    );
    expect(token).toContain('token of /of/the/worker/token');
  });
});

describe('a redirect of a GET of authUrl, in Chromium', () => {
  const authHeaders = { 'x-user': 'ada' };

  it("a redirect within the page's own origin is followed, also with headers", async () => {
    expect(await tokenOf({ authUrl: '/moved' })).toBe('token of /token for undefined');
    expect(await tokenOf({ authUrl: '/moved', authHeaders })).toBe('token of /token for ada');
  });

  it("a redirect from the page's own origin to another is not followed, and the other receives nothing", async () => {
    expect(await tokenOf({ authUrl: '/away' })).toMatch(/could not be reached/);
    expect(await tokenOf({ authUrl: '/away', authHeaders })).toMatch(/could not be reached/);
    expect(third.asked).toEqual([]);
  });

  it('a redirect within another origin is followed if there are no headers', async () => {
    expect(await tokenOf({ authUrl: `${other.origin}/moved` })).toBe('token of the other');
    expect(await tokenOf({ authUrl: `${other.origin}/moved`, authHeaders })).toMatch(/redirects a request/);
  });

  it('a redirect from another origin to a third gives no token', async () => {
    expect(await tokenOf({ authUrl: `${other.origin}/away` })).toMatch(/redirected to another origin/);
    expect(await tokenOf({ authUrl: `${other.origin}/away`, authHeaders })).toMatch(/redirects a request/);
    expect(third.asked.every(({ headers }) => headers['x-user'] === undefined)).toBe(true);
  });
});

describe('a request that was answered, in the network panel of Chromium', () => {
  /** By its id: its address, and how it ended. */
  let ends: Map<string, { readonly url: string; end?: string }>;
  let panel: CDPSession;

  beforeEach(async () => {
    ends = new Map();
    panel = await context.newCDPSession(tab);
    panel.on('Network.requestWillBeSent', ({ requestId, request }) => {
      const url = `${request.method} ${new URL(request.url).pathname}`;
      if (request.method !== 'OPTIONS') ends.set(requestId, { url });
    });
    panel.on('Network.loadingFinished', ({ requestId }) => end(requestId, 'finished'));
    panel.on('Network.loadingFailed', ({ requestId, canceled, errorText }) =>
      end(requestId, canceled ? '(canceled)' : errorText),
    );
    await panel.send('Network.enable');
  });
  const end = (id: string, how: string) => {
    const one = ends.get(id);
    if (one !== undefined) one.end = how;
  };

  type Ask = readonly [what: string, ask: () => Promise<unknown>, paths: readonly string[]];
  const ask = (name: 'token' | 'time' | 'read' | 'connected', options: () => Asking) => () =>
    tab.evaluate(([what, at, given]) => requestPage[what](at, given) as Promise<unknown>, [
      name,
      service,
      options(),
    ] as const);
  const asks: readonly Ask[] = [
    ['authUrl by GET', ask('token', () => ({ authUrl: '/token' })), ['GET /token']],
    ['authUrl by POST', ask('token', () => ({ authUrl: '/token', authMethod: 'POST' })), ['POST /token']],
    ['the exchange', ask('token', () => ({ authUrl: '/endpoint' })), ['GET /endpoint', 'POST /keys/']],
    ['the time', ask('time', () => ({ authUrl: '/token' })), ['GET /time']],
    [
      'auth.fetch()',
      ask('read', () => ({ authUrl: '/endpoint' })),
      ['GET /endpoint', 'POST /keys/', 'GET /time'],
    ],
    [
      'a token for a connection',
      ask('connected', () => ({ authUrl: '/endpoint' })),
      ['GET /endpoint', 'POST /keys/'],
    ],
    ['an answer of a wrong type', ask('token', () => ({ authUrl: '/page' })), ['GET /page']],
    ['a refusal', ask('token', () => ({ authUrl: '/refused' })), ['GET /refused']],
    [
      'a refusal of POST',
      ask('token', () => ({ authUrl: '/refused', authMethod: 'POST' })),
      ['POST /refused'],
    ],
    ['a key that is unknown', ask('token', () => ({ key: `${key.split(':')[0]}:wrong` })), ['POST /keys/']],
    [
      'the connectivity check',
      () => tab.evaluate((url) => requestPage.reachable(url), `${other.origin}/up`),
      ['GET /up'],
    ],
  ];

  it.each(asks)('is finished, not canceled: %s', async (_what, doIt, paths) => {
    await doIt();
    // What is aborted after its answer is told as canceled no later than a request that follows.
    await tab.evaluate(() => fetch('/last').then((response) => response.text()));
    await expect
      .poll(() => [...ends.values()].filter(({ end: how }) => how === undefined), { timeout: 20_000 })
      .toEqual([]);
    const told = [...ends.values()];
    for (const path of paths) expect(told.some(({ url }) => url.startsWith(path))).toBe(true);
    expect(told.filter(({ end: how }) => how !== 'finished')).toEqual([]);
  });
});
