import { describe, expect, vi } from 'vitest';
import type { ClientOptions, TokenDetails, TokenParams } from '../../../src/index.js';
import { utsCase } from '../case.js';
import { json, MockHttp } from '../mock-http.js';
import { credentialsOf, KEY, newAuth } from './new-auth.js';

const EXPIRES = Date.UTC(2030, 0, 1) + 3_600_000;
const PATH = '/channels/test';

const channel = () => new MockHttp(() => json({ channelId: 'test', status: { isActive: true } }));
const tokenOf = (clientId?: string, token = 'a-token'): TokenDetails =>
  clientId === undefined ? { token, expires: EXPIRES } : { token, expires: EXPIRES, clientId };

describe('clientId', () => {
  utsCase('rest/unit/RSA7a/clientid-from-options-0', 'is the one of the options', () => {
    expect(newAuth({ key: KEY, clientId: 'my-client-id' }).clientId).toBe('my-client-id');
  });

  utsCase('rest/unit/RSA7b/clientid-from-token-details-0', 'is the one of a given token', () => {
    const auth = newAuth({ tokenDetails: tokenOf('token-client-id'), fetch: channel().fetch });
    expect(auth.clientId).toBe('token-client-id');
  });

  utsCase(
    'rest/unit/RSA7b/clientid-from-callback-token-1',
    'is the one of the token that authCallback gave for a request',
    async () => {
      const authCallback = async () => tokenOf('callback-client-id');
      const auth = newAuth({ authCallback, fetch: channel().fetch });
      expect(auth.clientId).toBeNull();
      await auth.fetch(PATH);
      expect(auth.clientId).toBe('callback-client-id');
    },
  );

  utsCase('rest/unit/RSA7c/clientid-null-unidentified-0', 'is null when nothing says who this is', () => {
    expect(newAuth({ key: KEY }).clientId).toBeNull();
  });

  utsCase(
    'rest/unit/RSA7c/clientid-null-unidentified-token-1',
    'is null with a token without a clientId',
    async () => {
      const auth = newAuth({ tokenDetails: tokenOf(), fetch: channel().fetch });
      expect(auth.clientId).toBeNull();
      await auth.fetch(PATH);
      expect(auth.clientId).toBeNull();
    },
  );

  utsCase('rest/unit/RSA12a/clientid-passed-to-callback-0', 'is told to authCallback', async () => {
    const authCallback = vi.fn(async (_params: TokenParams) => tokenOf());
    const auth = newAuth({ authCallback, clientId: 'library-client-id', fetch: channel().fetch });
    await auth.fetch(PATH);
    expect(authCallback).toHaveBeenCalledTimes(1);
    expect(authCallback.mock.calls[0]?.[0].clientId).toBe('library-client-id');
  });

  utsCase(
    'rest/unit/RSA12b/clientid-sent-to-authurl-0',
    'is told to authUrl, by GET and by POST',
    async () => {
      for (const authMethod of ['GET', 'POST'] as const) {
        const http = new MockHttp(({ url }) =>
          url.host === 'auth.example.com'
            ? json(tokenOf(undefined, 'url-token'))
            : json({ channelId: 'test' }),
        );
        const authUrl = 'https://auth.example.com/token';
        const auth = newAuth({ authUrl, authMethod, clientId: 'url-client-id', fetch: http.fetch });
        await auth.fetch(PATH);
        const [asked, sent] = http.requests;
        expect(asked?.url.host).toBe('auth.example.com');
        expect(asked?.method).toBe(authMethod);
        const sentParams = authMethod === 'GET' ? asked?.url.searchParams : new URLSearchParams(asked?.body);
        expect(sentParams?.get('clientId')).toBe('url-client-id');
        expect(credentialsOf(sent)).toEqual(['Bearer', 'url-token']);
      }
    },
  );

  utsCase('rest/unit/RSA7/clientid-updated-after-authorize-0', 'follows the token in use', async () => {
    let count = 0;
    const authCallback = async () => {
      count += 1;
      return tokenOf(`client-${count}`, `token-${count}`);
    };
    const auth = newAuth({ authCallback, fetch: channel().fetch });
    await auth.fetch(PATH);
    expect(auth.clientId).toBe('client-1');
    await auth.authorize();
    expect(auth.clientId).toBe('client-2');
  });

  utsCase('rest/unit/RSA12/wildcard-clientid-0', "is '*' with a token for anybody", () => {
    const auth = newAuth({ tokenDetails: tokenOf('*', 'wildcard-token'), fetch: channel().fetch });
    expect(auth.clientId).toBe('*');
  });

  utsCase(
    'rest/unit/RSA7/clientid-mismatch-error-1',
    'of options and token must agree, whether the token is given or fetched',
    async () => {
      const accepted = [
        { own: 'client-a', token: 'client-a', becomes: 'client-a' },
        { own: 'client-a', token: undefined, becomes: 'client-a' },
        { own: 'client-a', token: '*', becomes: 'client-a' },
        { own: undefined, token: 'client-b', becomes: 'client-b' },
      ];
      for (const { own, token, becomes } of accepted) {
        const identity = own === undefined ? {} : { clientId: own };
        const given: ClientOptions = { ...identity, tokenDetails: tokenOf(token) };
        const fetched: ClientOptions = { ...identity, authCallback: async () => tokenOf(token) };
        for (const options of [given, fetched]) {
          const auth = newAuth({ ...options, fetch: channel().fetch });
          expect((await auth.fetch(PATH)).status).toBe(200);
          expect(auth.clientId).toBe(becomes);
        }
      }

      const clientId = 'client-a';
      expect(() => newAuth({ clientId, tokenDetails: tokenOf('client-b') })).toThrow(/clientId/);
      const http = channel();
      const auth = newAuth({ clientId, authCallback: async () => tokenOf('client-b'), fetch: http.fetch });
      await expect(auth.fetch(PATH)).rejects.toThrow(/clientId/);
      expect(http.requests).toHaveLength(0);
    },
  );

  utsCase(
    'rest/unit/RSA15a/token-clientid-must-match-0',
    'of a given token is compared when the client is made',
    () => {
      const clientId = 'my-client';
      expect(newAuth({ clientId, tokenDetails: tokenOf('my-client') }).clientId).toBe('my-client');
      expect(() => newAuth({ clientId, tokenDetails: tokenOf('other-client') })).toThrow(
        expect.objectContaining({ code: 40102 }),
      );
    },
  );

  utsCase(
    'rest/unit/RSA15b/wildcard-token-permits-any-0',
    'of the options stays with a token for anybody',
    async () => {
      const http = channel();
      const auth = newAuth({ clientId: 'any-client', tokenDetails: tokenOf('*'), fetch: http.fetch });
      expect(auth.clientId).toBe('any-client');
      await auth.fetch(PATH);
      expect(http.requests).toHaveLength(1);
      expect(auth.clientId).toBe('any-client');
    },
  );

  utsCase(
    'rest/unit/RSA15c/incompatible-clientid-error-0',
    'of a fetched token for somebody else is an error, and the token is not used',
    async () => {
      const clientId = 'my-client';
      expect(() => newAuth({ clientId, tokenDetails: tokenOf('other-client') })).toThrow(
        expect.objectContaining({ code: 40102 }),
      );
      const http = channel();
      const authCallback = async () => tokenOf('other-client');
      const auth = newAuth({ clientId, authCallback, fetch: http.fetch });
      await expect(auth.authorize()).rejects.toMatchObject({ code: 40102, statusCode: 401 });
      expect(auth.tokenDetails).toBeNull();
      expect(auth.clientId).toBe('my-client');
      await expect(auth.fetch(PATH)).rejects.toMatchObject({ code: 40102 });

      // A signed request for another client is refused before it is exchanged.
      const issuer = newAuth({ key: KEY });
      const foreign = newAuth({
        clientId,
        authCallback: () => issuer.createTokenRequest({ clientId: 'other-client' }),
        fetch: http.fetch,
      });
      await expect(foreign.authorize()).rejects.toMatchObject({ code: 40102, statusCode: 401 });
      expect(http.requests).toHaveLength(0);
    },
  );
});
