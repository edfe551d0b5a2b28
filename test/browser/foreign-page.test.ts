import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Auth } from '../../src/index.js';
import { createSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { refuse, type TokenEndpoint, type TokenFormat, tokenEndpoint } from '../../src/server/index.js';
import { type NodeListener, nodeListener } from '../../src/server/listener.node.js';
import { VirtualClock } from '../../src/testing/index.js';
import { launchChromium } from './chromium.js';
import { foreignPage, foreignWorker } from './foreign-page.js';

const formats: readonly TokenFormat[] = ['jwt', 'token', 'token-request'];
const CHAT = { 'chat:*': ['subscribe'] };

/**
 * Browsers send a cookie with the requests of a page of the same site by default, and `127.0.0.1` is one
 * site.
 */
const sites = [
  ['another port', '127.0.0.1'],
  ['another site', 'localhost'],
] as const;

let browser: Browser;
let sandbox: Sandbox;
let victim: Server;
let foreign: Server;
let friend: Server;
let page: Page | undefined;
let header: string;

/** Every token that the endpoint issued since the last attack. */
let issued: string[] = [];
/** The headers of every page. */
let pageHeaders: Record<string, string> = {};

const portOf = (server: Server) => (server.address() as AddressInfo).port;
const victimUrl = () => `http://127.0.0.1:${portOf(victim)}`;

async function listening(listener: RequestListener): Promise<Server> {
  const server = createServer(listener).listen(0);
  await once(server, 'listening');
  return server;
}

/** The secrets in an answer: the claims and the signature of a JWT, or the secret fields of JSON. */
function secretsIn(answer: string): string[] {
  if (!answer.startsWith('{')) return answer.split('.').slice(1);
  const { token, mac, nonce } = JSON.parse(answer) as Record<string, string>;
  return [token, mac, nonce].filter((secret) => secret !== undefined);
}

const recorded =
  (endpoint: TokenEndpoint): TokenEndpoint =>
  async (request) => {
    const response = await endpoint(request);
    const text = await response.text();
    if (response.status === 200) issued.push(text);
    return new Response(request.method === 'HEAD' || response.status === 204 ? null : text, response);
  };

/** A request of a browser that does not send Sec-Fetch-Dest. */
const unsaid =
  (endpoint: TokenEndpoint): TokenEndpoint =>
  (request) => {
    const headers = new Headers(request.headers);
    headers.delete('sec-fetch-dest');
    return endpoint(new Request(request.url, { method: request.method, headers }));
  };

/** An endpoint without its protections, which shows that the attacks work. */
const bare =
  (endpoint: TokenEndpoint): TokenEndpoint =>
  async (request) => {
    const response = await unsaid(endpoint)(request);
    const answer = new Response(response.body, response);
    for (const name of ['x-content-type-options', 'cross-origin-resource-policy'])
      answer.headers.delete(name);
    return answer;
  };

/** An endpoint for every user, or, under `/session`, for users with a cookie. */
function endpointOf(key: string, format: TokenFormat, clientId: string): TokenEndpoint {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const endpoint = tokenEndpoint({
    auth: new Auth({ key, clock, fetch: sandbox.fetch }),
    format,
    cors: { origins: [`http://localhost:${portOf(friend)}`], credentials: true },
    grant: ({ url, headers }) =>
      new URL(url).pathname.includes('/session') && !headers.get('cookie')?.includes('session=ada')
        ? refuse(401)
        : { clientId, capability: CHAT },
  });
  // A JWT alone can be read as a script: no page can ask for it in that way, so this makes the attacks stronger.
  return format === 'jwt'
    ? (request) => endpoint(request.body === null ? asking(request) : request)
    : endpoint;
}

function asking(request: Request): Request {
  const headers = new Headers(request.headers);
  headers.set('accept', 'application/jwt');
  return new Request(request.url, { method: request.method, headers });
}

/**
 * A JWT whose signature is a JavaScript identifier: a minus or a leading digit would make another expression
 * of it.
 */
async function readable(key: string): Promise<string> {
  for (let number = 0; ; number += 1) {
    const clientId = `visitor-${number}`;
    const response = await endpointOf(key, 'jwt', clientId)(new Request('https://example.com/'));
    const token = await response.text();
    header = token.split('.')[0] ?? '';
    if (/^[\w]+\.[\w]+\.[A-Za-z_]\w+$/.test(token)) return clientId;
  }
}

beforeAll(async () => {
  browser = await launchChromium();
  sandbox = createSandbox({ clock: new VirtualClock(Date.UTC(2026, 0, 1)) });
  const key = sandbox.createApp().keys[0]?.keyStr ?? '';
  const pages: RequestListener = ({ url = '' }, response) => {
    const to = new URL(url, 'http://page').searchParams.get('to');
    if (to !== null) response.writeHead(302, { location: to }).end();
    else if (url === '/?worker')
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(foreignWorker);
    else response.writeHead(200, { 'content-type': 'text/html', ...pageHeaders }).end(foreignPage(header));
  };
  foreign = await listening(pages);
  friend = await listening(pages);
  const clientId = await readable(key);
  const listeners = new Map<string, NodeListener>(
    formats.flatMap((format) => {
      const endpoint = recorded(endpointOf(key, format, clientId));
      return [
        [`guarded/${format}`, nodeListener(endpoint)],
        [`unsaid/${format}`, nodeListener(unsaid(endpoint))],
        [`bare/${format}`, nodeListener(bare(endpoint))],
      ] as const;
    }),
  );
  victim = await listening((request, response) => {
    const [, kind, format] = request.url?.split(/[/?]/) ?? [];
    const listener = listeners.get(`${kind}/${format}`);
    if (listener !== undefined) listener(request, response);
    else
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html><title>the own page</title>');
  });
});

afterEach(async () => {
  await page?.context().close();
  page = undefined;
  issued = [];
  pageHeaders = {};
});

afterAll(async () => {
  await browser?.close();
  for (const server of [victim, foreign, friend]) server?.close();
  await sandbox?.dispose();
});

/** A signed-in visitor on a page of this address. */
async function visit(url: string): Promise<Page> {
  const context = await browser.newContext();
  await context.addCookies([
    { name: 'session', value: 'ada', domain: '127.0.0.1', path: '/', sameSite: 'None', secure: true },
  ]);
  page = await context.newPage();
  await page.goto(url);
  return page;
}

interface Attacker {
  readonly attacks: Readonly<Record<string, unknown>>;
  attack(name: string, url: string): Promise<string[]>;
}

/** The attacks that told the page a secret, and the number of tokens that were issued during all of them. */
async function leaksOf(
  host: string,
  url: string,
): Promise<{ leaks: string[]; tokens: number; tried: number }> {
  const open = await visit(`http://${host}:${portOf(foreign)}/`);
  const names = await open.evaluate(() => Object.keys((window as unknown as Attacker).attacks));
  const leaks: string[] = [];
  let tokens = 0;
  for (const name of names) {
    const known = await open.evaluate(
      ([attack = '', address = '']) => (window as unknown as Attacker).attack(attack, address),
      [name, `${victimUrl()}${url}?n=${names.indexOf(name)}`],
    );
    const secrets = issued.flatMap(secretsIn);
    if (secrets.some((secret) => known.some((text) => text.includes(secret)))) leaks.push(name);
    tokens += issued.length;
    issued = [];
  }
  return { leaks, tokens, tried: names.length };
}

describe.each(sites)('a page of %s', (_title, host) => {
  it.each(['/bare/jwt', '/bare/jwt/session'])(
    'a foreign page reads the JWT of an endpoint without guards: %s',
    async (path) => {
      const { leaks, tried } = await leaksOf(host, path);
      expect(leaks).toEqual(
        expect.arrayContaining([
          ...['a script', 'a script that is deferred', 'a script that calls back'],
          ...['what the browser loads ahead', 'a script through a redirect of the own origin'],
        ]),
      );
      expect(tried).toBeGreaterThan(40);
    },
  );

  it.each([
    ...formats.flatMap((format) => [`/guarded/${format}`, `/guarded/${format}/session`]),
    '/unsaid/jwt',
    '/unsaid/jwt/session',
  ])('a foreign page reads no token of a token endpoint: %s', async (path) => {
    const { leaks, tokens } = await leaksOf(host, path);
    expect(leaks).toEqual([]);
    expect(tokens).toBeGreaterThan(0);
  });
});

describe('a page that is allowed to have a token', () => {
  const reads = async (open: Page, name: string, path: string): Promise<string[]> => {
    const url = `${victimUrl()}${path}`;
    return await open.evaluate(
      ([attack = '', address = '']) => (window as unknown as Attacker).attack(attack, address),
      [name, url],
    );
  };

  it.each<[string, Record<string, string>]>([
    ['as it is', {}],
    [
      'isolated from other origins',
      { 'cross-origin-embedder-policy': 'require-corp', 'cross-origin-opener-policy': 'same-origin' },
    ],
  ])('a page of a listed origin can read its token by CORS, %s', async (_title, headers) => {
    pageHeaders = headers;
    const open = await visit(`http://localhost:${portOf(friend)}/`);
    for (const format of formats) {
      for (const name of ['a fetch with cookies', 'an XMLHttpRequest']) {
        const known = await reads(open, name, `/guarded/${format}/session`);
        expect(known).toEqual([issued.at(-1)]);
      }
    }
    expect(issued).toHaveLength(6);
    // Even a listed origin cannot load the token as a script.
    expect(await reads(open, 'a script', '/guarded/jwt/session')).not.toContain(issued[0]?.split('.')[1]);
  });

  it('a page and a worker of the endpoint’s own origin can read their token', async () => {
    const open = await visit(`${victimUrl()}/`);
    for (const format of formats) {
      const read = await open.evaluate(async (url) => {
        const text = await (await fetch(url)).text();
        const code = 'onmessage = async ({ data }) => postMessage(await (await fetch(data)).text());';
        const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
        const inWorker = await new Promise((resolve) => {
          worker.onmessage = ({ data }) => resolve(data);
          worker.postMessage(url);
        });
        return [text, inWorker];
      }, `${victimUrl()}/guarded/${format}/session`);
      expect(read).toEqual(issued.splice(0));
    }
  });

  it('a user who opens the address sees the answer', async () => {
    const open = await visit(`${victimUrl()}/guarded/token-request/session`);
    expect(await open.textContent('body')).toBe(issued[0]);
  });
});
