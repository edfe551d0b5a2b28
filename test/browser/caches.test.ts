import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Asking, CachePage, How, Return } from './cache-page.js';
import { launchChromium } from './chromium.js';

declare global {
  var cachePage: CachePage;
}

const LONG_AGO = 'Tue, 01 Jan 2019 00:00:00 GMT';
const FAR = 'Thu, 01 Jan 2099 00:00:00 GMT';

/** The headers of a server that did not think of caches, or of another page. */
const mixes: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['Last-Modified alone', { 'last-modified': LONG_AGO }],
  ['max-age', { 'cache-control': 'public, max-age=3600, immutable' }],
  ['Expires', { expires: FAR }],
  ['an ETag', { etag: '"one"', 'last-modified': LONG_AGO }],
  ['Vary', { vary: 'cookie, accept', 'cache-control': 'max-age=3600' }],
  ['nothing', {}],
];

/** What a server may say for each header, besides nothing. */
const values: Readonly<Record<string, readonly string[]>> = {
  'cache-control': [
    'public, max-age=3600, immutable',
    'private, max-age=3600',
    'max-age=1, stale-while-revalidate=3600',
    'no-cache',
  ],
  'last-modified': [LONG_AGO],
  etag: ['"one"'],
  expires: [FAR],
  vary: ['cookie, accept', '*'],
};

/** Each mix of them, by its name. */
const everyMix: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map(
  Object.entries(values)
    .reduce<readonly (readonly (readonly [string, string])[])[]>(
      (mixes, [name, all]) =>
        mixes.flatMap((mix) => [mix, ...all.map((value) => [...mix, [name, value] as const])]),
      [[]],
    )
    .map((mix) => [mix.map((field) => field.join(': ')).join(', ') || 'none', Object.fromEntries(mix)]),
);

/** A service worker that answers repeated requests from its cache, as many do; some look at no query. */
const serviceWorker = (ignoreSearch: boolean) => `
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  if (event.request.method !== 'GET') return;
  event.respondWith((async () => {
    const kept = await caches.match(event.request, { ignoreSearch: ${ignoreSearch} });
    if (kept) return kept;
    const response = await fetch(event.request);
    const cache = await caches.open('all');
    // It cannot keep what has Vary: *.
    await cache.put(event.request, response.clone()).catch(() => {});
    return response;
  })());
});`;

let browser: Browser;
let context: BrowserContext;
let tab: Page;
let server: Server;
let origin: string;
let script: string;
let headers: Readonly<Record<string, string>>;
/** Who is signed in. */
let user: string;

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('cache-page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    conditions: ['latchkey-source'],
  });
  script = outputFiles[0]?.text ?? '';
  let time = 1_700_000_000_000;
  const answers: Readonly<Record<string, (token: string) => readonly [type: string, body: string]>> = {
    '/': () => ['text/html', '<!doctype html><script src="/page.js"></script>'],
    '/page.js': () => ['text/javascript', script],
    '/service-worker.js': () => ['text/javascript', serviceWorker(false)],
    '/careless-worker.js': () => ['text/javascript', serviceWorker(true)],
    '/token': () => ['text/plain', `token-of-${user}`],
    '/session-token': () => ['text/plain', `token-of-${user}`],
    '/channels/a/messages': (token) => ['text/plain', `read with ${token}`],
    '/time': () => ['application/json', JSON.stringify([time++])],
  };
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname.startsWith('/sign-in/')) {
      user = pathname.slice('/sign-in/'.length);
      response.writeHead(204, { 'set-cookie': 'session=one; Path=/' }).end();
      return;
    }
    const { 'if-none-match': etag, 'if-modified-since': since } = request.headers;
    if (etag !== undefined || since !== undefined) {
      // Nothing has changed, says a server that looks at no user.
      response.writeHead(304, headers).end();
      return;
    }
    if (pathname === '/session-token' && user === 'nobody') {
      response.writeHead(401).end();
      return;
    }
    const token = Buffer.from(request.headers.authorization?.split(' ')[1] ?? '', 'base64').toString();
    const [type, body] = answers[pathname]?.(token) ?? ['text/plain', 'no such page'];
    response.writeHead(200, { 'content-type': type, ...headers }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

beforeEach(async () => {
  headers = {};
  user = 'nobody';
  // A context has its own cache, cookies and service workers.
  context = await browser.newContext();
  tab = await context.newPage();
  await tab.goto(origin);
});

afterEach(async () => await context.close());

const tokens = (how: How, options: Asking = {}) =>
  tab.evaluate(([name, more]) => cachePage.tokens(name, more), [how, options] as const);
const OWN = ['token-of-ada', 'token-of-bob', 'token-of-ada'];

describe('several users in one browser session, in Chromium', () => {
  describe.each(mixes)('a server that answers with %s', (_what, mix) => {
    beforeEach(() => {
      headers = mix;
    });

    it.each<[string, How, Asking]>([
      ['authorize()', 'authorize', {}],
      ['authorize() by POST', 'authorize', { authMethod: 'POST' }],
      ['authorize() with headers', 'authorize', { authHeaders: { 'x-page': 'one' } }],
      ['authorize() of an address that is signed', 'authorize', { authCacheParam: false }],
      ['requestToken()', 'requestToken', {}],
      ['requestToken() by POST', 'requestToken', { authMethod: 'POST' }],
    ])('each user gets the user’s own token from %s', async (_how, how, options) => {
      expect(await tokens(how, options)).toEqual(OWN);
    });

    it('each user reads with the user’s own token through auth.fetch()', async () => {
      expect(await tab.evaluate(() => cachePage.readings())).toEqual(
        OWN.map((token) => `read with ${token}`),
      );
    });

    it('the time is requested anew each time', async () => {
      const [first = 0, second = 0, third = 0] = await tab.evaluate(() => cachePage.times());
      expect([second - first, third - second]).toEqual([1, 1]);
    });
  });

  it('auth.fetch() uses a cache if the caller wants that', async () => {
    headers = { 'cache-control': 'max-age=3600' };
    expect(await tab.evaluate(() => cachePage.readings({ cache: 'force-cache' }))).toEqual(
      Array(3).fill('read with token-of-ada'),
    );
  });

  it.each([
    ['without a service worker', false],
    ['behind a service worker that keeps everything', true],
  ])(
    'each user gets the user’s own token, whatever mix of headers the answers have, %s',
    async (_what, hasWorker) => {
      if (hasWorker) await tab.evaluate(() => cachePage.serviceWorker());
      expect(everyMix.size).toBe(120);
      for (const [names, mix] of everyMix) {
        headers = mix;
        expect([names, await tokens('authorize')]).toEqual([names, OWN]);
        expect([names, await tokens('authorize', { authMethod: 'POST' })]).toEqual([names, OWN]);
      }
    },
  );

  it('each get a token of their own by POST behind a service worker that looks at no query; by GET not', async () => {
    await tab.evaluate(() => cachePage.serviceWorker('/careless-worker.js'));
    expect(await tokens('authorize', { authMethod: 'POST' })).toEqual(OWN);
    expect(await tokens('authorize')).toEqual(Array(3).fill('token-of-ada'));
    // It does so to a request of the page, too.
    const plain = () => tab.evaluate(async () => (await fetch(`/time?${Math.random()}`)).text());
    expect(await plain()).toBe(await plain());
  });

  it.each<How>(['authorize', 'requestToken'])(
    'each user gets the user’s own token from %s() behind a service worker that keeps everything',
    async (how) => {
      await tab.evaluate(() => cachePage.serviceWorker());
      expect(await tokens(how)).toEqual(OWN);
      expect(await tokens(how, { authCacheParam: 'v' })).toEqual(OWN);
      expect(await tokens(how, { authMethod: 'POST' })).toEqual(OWN);
    },
  );
});

describe('a user who signs in in another tab, in Chromium', () => {
  it.each<Return>(['focus', 'pageshow', 'online', 'visibilitychange'])(
    'the client gets a token at once when the user is back, which the event %s reports',
    async (event) => {
      const [before, after] = await tab.evaluate((name) => cachePage.signInElsewhere(name), event);
      expect([before, after]).toEqual([
        ['failed', undefined],
        ['authorized', 'token-of-ada'],
      ]);
    },
  );
});
