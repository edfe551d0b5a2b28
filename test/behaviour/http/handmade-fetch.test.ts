import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { isReachable } from '../../../src/connection/realtime/connectivity.js';
import { Auth, type ClientOptions, type ErrorInfo } from '../../../src/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { json } from '../../uts/mock-http.js';

const KEY = 'app.key:a-secret-of-mine';
const TIME = 1_700_000_000_000;

type Made = Partial<Record<keyof Response, unknown>>;
const headersOf = (type: string) => ({ get: (name: string) => (name === 'content-type' ? type : null) });

/** A `fetch` whose answer is not a Response of the platform. */
const giving = (make: () => unknown): { fetch: typeof fetch; asked: string[] } => {
  const asked: string[] = [];
  const fake = async (input: string | URL | Request) => {
    asked.push(new URL(input instanceof Request ? input.url : input).hostname);
    return make();
  };
  return { fetch: fake as unknown as typeof fetch, asked };
};

const withUrl = (fetch: ClientOptions['fetch'], more: ClientOptions = {}) =>
  new Auth({ authUrl: 'https://example.com/token', ...(fetch ? { fetch } : {}), ...more });
const withKey = (fetch: typeof globalThis.fetch) =>
  new Auth({ key: KEY, useTokenAuth: true, fetch, fallbackHosts: ['b.example', 'c.example'] });

const failureOf = (work: Promise<unknown>): Promise<ErrorInfo> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: ErrorInfo) => error,
  );

describe('a handmade Response', () => {
  const ok = { ok: true, status: 200 };

  it.each<[string, Made]>([
    ['text()', { ...ok, headers: headersOf('text/plain'), text: async () => 'a-token' }],
    ['json()', { ...ok, headers: headersOf('application/json'), json: async () => ({ token: 'a-token' }) }],
    [
      'both, and no body',
      {
        ...ok,
        body: null,
        headers: headersOf('application/json'),
        text: async () => '{"token":"a-token"}',
        json: async () => ({ token: 'another' }),
      },
    ],
    [
      'text(), and a stream of Node',
      {
        ...ok,
        get body() {
          return Readable.from(['a-', Buffer.from('token')]);
        },
        headers: headersOf('text/plain'),
        text: () => Promise.reject(new Error('the stream is read')),
      },
    ],
  ])('a Response with %s delivers the token of an authUrl', async (_what, made) => {
    for (const authMethod of ['GET', 'POST']) {
      expect(await withUrl(giving(() => made).fetch, { authMethod }).requestToken()).toMatchObject({
        token: 'a-token',
      });
    }
  });

  it.each<[string, (body: unknown) => Made]>([
    ['text()', (body) => ({ ...ok, headers: headersOf(''), text: async () => JSON.stringify(body) })],
    ['json()', (body) => ({ ...ok, headers: headersOf(''), json: async () => body })],
  ])('a Response with %s delivers the answer of the service', async (_what, made) => {
    expect(await withKey(giving(() => made({ token: 't' })).fetch).requestToken()).toMatchObject({
      token: 't',
    });
    expect(await withKey(giving(() => made([TIME])).fetch).time()).toBe(TIME);
  });

  it.each<[string, number, RegExp]>([
    ['x', 128 * 1024 + 1, /longer than 131072 bytes/],
    ['ü', 64 * 1024 + 1, /longer than 131072 bytes/],
  ])('a text that is too long, of %s, is not read to its end', async (letter, count, message) => {
    const made = { ...ok, headers: headersOf('text/plain'), text: async () => letter.repeat(count) };
    expect((await failureOf(withUrl(giving(() => made).fetch).requestToken())).message).toMatch(message);
    const { fetch, asked } = giving(() => made);
    expect((await failureOf(withKey(fetch).time())).message).toMatch(message);
    expect(asked).toHaveLength(1);
  });

  it('a text that never arrives ends at the deadline', async () => {
    const clock = new VirtualClock();
    const made = { ...ok, headers: headersOf('text/plain'), text: () => new Promise(() => {}) };
    const failure = failureOf(withUrl(giving(() => made).fetch, { clock }).requestToken());
    await clock.advance(10_000);
    expect(await failure).toMatchObject({ code: 40170, message: 'no token came within 10000 ms' });
    expect(clock.pending).toBe(0);
  });

  it('an error answer is refused with its error and its Retry-After', async () => {
    const headers = { get: (name: string) => (name === 'retry-after' ? '7' : null) };
    const body = { error: { code: 40101, statusCode: 401, message: 'no user is signed in' } };
    const made = { ok: false, status: 401, headers, json: async () => body };
    for (const auth of [withUrl(giving(() => made).fetch), withKey(giving(() => made).fetch)]) {
      expect(await failureOf(auth.requestToken())).toMatchObject({ ...body.error, retryAfterMs: 7_000 });
    }
  });

  it('auth.fetch() returns the Response, and recognises a refused token by its header', async () => {
    const headers = (code: string) => ({
      get: (name: string) => (name === 'x-ably-errorcode' ? code : null),
    });
    const answers: Made[] = [
      { ok: false, status: 401, headers: headers('40142'), text: async () => '' },
      { ok: true, status: 200, headers: headers(''), text: async () => 'fine' },
    ];
    let tokens = 0;
    const auth = new Auth({
      authCallback: async () => `token-${tokens++}`,
      fetch: giving(() => answers.shift()).fetch,
    });
    expect(await (await auth.fetch('/channels/a/messages')).text()).toBe('fine');
    expect(tokens).toBe(2);
    auth.dispose();
  });

  it.each<[string, Made]>([
    ['was redirected to another origin', { redirected: true, url: 'https://elsewhere.example/' }],
    ['was redirected, to nobody knows where', { redirected: true }],
    [
      'comes from another origin, on a platform that does not tell of redirects',
      { url: 'https://elsewhere.example/' },
    ],
  ])('an answer that %s is refused', async (_what, more) => {
    const made = { ...ok, headers: headersOf('text/plain'), text: async () => 'a-token', ...more };
    for (const options of [{}, { authMethod: 'POST' }, { authHeaders: { a: 'b' } }]) {
      const failure = await failureOf(withUrl(giving(() => made).fetch, options).requestToken());
      expect(failure).toMatchObject({
        code: 40170,
        message: 'the token source redirected to another origin',
      });
    }
    const { fetch, asked } = giving(() => made);
    expect((await failureOf(withKey(fetch).requestToken())).message).toContain(
      'a redirect, which is not followed',
    );
    expect(asked).toHaveLength(1);
    const auth = new Auth({ authCallback: async () => 'a-token', fetch: giving(() => made).fetch });
    expect(await failureOf(auth.fetch('/a'))).toMatchObject({ code: 40003 });
    auth.dispose();
  });

  it.each([301, 302, 303, 307, 308, 0])('a redirect with %i is not followed', async (status) => {
    const made = {
      ok: false,
      status,
      headers: headersOf(''),
      ...(status === 0 ? { type: 'opaqueredirect' } : {}),
    };
    expect(
      await failureOf(withUrl(giving(() => made).fetch, { authMethod: 'POST' }).requestToken()),
    ).toMatchObject({
      code: 40170,
      message: expect.stringContaining('the token source redirects') as unknown,
      remediation: expect.stringContaining('authUrl') as unknown,
    });
    const { fetch, asked } = giving(() => made);
    expect(await failureOf(withKey(fetch).time())).toMatchObject({
      code: 40170,
      message: expect.stringContaining('a redirect, which is not followed') as unknown,
    });
    expect(asked).toHaveLength(1);
  });
});

/** Failures without a network fault. */
const faults: readonly [what: string, make: () => unknown][] = [
  ['gives nothing', () => undefined],
  ['gives a text', () => 'a-token'],
  ['gives a Response without headers', () => ({ ok: true, status: 200, text: async () => 'a-token' })],
  [
    'gives a Response that cannot be read',
    () => ({ ok: true, status: 200, headers: headersOf('text/plain') }),
  ],
  [
    'gives a body that is no text',
    () => ({ ok: true, status: 200, headers: headersOf('text/plain'), text: async () => 7 }),
  ],
  [
    'has a mistake in it',
    () => {
      const nothing = undefined as unknown as { network: string };
      return nothing.network;
    },
  ],
  [
    'names what there is not',
    () => {
      throw new ReferenceError('axios is not defined');
    },
  ],
];

/** The messages of browsers and runtimes for a wrong call. */
const wrongCalls = [
  "Failed to execute 'fetch' on 'Window': Illegal invocation",
  "'fetch' called on an object that does not implement interface Window.",
  'Can only call Window.fetch on instances of Window',
  'Illegal invocation: function called with incorrect `this` reference.',
  "Failed to execute 'fetch' on 'Window': Failed to parse URL from http://host/",
  'Failed to parse URL from /token',
  'Window.fetch: /token is not a valid URL.',
  'Request with GET/HEAD method cannot have body.',
  'RequestInit: duplex option is required when sending a body.',
  'Invalid redirect value, must be one of "follow" or "manual"',
  "Cannot read properties of undefined (reading 'network')",
  'undefined is not an object (evaluating response.connection)',
  'can\'t access property "host", response is undefined',
  'Body is unusable: Body has already been read',
  'no words that anybody knows',
];

/** The messages of browsers and runtimes for a network fault. */
const networkFailures = [
  'fetch failed',
  'Failed to fetch',
  'Failed to fetch (example.com)',
  'network error',
  'NetworkError when attempting to fetch resource.',
  'Error in input stream',
  'Load failed',
  'The Internet connection appears to be offline.',
  'A server with the specified hostname could not be found.',
  'The request timed out.',
  'cancelled',
  'Network request failed',
  'Network request timed out',
  'error sending request for url (http://127.0.0.1/): client error (Connect)',
  'Unable to connect. Is the computer able to access the url?',
  'terminated',
];

const throwing = (error: unknown) => () => {
  throw error;
};

describe('an invalid fetch option', () => {
  it.each(faults)(
    'a fetch that %s is named as the fault, and no other host is tried',
    async (_what, make) => {
      const failure = await failureOf(withUrl(giving(make).fetch).requestToken());
      expect(failure).toMatchObject({ code: 40170, statusCode: 401 });
      expect(failure.message).not.toMatch(/could not be reached|broke off/);
      const { fetch, asked } = giving(make);
      const ofTheService = await failureOf(withKey(fetch).time());
      expect(ofTheService).toMatchObject({ code: 40170, statusCode: 401 });
      expect(asked).toHaveLength(1);
    },
  );

  it.each(wrongCalls)('a fetch that fails with the TypeError %j was called wrongly', async (words) => {
    const { fetch, asked } = giving(throwing(new TypeError(words)));
    for (const work of [withKey(fetch).time(), withKey(fetch).requestToken()]) {
      expect(await failureOf(work)).toMatchObject({
        code: 40170,
        message: expect.stringMatching(/^fetch itself failed, not the network: /) as unknown,
        remediation: expect.stringContaining('fetch option') as unknown,
        cause: { name: 'TypeError', message: words },
      });
    }
    expect(asked).toHaveLength(2);
    expect(await failureOf(withUrl(fetch).requestToken())).toMatchObject({
      code: 40170,
      message: expect.stringContaining('fetch itself failed, not the network') as unknown,
      remediation: expect.stringContaining('fetch option') as unknown,
    });
    const auth = new Auth({ authCallback: async () => 'a-token', fetch });
    expect(await failureOf(auth.fetch('/channels'))).toMatchObject({
      code: 40003,
      message: expect.stringContaining('fetch itself failed, not the network') as unknown,
    });
    auth.dispose();
    const look = { url: 'https://up.example/', fetch, clock: new VirtualClock(), timeoutMs: 1_000 };
    expect(await isReachable(look, new AbortController().signal)).toBe(true);
  });

  it.each(networkFailures)('a fetch that fails with the TypeError %j has no network', async (words) => {
    const { fetch, asked } = giving(throwing(new TypeError(words)));
    expect(await failureOf(withKey(fetch).time())).toMatchObject({ code: 80003, statusCode: 503 });
    expect(new Set(asked)).toEqual(new Set(['main.realtime.ably.net', 'b.example', 'c.example']));
    expect(await failureOf(withUrl(fetch).requestToken())).toMatchObject({
      message: 'the token source could not be reached',
    });
    const auth = new Auth({ authCallback: async () => 'a-token', fetch });
    expect(await failureOf(auth.fetch('/channels'))).toMatchObject({ code: 80003 });
    auth.dispose();
    const look = { url: 'https://up.example/', fetch, clock: new VirtualClock(), timeoutMs: 1_000 };
    expect(await isReachable(look, new AbortController().signal)).toBe(false);
  });

  it.each([
    "The 'cache' field on 'RequestInitializerDict' is not implemented.",
    'Cannot perform I/O on behalf of a different request.',
    'Disallowed operation called within global scope.',
    'Too many subrequests.',
  ])('a fetch that a Worker refuses with the words %j was called wrongly', async (words) => {
    const { fetch, asked } = giving(throwing(new Error(words)));
    expect((await failureOf(withKey(fetch).time())).message).toContain('fetch itself failed');
    expect(asked).toHaveLength(1);
  });

  it('a fetch that throws synchronously was called wrongly, as one that rejects', async () => {
    const fetch = throwing(new TypeError('no such thing'));
    expect((await failureOf(withKey(fetch).time())).message).toContain('fetch itself failed');
    expect((await failureOf(withUrl(fetch).requestToken())).message).toContain('fetch itself failed');
  });

  it('the error of a wrong call shows nothing of the arguments', async () => {
    const authHeaders = { authorization: 'Bearer pin-1234' };
    const fetch = throwing(new TypeError(`Invalid header value Bearer pin-1234 and ${'aB3'.repeat(9)}`));
    const failure = await failureOf(withUrl(fetch, { authHeaders }).requestToken());
    expect(`${failure} ${JSON.stringify(failure)}`).not.toMatch(/pin-1234|aB3aB3/);
  });

  it('a fetch that returns the same Response twice is named as the fault', async () => {
    const one = json([TIME]);
    const { fetch, asked } = giving(() => one);
    const auth = withKey(fetch);
    expect(await auth.time()).toBe(TIME);
    expect((await failureOf(auth.time())).message).toContain('fetch itself failed, not the network');
    expect(asked).toHaveLength(2);
  });

  it('a fetch that is aborted at the deadline counts as late, whatever its error is', async () => {
    const clock = new VirtualClock();
    const fetch: typeof globalThis.fetch = (_input, init) =>
      new Promise((_resolve, reject) =>
        init?.signal?.addEventListener('abort', () => reject(new TypeError('no words that anybody knows'))),
      );
    const auth = new Auth({ key: KEY, useTokenAuth: true, clock, fetch, fallbackHosts: [] });
    const failure = failureOf(auth.time());
    await clock.advance(4_000);
    expect(await failure).toMatchObject({ code: 80003 });
  });
});
