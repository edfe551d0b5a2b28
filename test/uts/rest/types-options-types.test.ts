import { describe, expect, vi } from 'vitest';
import { Auth, type ClientOptions } from '../../../src/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { contradictedCase, utsCase } from '../case.js';
import { json, MockHttp } from '../mock-http.js';
import { credentialsOf, KEY, newAuth } from './new-auth.js';

const TIME = Date.UTC(2031, 0, 1);

/** Begins to answer, and never ends. */
const halfAnswer: typeof fetch = async (input, init) => {
  const { signal } = new Request(input, init);
  const body = new ReadableStream({
    start: (stream) => signal.addEventListener('abort', () => stream.error(signal.reason), { once: true }),
  });
  return new Response(body);
};

/** How long each host is waited for, ms, and how many hosts are tried. */
async function patience(
  answer: typeof fetch,
  more: ClientOptions = {},
): Promise<[ms: number, hosts: number]> {
  const clock = new VirtualClock();
  const asked: number[] = [];
  const startedAt = clock.now();
  const auth = newAuth({
    key: KEY,
    realtimeRequestTimeout: 600_000,
    clock,
    fetch: (input, init) => {
      asked.push(clock.now() - startedAt);
      return answer(input, init);
    },
    ...more,
  });
  const failure = auth.time().catch((thrown: unknown) => thrown);
  await clock.advance(300_000);
  expect(await failure).toMatchObject({ code: 80003 });
  return [asked[1] ?? 0, asked.length];
}

const refusalOf = (options: ClientOptions): unknown => {
  try {
    return newAuth(options);
  } catch (thrown) {
    return thrown;
  }
};

describe('rest/unit/types/options_types.md', () => {
  contradictedCase(
    'rest/unit/TO3/client-options-attributes-0',
    'has the defaults of the options that auth has a use for, and refuses those of channels by name',
    async () => {
      // authMethod GET, authHeaders and authParams empty, tls true, queryTime false, no clientId
      const http = new MockHttp(({ url }) =>
        url.hostname === 'auth.example.com' ? json({ token: 'a token' }) : json([TIME]),
      );
      await newAuth({ authUrl: 'https://auth.example.com/token', fetch: http.fetch }).requestToken();
      const auth = newAuth({ key: KEY, fetch: http.fetch });
      expect(Object.keys(await auth.createTokenRequest()).sort()).toEqual([
        'keyName',
        'mac',
        'nonce',
        'timestamp',
      ]);
      await auth.time();
      expect(auth.clientId).toBeNull();
      expect(http.requests.map(({ method, url }) => [method, url.href])).toEqual([
        // authCacheParam: no other parameter is added.
        ['GET', expect.stringMatching(/^https:\/\/auth\.example\.com\/token\?_=[\w-]+$/)],
        ['GET', 'https://main.realtime.ably.net/time'],
      ]);
      expect(http.requests[0]?.headers.has('authorization')).toBe(false);

      // httpRequestTimeout 10 s, httpMaxRetryDuration 15 s, httpMaxRetryCount 3
      expect(await patience(halfAnswer)).toEqual([10_000, 2]);
      expect(await patience(halfAnswer, { httpMaxRetryDuration: 25_000 })).toEqual([10_000, 3]);
      expect((await patience(new MockHttp(() => new TypeError('refused')).fetch))[1]).toBe(4);

      const own = new MockHttp(() => json([TIME]));
      const set = { key: KEY, clientId: 'my-client', endpoint: 'test', tls: false, useTokenAuth: true };
      const other = newAuth({ ...set, queryTime: true, fetch: own.fetch });
      expect(other.clientId).toBe('my-client');
      expect(await other.createTokenRequest()).toMatchObject({
        keyName: 'appId.keyId',
        clientId: 'my-client',
        timestamp: TIME,
      });
      expect(own.requests.map(({ url }) => url.href)).toEqual(['http://test.realtime.ably.net/time']);
      expect(
        await patience(halfAnswer, { httpRequestTimeout: 30_000, httpMaxRetryDuration: 60_000 }),
      ).toEqual([30_000, 2]);

      for (const name of [
        'useBinaryProtocol',
        'idempotentRestPublishing',
        'addRequestIds',
        'maxMessageSize',
      ]) {
        const message = `unknown option "${name}"`;
        expect(refusalOf({ key: KEY, [name]: true })).toMatchObject({ code: 40003, message });
      }
    },
  );

  utsCase(
    'rest/unit/TO3/client-options-auth-url-2',
    'asks authUrl by the method, headers and parameters given',
    async () => {
      const http = new MockHttp(() => json({ token: 'a token' }));
      const auth = newAuth({
        authUrl: 'https://auth.example.com/token',
        authMethod: 'POST',
        authHeaders: { 'X-API-Key': 'secret' },
        authParams: { scope: 'full' },
        fetch: http.fetch,
      });
      await auth.authorize();
      const [request] = http.requests;
      expect([request?.method, request?.url.href]).toEqual(['POST', 'https://auth.example.com/token']);
      expect(request?.headers.get('X-API-Key')).toBe('secret');
      expect(request?.body).toBe('scope=full');
    },
  );

  utsCase(
    'rest/unit/TO3/client-options-default-token-params-3',
    'takes defaultTokenParams where a call gives none',
    async () => {
      const defaultTokenParams = {
        ttl: 7_200_000,
        clientId: 'default-client',
        capability: '{"*":["subscribe"]}',
      };
      expect(await newAuth({ key: KEY, defaultTokenParams }).createTokenRequest()).toMatchObject(
        defaultTokenParams,
      );
    },
  );

  utsCase('rest/unit/AO2/auth-options-attributes-0', 'takes every auth option in a call', async () => {
    const http = new MockHttp(({ url }) =>
      url.pathname === '/time' ? json([TIME]) : json({ token: 'from the URL' }),
    );
    const auth = newAuth({ key: 'other.key:secret', fetch: http.fetch });
    const token = await auth.requestToken(null, {
      authUrl: 'https://auth.example.com/token',
      authMethod: 'POST',
      authHeaders: { Authorization: 'Bearer api-key' },
      authParams: { user: 'test' },
      queryTime: true,
    });
    expect(token.token).toBe('from the URL');
    const asked = http.requests.find(({ url }) => url.hostname === 'auth.example.com');
    expect([asked?.method, asked?.url.pathname, asked?.body]).toEqual(['POST', '/token', 'user=test']);
    expect(asked?.headers.get('authorization')).toBe('Bearer api-key');

    expect(await auth.createTokenRequest(null, { key: KEY, queryTime: true })).toMatchObject({
      keyName: 'appId.keyId',
      timestamp: TIME,
    });
    expect((await auth.requestToken(null, { authCallback: async () => 'called' })).token).toBe('called');
    const literal = { token: 'a token' };
    expect(await newAuth({ key: KEY }).authorize(null, literal)).toMatchObject(literal);
    expect(await newAuth({ key: KEY }).authorize(null, { tokenDetails: literal })).toMatchObject(literal);
  });

  utsCase('rest/unit/AO/auth-options-with-callback-0', 'calls the authCallback it was given', async () => {
    const expires = Date.UTC(2030, 0, 1, 1);
    const authCallback = vi.fn(async () => ({ token: 'callback-token', expires }));
    const auth = newAuth({ authCallback });
    expect(authCallback).not.toHaveBeenCalled();
    expect(await auth.requestToken()).toEqual({ token: 'callback-token', expires });
    expect(authCallback).toHaveBeenCalledTimes(1);
  });

  utsCase(
    'rest/unit/TO/conflicting-options-validation-1',
    'prefers authCallback to the key, refuses endpoint besides restHost, and refuses to have no means',
    async () => {
      const http = new MockHttp(() => json([]));
      const auth = newAuth({ key: KEY, authCallback: async () => 'from-the-callback', fetch: http.fetch });
      await auth.fetch('/channels/test/messages');
      expect(http.requests.map(credentialsOf)).toEqual([['Bearer', 'from-the-callback']]);

      const hosts = { key: KEY, restHost: 'custom.host.com', endpoint: 'test' };
      expect(refusalOf(hosts)).toMatchObject({
        code: 40003,
        message: expect.stringContaining('restHost'),
      });
      expect(() => new Auth({})).toThrow(/key|token/);
      expect(refusalOf({})).toMatchObject({ code: 40106, statusCode: 401 });
    },
  );
});
