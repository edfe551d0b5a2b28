import { describe, expect, it } from 'vitest';
import { isReachable } from '../../../src/connection/realtime/connectivity.js';
import { Auth, type ClientOptions } from '../../../src/index.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { ablyError, json, text } from '../../uts/mock-http.js';

const HOST = 'https://main.realtime.ably.net';
const key = 'app.key:secret';
const authUrl = 'https://example.com/token?a=1';

type Call = readonly [address: unknown, init: RequestInit, ...more: unknown[]];

/** A `fetch` that notes how it is called: one that goes through a proxy, or logs, reads both arguments. */
function noting(answer: (path: string) => Response): {
  calls: Call[];
  fetch: NonNullable<ClientOptions['fetch']>;
} {
  const calls: Call[] = [];
  const fetch = async (...given: Call) => {
    calls.push(given);
    return answer(String(given[0]).slice(0, 200));
  };
  return { calls, fetch: fetch as never };
}

const answers = (address: string): Response => {
  if (address.includes('/token')) return text('a-token');
  if (address.endsWith('/time')) return json([1]);
  if (address.endsWith('/requestToken')) return json({ token: 'a-token' }, 201);
  return address.endsWith('/revokeTokens') ? json([]) : text('yes');
};

const withUrl = (fetch: ClientOptions['fetch'], more: ClientOptions = {}) =>
  new Auth({ authUrl, ...(fetch ? { fetch } : {}), ...more });
const withKey = (fetch: ClientOptions['fetch']) => new Auth({ key, ...(fetch ? { fetch } : {}) });

type Fetch = NonNullable<ClientOptions['fetch']>;
const kinds: readonly (readonly [string, (fetch: Fetch) => Promise<unknown>])[] = [
  ['authUrl by GET', (fetch) => withUrl(fetch).requestToken()],
  ['authUrl by POST', (fetch) => withUrl(fetch, { authMethod: 'POST' }).requestToken()],
  ['authUrl with headers', (fetch) => withUrl(fetch, { authHeaders: { 'X-User': 'ada' } }).requestToken()],
  ['the exchange of a TokenRequest', (fetch) => withKey(fetch).requestToken()],
  ['time()', (fetch) => withKey(fetch).time()],
  ['revokeTokens()', (fetch) => withKey(fetch).revokeTokens({ type: 'clientId', value: 'ada' })],
  ['auth.fetch() of a path', (fetch) => withKey(fetch).fetch('/a', { headers: { 'x-own': '1' } })],
  ['auth.fetch() of a URL', (fetch) => withKey(fetch).fetch(new URL('/a', HOST))],
  ['auth.fetch() of a Request', (fetch) => withKey(fetch).fetch(new Request(`${HOST}/a`))],
  [
    'auth.fetch() of a Request with a body',
    (fetch) => withKey(fetch).fetch(new Request(`${HOST}/a`, { method: 'POST', body: 'a text' })),
  ],
  [
    'the connectivity check',
    (fetch) => {
      const look = { url: 'https://up.example/', fetch, clock: new VirtualClock(), timeoutMs: 1_000 };
      return isReachable(look, new AbortController().signal);
    },
  ],
];

const isPlain = (value: unknown) => Object.getPrototypeOf(value) === Object.prototype;

describe('the fetch option', () => {
  it.each(kinds)('is called with an address and a plain object, and nothing else: %s', async (_kind, ask) => {
    const { calls, fetch } = noting(answers);
    await ask(fetch);
    expect(calls.length).toBeGreaterThan(0);
    for (const given of calls) {
      expect(given).toHaveLength(2);
      const [address, init] = given;
      expect(typeof address).toBe('string');
      expect(isPlain(init)).toBe(true);
      expect(init.headers === undefined || isPlain(init.headers)).toBe(true);
      expect(init.signal).toBeInstanceOf(AbortSignal);
    }
  });

  it.each([
    ['a text', 'a text', 'a text'],
    ['a form', new URLSearchParams({ a: '1' }), 'a=1'],
  ])('the function gets the body of auth.fetch() as text if it is %s', async (_what, body, sent) => {
    const { calls, fetch } = noting(answers);
    await withKey(fetch).fetch('/a', { method: 'POST', body });
    expect(calls[0]?.[1]).toMatchObject({ method: 'POST', body: sent });
  });

  it('the function gets a form of authUrl as text, with the content type of a form', async () => {
    const { calls, fetch } = noting(answers);
    await withUrl(fetch, { authMethod: 'POST', authParams: { a: 'b c', d: 'ü' } }).requestToken();
    const { body, headers } = calls[0]?.[1] ?? {};
    expect(Object.fromEntries(new URLSearchParams(String(body)))).toEqual({ a: 'b c', d: 'ü' });
    expect(headers).toMatchObject({
      'content-type': expect.stringMatching(/^application\/x-www-form-urlencoded/),
    });
  });

  it('the function gets the fields of auth.fetch() that only this function knows', async () => {
    const dispatcher = { is: 'an agent' };
    const { calls, fetch } = noting(answers);
    await withKey(fetch).fetch('/a', { dispatcher, keepalive: true } as RequestInit);
    expect(calls[0]?.[1]).toMatchObject({ dispatcher, keepalive: true });
  });

  it('the function gets the cookie and cache settings of a Request', async () => {
    const { calls, fetch } = noting(answers);
    const said = {
      credentials: 'include',
      cache: 'reload',
      keepalive: true,
      referrerPolicy: 'no-referrer',
    } as const;
    await withKey(fetch).fetch(new Request(`${HOST}/a`, said));
    expect(calls[0]?.[1]).toMatchObject(said);
  });

  it('the function is called in the same way when a token is refused and the request is sent again', async () => {
    let count = 0;
    const { calls, fetch } = noting(() => (count++ === 0 ? ablyError(40142, 401) : json([])));
    const auth = new Auth({ authCallback: async () => `token-${count}`, fetch });
    await auth.fetch(new Request(`${HOST}/a`, { method: 'PUT', body: new Uint8Array([1, 2, 3]) }));
    expect(calls.map(([address]) => address)).toEqual([`${HOST}/a`, `${HOST}/a`]);
    const bodies = calls.map(([, { body }]) => [...new Uint8Array(body as ArrayBuffer)]);
    expect(bodies).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    auth.dispose();
  });
});
