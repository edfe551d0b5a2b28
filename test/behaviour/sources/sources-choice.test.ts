import { describe, expect, it, vi } from 'vitest';
import { createRest } from '../../../src/http/rest.js';
import { keySigner } from '../../../src/signing/token-request.js';
import { type AuthOptions, parseAuthOptions } from '../../../src/sources/auth-options.js';
import { sourceFor } from '../../../src/sources/choose.js';
import { byName } from '../../../src/sources/port.js';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';
import type { ParsedTokenParams } from '../../../src/token/token-params.js';
import { json, MockHttp, text } from '../../uts/mock-http.js';

const KEY = 'app.key:secret';
const URL_TEXT = 'https://example.com/token?tenant=acme';

const setUp = (handle: ConstructorParameters<typeof MockHttp>[0] = () => text('of-the-url')) => {
  const clock = new VirtualClock();
  const http = new MockHttp(handle);
  const rest = createRest({ fetch: http.fetch, clock, random: () => 0 });
  const services = {
    rest: async () => rest,
    clock,
    fetch: http.fetch,
    signer: async (key: { expose(): { name: string; secret: string } }) => keySigner(key.expose()),
  };
  const ask = (options: AuthOptions, params: ParsedTokenParams = {}, signal = new AbortController().signal) =>
    sourceFor(parseAuthOptions(options), services)(params, signal, byName);
  return { clock, http, ask };
};
const said = async (asked: ReturnType<ReturnType<typeof setUp>['ask']>) => {
  const answer = await asked;
  return answer.kind === 'token' ? answer.token.expose().token : 'a TokenRequest';
};

describe('the choice of a source', () => {
  const authCallback = () => 'of-the-callback';

  it.each<[string, AuthOptions]>([
    ['literal', { token: 'literal', authCallback, authUrl: URL_TEXT, key: KEY }],
    ['of-the-callback', { authCallback, authUrl: URL_TEXT, key: KEY }],
    ['of-the-url', { authUrl: URL_TEXT, key: KEY }],
    ['a TokenRequest', { key: KEY }],
  ])('the first available source is used, so the answer is %s (RSA4g, RSA10e)', async (answer, options) => {
    expect(await said(setUp().ask(options))).toBe(answer);
  });

  it('a client without a source has none', () => {
    expect(() => setUp().ask({ queryTime: true })).toThrow(expect.objectContaining({ code: 40106 }));
  });

  it('a literal token has its clientId if that is known', async () => {
    const { ask } = setUp();
    expect(await ask({ token: 't' })).not.toHaveProperty('clientId');
    expect(await ask({ tokenDetails: { token: 't', clientId: null } })).toHaveProperty('clientId', null);
    expect(await ask({ tokenDetails: { token: 't', clientId: 'ada' } })).toHaveProperty('clientId', 'ada');
  });
});

describe('the key as a source', () => {
  const requestOf = async (asked: ReturnType<ReturnType<typeof setUp>['ask']>) => {
    const answer = await asked;
    if (answer.kind === 'request') return answer.request.expose();
    throw new Error('not a TokenRequest');
  };

  it('the key signs with the local time, without a request', async () => {
    const { ask, clock, http } = setUp();
    const request = await requestOf(ask({ key: KEY }, { ttl: 5, clientId: 'ada' }));
    expect(request).toMatchObject({ keyName: 'app.key', ttl: 5, clientId: 'ada', timestamp: clock.now() });
    expect(http.requests).toHaveLength(0);
  });

  it('the key signs with the server’s time if queryTime is true (RSA10k)', async () => {
    const { ask, clock, http } = setUp(() => json([5_000]));
    expect((await requestOf(ask({ key: KEY, queryTime: true }))).timestamp).toBe(5_000);
    await clock.advance(1_000);
    expect((await requestOf(ask({ key: KEY, queryTime: true }))).timestamp).toBe(6_000);
    expect(http.requests).toHaveLength(1);
  });

  it('the key signs with a given timestamp and requests no time (RSA9d)', async () => {
    const { ask, http } = setUp(() => json([5_000]));
    const request = await requestOf(ask({ key: KEY, queryTime: true }, { timestamp: 7, nonce: 'mine' }));
    expect(request).toMatchObject({ timestamp: 7, nonce: 'mine' });
    expect(http.requests).toHaveLength(0);
  });
});

describe('an authUrl as a source', () => {
  it('an authUrl receives the fields as strings, and those of TokenParams win (RSA8c1, RSA8c2)', async () => {
    for (const authMethod of ['GET', 'POST']) {
      const { ask, http } = setUp();
      const authParams = JSON.parse('{"__proto__":"p","ttl":"9","a":"ä&="}') as Record<string, string>;
      const options = { authUrl: URL_TEXT, authMethod, authParams, authCacheParam: false } as const;
      await ask(options, { ttl: 5, timestamp: 7, clientId: null });
      const [request] = http.requests;
      const fields = authMethod === 'GET' ? request?.url.searchParams : new URLSearchParams(request?.body);
      const own = authMethod === 'GET' ? [['tenant', 'acme']] : [];
      expect([...(fields ?? [])]).toEqual([
        ...own,
        ['__proto__', 'p'],
        ['ttl', '5'],
        ['a', 'ä&='],
        ['timestamp', '7'],
      ]);
      expect(request?.url.searchParams.get('tenant')).toBe('acme');
    }
  });

  it('an authUrl receives the headers of the application in any form', async () => {
    const { ask, http } = setUp();
    const authHeaders = { Accept: 'text/plain', 'X-Own': 'é', 'Content-Type': 'application/json' };
    await ask({ authUrl: URL_TEXT, authHeaders });
    await ask({ authUrl: URL_TEXT, authHeaders, authMethod: 'POST' });
    for (const { headers } of http.requests) {
      expect(headers.get('accept')).toBe('text/plain');
      expect(headers.get('x-own')).toBe('é');
      expect(headers.has('x-ably-version')).toBe(false);
    }
    expect(http.requests[1]?.headers.get('content-type')).toContain('application/x-www-form-urlencoded');
  });

  it.each<[string, AuthOptions, RequestRedirect]>([
    ['GET alone', {}, 'manual'],
    ['GET with headers', { authHeaders: { authorization: 'x' } }, 'manual'],
    ['POST', { authMethod: 'POST' }, 'manual'],
  ])('an authUrl with %s: a redirect is %s', async (_what, more, redirect) => {
    const init = vi.fn();
    const { clock, http } = setUp();
    const fetch: typeof globalThis.fetch = async (_url, given) => {
      init(given);
      return text('t');
    };
    const rest = createRest({ fetch: http.fetch, clock, random: () => 0 });
    const source = sourceFor(parseAuthOptions({ authUrl: URL_TEXT, ...more }), {
      rest: async () => rest,
      clock,
      fetch,
      signer: () => Promise.reject(new Error('no key')),
    });
    await source({}, new AbortController().signal, byName);
    expect(init.mock.lastCall?.[0]).toMatchObject({ redirect, cache: 'no-store' });
  });

  it.each<[string, () => Response | Error, object]>([
    [
      '403 with an error',
      () => json({ error: { code: 40301, statusCode: 401, message: 'signed out' } }, 403),
      { code: 40301, statusCode: 403, message: 'signed out' },
    ],
    ['403 without one', () => text('no', 'text/plain', 403), { code: 40300, statusCode: 403 }],
    [
      '403 and no text',
      () => new Response(new Uint8Array([0xff]), { status: 403 }),
      { code: 40300, statusCode: 403 },
    ],
    ['403 and too much', () => text('x'.repeat(200_000), 'text/html', 403), { code: 40300, statusCode: 403 }],
    [
      'an error of Ably’s form',
      () => json({ error: { code: 40101, statusCode: 401, message: 'no' } }, 500),
      { code: 40101, statusCode: 401, message: 'no' },
    ],
    [
      'one that forbids',
      () => json({ error: { code: 40300, statusCode: 403, message: 'no' } }, 500),
      { code: 40300, statusCode: 403 },
    ],
    [
      'an error without a reason',
      () => json({ error: { code: 40101, statusCode: 401 } }, 401),
      { message: 'no reason was given' },
    ],
    [
      '429',
      () => new Response('', { status: 429, headers: { 'retry-after': '7' } }),
      { code: 40170, statusCode: 401, retryAfterMs: 7_000 },
    ],
    [
      '503',
      () => text('', 'text/html', 503),
      { code: 40170, statusCode: 401, message: 'the token source answered 503' },
    ],
    [
      'nothing at all',
      () => new TypeError('fetch failed'),
      { code: 40170, statusCode: 401, message: expect.stringContaining('could not be reached') },
    ],
    [
      'half of a body',
      () =>
        new Response(new ReadableStream({ start: (one) => one.error(new Error('cut')) }), {
          headers: { 'content-type': 'text/plain' },
        }),
      { code: 40170, message: 'the token source broke off' },
    ],
    [
      '200 and an error',
      () => json({ error: { message: `bad ${'aB3'.repeat(9)}` } }),
      { code: 40170, message: 'the token source gave an error: bad […]' },
    ],
    [
      'an odd content type',
      () => text('t', 'text/plaintext'),
      { code: 40170, message: expect.stringContaining('text/plaintext') },
    ],
    ['a list', () => json(['t']), { code: 40170, message: expect.stringContaining('array') }],
  ])('an authUrl that answers %s is an error (RSA4d, RSA4e, RSA4f)', async (_what, answer, error) => {
    await expect(setUp(answer).ask({ authUrl: URL_TEXT })).rejects.toMatchObject({
      name: 'ErrorInfo',
      ...error,
    });
  });

  it.each(['text/plain', 'TEXT/PLAIN; charset=utf-8', 'application/jwt', 'application/jwt;charset=UTF-8'])(
    'an authUrl may answer with %s',
    async (type) => {
      expect(await said(setUp(() => text('a.b.c\r\n', type)).ask({ authUrl: URL_TEXT }))).toBe('a.b.c');
    },
  );

  it('an authUrl whose fetch throws synchronously is an error with the cause', async () => {
    const { clock, http } = setUp();
    const cause = new Error('blocked');
    const fetch = () => {
      throw cause;
    };
    const rest = createRest({ fetch: http.fetch, clock, random: () => 0 });
    const source = sourceFor(parseAuthOptions({ authUrl: URL_TEXT }), {
      rest: async () => rest,
      clock,
      fetch,
      signer: () => Promise.reject(new Error('no key')),
    });
    await expect(source({}, new AbortController().signal, byName)).rejects.toMatchObject({
      code: 40170,
      cause,
    });
  });

  it('the answer of an authUrl is released when it is no longer needed', async () => {
    let cancelled = false;
    const half = new ReadableStream({
      cancel: () => {
        cancelled = true;
      },
    });
    const { ask } = setUp(() => new Response(half, { headers: { 'content-type': 'text/plain' } }));
    const over = new AbortController();
    const rejection = expect(ask({ authUrl: URL_TEXT }, {}, over.signal)).rejects.toMatchObject({
      code: 40170,
    });
    await settle();
    over.abort(new Error('gone'));
    await rejection;
    expect(cancelled).toBe(true);
  });
});
