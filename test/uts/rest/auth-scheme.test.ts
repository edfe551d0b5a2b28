import { describe, expect } from 'vitest';
import type { ClientOptions } from '../../../src/index.js';
import { contradictedCase, utsCase } from '../case.js';
import { ablyError, json, MockHttp } from '../mock-http.js';
import { credentialsOf, KEY, newAuth } from './new-auth.js';

const NOW = Date.UTC(2030, 0, 1);
const EXPIRES = NOW + 3_600_000;
const PATH = '/channels/test';

const service = () =>
  new MockHttp(({ url }) => {
    if (url.host === 'auth.example.com') return json({ token: 'authurl-token', expires: EXPIRES });
    if (url.pathname.endsWith('/requestToken')) return json({ token: 'obtained-token', expires: EXPIRES });
    return json({ channelId: 'test' });
  });

/** The credentials with which a request of such a client reaches the service. */
const schemeOf = async (options: ClientOptions) => {
  const http = service();
  await newAuth({ ...options, fetch: http.fetch }).fetch(PATH);
  return credentialsOf(http.requests.find(({ url }) => url.pathname === PATH));
};

const authCallback = async () => ({ token: 'callback-token', expires: EXPIRES });

describe('the scheme', () => {
  utsCase('rest/unit/RSA4/basic-auth-key-only-0', 'is Basic with a key alone', async () => {
    expect(await schemeOf({ key: KEY })).toEqual(['Basic', KEY]);
  });

  utsCase('rest/unit/RSA3/token-auth-explicit-token-0', 'is Bearer with a token', async () => {
    expect(await schemeOf({ token: 'explicit-token-string' })).toEqual(['Bearer', 'explicit-token-string']);
  });

  utsCase('rest/unit/RSA3/token-auth-token-details-1', 'is Bearer with a TokenDetails', async () => {
    const tokenDetails = { token: 'token-from-details', expires: EXPIRES };
    expect(await schemeOf({ tokenDetails })).toEqual(['Bearer', 'token-from-details']);
  });

  utsCase(
    'rest/unit/RSA4/use-token-auth-forced-1',
    'is Bearer with a key and useTokenAuth, by a token the key gets',
    async () => {
      const http = service();
      await newAuth({ key: KEY, useTokenAuth: true, fetch: http.fetch }).fetch(PATH);
      expect(http.requests.map(({ url }) => url.pathname)).toEqual(['/keys/appId.keyId/requestToken', PATH]);
      expect(credentialsOf(http.requests[1])).toEqual(['Bearer', 'obtained-token']);
    },
  );

  utsCase('rest/unit/RSA4/auth-callback-triggers-token-2', 'is Bearer with an authCallback', async () => {
    expect(await schemeOf({ authCallback })).toEqual(['Bearer', 'callback-token']);
  });

  utsCase('rest/unit/RSA4/authurl-triggers-token-3', 'is Bearer with an authUrl', async () => {
    expect(await schemeOf({ authUrl: 'https://auth.example.com/token' })).toEqual([
      'Bearer',
      'authurl-token',
    ]);
  });

  utsCase('rest/unit/RSC1b/no-auth-method-error-0', 'is asked for at construction', () => {
    const http = service();
    expect(() => newAuth({ fetch: http.fetch })).toThrow(
      expect.objectContaining({ code: 40106, statusCode: 401 }),
    );
    expect(http.requests).toHaveLength(0);
  });

  contradictedCase(
    'rest/unit/RSA4a2/expired-token-no-renewal-0',
    'sends a token that seems expired: without the time of the server, that is for the server to judge (RSA4b1); its refusal is 40171',
    async () => {
      const http = new MockHttp(() => ablyError(40142, 401, 'Token expired'));
      const auth = newAuth({
        tokenDetails: { token: 'expired-token', expires: NOW - 1_000 },
        fetch: http.fetch,
      });
      await expect(auth.fetch(PATH)).rejects.toMatchObject({
        code: 40171,
        statusCode: 401,
        cause: expect.objectContaining({ code: 40142 }) as unknown,
      });
      expect(http.requests.map(credentialsOf)).toEqual([['Bearer', 'expired-token']]);
      // From here on the client knows that the token has expired.
      await expect(auth.fetch(PATH)).rejects.toMatchObject({ code: 40171 });
      expect(http.requests).toHaveLength(1);
    },
  );

  utsCase(
    'rest/unit/RSA1/token-auth-takes-precedence-0',
    'is Bearer with a key and an authCallback',
    async () => {
      expect(await schemeOf({ key: KEY, authCallback })).toEqual(['Bearer', 'callback-token']);
    },
  );

  utsCase('rest/unit/RSA2/basic-auth-header-format-0', 'sends the key in Base64', async () => {
    const http = service();
    await newAuth({ key: 'app123.key456:secretXYZ', fetch: http.fetch }).fetch(PATH);
    expect(http.requests[0]?.headers.get('authorization')).toBe('Basic YXBwMTIzLmtleTQ1NjpzZWNyZXRYWVo=');
  });

  utsCase('rest/unit/RSC18/token-auth-over-non-tls-0', 'is Bearer without TLS as well', async () => {
    const http = service();
    await newAuth({ token: 'explicit-token', tls: false, fetch: http.fetch }).fetch(PATH);
    expect(http.requests[0]?.url.protocol).toBe('http:');
    expect(credentialsOf(http.requests[0])).toEqual(['Bearer', 'explicit-token']);
  });
});
