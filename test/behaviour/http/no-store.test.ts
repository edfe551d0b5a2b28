import { afterEach, describe, expect, it, vi } from 'vitest';
import { isReachable } from '../../../src/connection/realtime/connectivity.js';
import { Auth } from '../../../src/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { json, text } from '../../uts/mock-http.js';

const KEY = 'app.key:secret';

/** The cache option of each kind of request. */
async function modes(): Promise<Readonly<Record<string, RequestCache | undefined>>> {
  const said: Record<string, RequestCache | undefined> = {};
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    said[`${init?.method ?? 'GET'} ${pathname}`] = input instanceof Request ? input.cache : init?.cache;
    if (pathname.startsWith('/token')) return text('a-token');
    if (pathname === '/up') return text('yes');
    return pathname === '/time' ? json([1]) : json(pathname.endsWith('revokeTokens') ? [] : { token: 't' });
  };
  const withKey = new Auth({ key: KEY, fetch });
  await new Auth({ authUrl: 'https://example.com/token', fetch }).requestToken();
  await new Auth({ authUrl: 'https://example.com/token', authMethod: 'POST', fetch }).requestToken();
  await withKey.requestToken();
  await withKey.time();
  await withKey.revokeTokens({ type: 'clientId', value: 'ada' });
  const look = { url: 'https://example.com/up', fetch, clock: new VirtualClock(), timeoutMs: 1_000 };
  expect(await isReachable(look, new AbortController().signal)).toBe(true);
  return said;
}

const kinds = [
  'GET /token',
  'POST /token',
  'POST /keys/app.key/requestToken',
  'GET /time',
  'POST /keys/app.key/revokeTokens',
  'GET /up',
];

afterEach(() => vi.unstubAllGlobals());

describe('a request of the client', () => {
  it.each(kinds)('a request of the client is not cached: %s', async (kind) => {
    expect((await modes())[kind]).toBe('no-store');
  });

  it('a request has no cache option on a platform without it, such as an older Worker', async () => {
    vi.stubGlobal('Request', class {});
    expect(await modes()).toEqual(Object.fromEntries(kinds.map((kind) => [kind, undefined])));
  });
});

describe('auth.fetch()', () => {
  const modeOf = async (input: string | Request, init?: RequestInit): Promise<RequestCache | undefined> => {
    let mode: RequestCache | undefined;
    const fetch: typeof globalThis.fetch = async (_address, sent) => {
      mode = sent?.cache;
      return json({});
    };
    const auth = new Auth({ authCallback: async () => 'a-token', fetch });
    await auth.fetch(input, init);
    auth.dispose();
    return mode;
  };
  const ADDRESS = 'https://main.realtime.ably.net/a';

  it('auth.fetch() is not cached, unless the caller sets the cache option', async () => {
    expect(await modeOf('/a')).toBe('no-store');
    expect(await modeOf('/a', { method: 'POST', body: 'x' })).toBe('no-store');
    expect(await modeOf(new Request(ADDRESS))).toBe('no-store');
    expect(await modeOf('/a', { cache: 'default' })).toBe('default');
    expect(await modeOf('/a', { cache: 'force-cache' })).toBe('force-cache');
    expect(await modeOf(new Request(ADDRESS, { cache: 'reload' }))).toBe('reload');
  });
});
