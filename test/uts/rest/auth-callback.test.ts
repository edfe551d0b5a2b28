import { describe, expect, vi } from 'vitest';
import type { AuthOptions, TokenParams } from '../../../src/index.js';
import { contradictedCase, utsCase } from '../case.js';
import { json, MockHttp, type SeenRequest, text } from '../mock-http.js';
import { credentialsOf, newAuth } from './new-auth.js';

const EXPIRES = Date.UTC(2030, 0, 1) + 3_600_000;
const PATH = '/channels/test';
const AUTH_URL = 'https://auth.example.com/token';

/** A service that answers every request, and an endpoint for tokens. */
const services = (endpoint: () => Response = () => json({ token: 'authurl-token', expires: EXPIRES })) =>
  new MockHttp(({ url }) => (url.host === 'auth.example.com' ? endpoint() : json({ channelId: 'test' })));

/** The requests to the endpoint, and then to the service, when a first token is needed. */
const requestBy = async (options: AuthOptions, http = services()) => {
  const auth = newAuth({ ...options, fetch: http.fetch });
  const response = await auth.fetch(PATH);
  expect(response.status).toBe(200);
  expect(http.requests).toHaveLength(2);
  return http.requests as [SeenRequest, SeenRequest];
};

describe('authCallback', () => {
  utsCase('rest/unit/RSA8d/callback-invoked-for-auth-0', 'is asked when a token is needed', async () => {
    const http = services();
    const authCallback = vi.fn(async (_params: TokenParams) => ({
      token: 'callback-token',
      expires: EXPIRES,
    }));
    await newAuth({ authCallback, fetch: http.fetch }).fetch(PATH);
    expect(authCallback).toHaveBeenCalledTimes(1);
    expect(authCallback.mock.calls[0]?.[0]).toEqual({});
    expect(http.requests.map(credentialsOf)).toEqual([['Bearer', 'callback-token']]);
  });

  utsCase('rest/unit/RSA8d/callback-returns-jwt-1', 'gives a JWT as a text', async () => {
    const jwt = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.test-jwt-payload';
    const http = services();
    await newAuth({ authCallback: async () => jwt, fetch: http.fetch }).fetch(PATH);
    expect(http.requests.map(credentialsOf)).toEqual([['Bearer', jwt]]);
  });

  utsCase(
    'rest/unit/RSA8d/callback-returns-token-request-2',
    'gives a TokenRequest, which is exchanged as it is',
    async () => {
      const http = new MockHttp(({ url }) =>
        url.pathname.endsWith('/requestToken')
          ? json({ token: 'exchanged-token', expires: EXPIRES })
          : json({ channelId: 'test' }),
      );
      const tokenRequest = {
        keyName: 'app.key',
        ttl: 3_600_000,
        timestamp: EXPIRES - 3_600_000,
        nonce: 'unique-nonce',
        mac: 'computed-mac',
      };
      await newAuth({ authCallback: async () => tokenRequest, fetch: http.fetch }).fetch(PATH);
      const [exchange, request] = http.requests;
      expect(http.requests).toHaveLength(2);
      expect([exchange?.method, exchange?.url.pathname]).toEqual(['POST', '/keys/app.key/requestToken']);
      expect(JSON.parse(exchange?.body ?? '')).toEqual(tokenRequest);
      expect(exchange?.headers.has('authorization')).toBe(false);
      expect(credentialsOf(request)).toEqual(['Bearer', 'exchanged-token']);
    },
  );

  utsCase(
    'rest/unit/RSA8d/callback-receives-token-params-3',
    'is given the TokenParams of authorize()',
    async () => {
      const authCallback = vi.fn(async (_params: TokenParams) => ({ token: 'test-token', expires: EXPIRES }));
      const auth = newAuth({ authCallback, fetch: services().fetch });
      await auth.authorize({
        clientId: 'requested-client-id',
        ttl: 7_200_000,
        capability: { channel1: ['publish'] },
      });
      // TK2b: a capability is JSON text.
      expect(authCallback.mock.calls.map(([params]) => params)).toEqual([
        { clientId: 'requested-client-id', ttl: 7_200_000, capability: '{"channel1":["publish"]}' },
      ]);
    },
  );

  utsCase(
    'rest/unit/RSA8d/callback-error-propagated-4',
    'fails, and who needed the token is told why',
    async () => {
      const http = services();
      const cause = new Error('Authentication server unavailable');
      const auth = newAuth({
        authCallback: () => {
          throw cause;
        },
        fetch: http.fetch,
      });
      const error = await auth.fetch(PATH).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 40170, statusCode: 401, cause });
      expect(error).toHaveProperty(
        'message',
        expect.stringContaining('Authentication server unavailable') as never,
      );
      expect(http.requests).toHaveLength(0);
    },
  );
});

describe('authUrl', () => {
  utsCase('rest/unit/RSA8c/authurl-invoked-for-auth-0', 'is asked when a token is needed', async () => {
    const [asked, request] = await requestBy({ authUrl: AUTH_URL });
    expect([asked.method, asked.url.host, asked.url.pathname]).toEqual(['GET', 'auth.example.com', '/token']);
    expect(credentialsOf(request)).toEqual(['Bearer', 'authurl-token']);
  });

  utsCase('rest/unit/RSA8c/authurl-post-method-1', 'is posted to where authMethod says so', async () => {
    const [asked] = await requestBy({ authUrl: AUTH_URL, authMethod: 'POST' });
    expect([asked.method, asked.url.href]).toEqual(['POST', AUTH_URL]);
  });

  utsCase('rest/unit/RSA8c/authurl-custom-headers-2', 'is sent authHeaders', async () => {
    const authHeaders = { 'X-Custom-Header': 'custom-value', 'X-API-Key': 'my-api-key' };
    const [asked, request] = await requestBy({ authUrl: AUTH_URL, authHeaders });
    expect(asked.headers.get('x-custom-header')).toBe('custom-value');
    expect(asked.headers.get('x-api-key')).toBe('my-api-key');
    // The headers are for the endpoint alone.
    expect(request.headers.has('x-api-key')).toBe(false);
  });

  utsCase('rest/unit/RSA8c/authurl-query-params-3', 'is sent authParams in its query', async () => {
    const authParams = { client_id: 'my-client', scope: 'publish:*' };
    const [asked] = await requestBy({ authUrl: AUTH_URL, authParams });
    expect(Object.fromEntries(asked.url.searchParams)).toEqual({ ...authParams, _: expect.any(String) });
  });

  utsCase('rest/unit/RSA8c/authurl-returns-jwt-4', 'answers with a JWT as plain text', async () => {
    const jwt = 'eyJhbGciOiJIUzI1NiJ9.jwt-body.signature';
    const http = services(() => text(jwt));
    const [, request] = await requestBy({ authUrl: 'https://auth.example.com/jwt' }, http);
    expect(credentialsOf(request)).toEqual(['Bearer', jwt]);
  });

  contradictedCase(
    'rest/unit/RSA8c/authurl-error-propagated-5',
    'answers 500: the error is 40170 with status 401, and names the 500 (RSA4e)',
    async () => {
      const http = services(() => json({ error: 'Internal server error' }, 500));
      const auth = newAuth({ authUrl: AUTH_URL, fetch: http.fetch });
      await expect(auth.fetch(PATH)).rejects.toMatchObject({
        code: 40170,
        statusCode: 401,
        message: expect.stringContaining('500') as unknown,
      });
      expect(http.requests.map(({ url }) => url.host)).toEqual(['auth.example.com']);
    },
  );
});
