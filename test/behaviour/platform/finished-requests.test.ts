import { describe, expect, it } from 'vitest';
import { isReachable } from '../../../src/connection/realtime/connectivity.js';
import { Auth, type ClientOptions } from '../../../src/index.js';
import { fakeConnection, settle, VirtualClock } from '../../../src/testing/index.js';
import { ablyError, json, text } from '../../uts/mock-http.js';

const key = 'app.key:secret';
const authUrl = 'https://example.com/token';
type Fetch = NonNullable<ClientOptions['fetch']>;

const answers = (address: string): Response => {
  if (address.startsWith(authUrl)) return text('a-token');
  if (address.endsWith('/requestToken')) return json({ token: 'a-token' }, 201);
  return address.endsWith('/time') ? json([1]) : json([]);
};

const connected = () => fakeConnection({ state: 'connected' });

/** Each asks, is answered, and ends its client. */
const kinds: readonly (readonly [string, (fetch: Fetch) => Promise<unknown>])[] = [
  [
    'requestToken() of authUrl by GET',
    (fetch) => ended(new Auth({ authUrl, fetch }), (auth) => auth.requestToken()),
  ],
  [
    'requestToken() of authUrl by POST',
    (fetch) => ended(new Auth({ authUrl, authMethod: 'POST', fetch }), (auth) => auth.requestToken()),
  ],
  ['requestToken() of a key', (fetch) => ended(new Auth({ key, fetch }), (auth) => auth.requestToken())],
  ['authorize()', (fetch) => ended(new Auth({ authUrl, fetch }), (auth) => auth.authorize())],
  [
    'authorize() with a connection',
    (fetch) => ended(new Auth({ authUrl, fetch, connection: connected() }), (auth) => auth.authorize()),
  ],
  [
    'createTokenRequest() by the time of the server',
    (fetch) => ended(new Auth({ key, queryTime: true, fetch }), (auth) => auth.createTokenRequest()),
  ],
  ['time()', (fetch) => ended(new Auth({ key, fetch }), (auth) => auth.time())],
  [
    'revokeTokens()',
    (fetch) =>
      ended(new Auth({ key, fetch }), (auth) => auth.revokeTokens({ type: 'clientId', value: 'ada' })),
  ],
  [
    'auth.fetch()',
    (fetch) => ended(new Auth({ key, fetch }), async (auth) => (await auth.fetch('/a')).text()),
  ],
  [
    'the connectivity check',
    async (fetch) => {
      const over = new AbortController();
      await isReachable(
        { url: 'https://up.example/', fetch, clock: new VirtualClock(), timeoutMs: 1_000 },
        over.signal,
      );
      over.abort();
    },
  ],
];

async function ended(auth: Auth, ask: (auth: Auth) => Promise<unknown>): Promise<void> {
  await ask(auth).catch(() => {});
  await settle();
  auth.dispose();
  await settle();
}

/** The signals that requests had, and whether each had aborted when the client was over. */
async function aborted(ask: (fetch: Fetch) => Promise<unknown>, answer: (address: string) => Response) {
  const signals: (AbortSignal | null | undefined)[] = [];
  await ask(async (address, { signal }) => {
    signals.push(signal);
    return answer(address);
  });
  return signals.map((signal) => signal?.aborted);
}

describe('the signal of a request that was answered', () => {
  it.each(kinds)('never aborts: %s', async (_kind, ask) => {
    const all = await aborted(ask, answers);
    expect(all.length).toBeGreaterThan(0);
    expect(all.filter((one) => one !== false)).toEqual([]);
  });

  it.each(kinds)('never aborts where the answer is a refusal: %s', async (_kind, ask) => {
    const all = await aborted(ask, () => ablyError(40101, 401));
    expect(all.length).toBeGreaterThan(0);
    expect(all.filter((one) => one !== false)).toEqual([]);
  });

  it.each(kinds)('never aborts where the answer cannot be read: %s', async (_kind, ask) => {
    const all = await aborted(ask, () => text('not what was asked for', 'text/html'));
    expect(all.length).toBeGreaterThan(0);
    expect(all.filter((one) => one !== false)).toEqual([]);
  });
});
