import { describe, expect } from 'vitest';
import { Auth, type ClientOptions, ErrorInfo } from '../../../src/index.js';
import { contradictedCase, utsCase } from '../case.js';
import { json, MockHttp } from '../mock-http.js';
import { credentialsOf, KEY, newAuth } from './new-auth.js';

const TIME = 1_234_567_890_000;

describe('rest/unit/rest_client.md', () => {
  utsCase('rest/unit/RSC5/auth-attribute-accessible-0', 'is the Auth made from the options', async () => {
    const auth = newAuth({ key: KEY });
    expect(auth).toBeInstanceOf(Auth);
    expect((await auth.createTokenRequest()).keyName).toBe('appId.keyId');
  });

  utsCase('rest/unit/RSC17/client-id-from-options-0', 'has the clientId of the options', () => {
    expect(newAuth({ key: KEY, clientId: 'explicit-client-id' }).clientId).toBe('explicit-client-id');
  });

  utsCase(
    'rest/unit/RSC17/client-id-matches-auth-1',
    'speaks for that clientId, and asks tokens for it',
    async () => {
      const http = new MockHttp(() => json([]));
      const auth = newAuth({ key: KEY, clientId: 'explicit-client-id', fetch: http.fetch });
      await auth.fetch('/channels/test/messages');
      expect((await auth.createTokenRequest()).clientId).toBe(auth.clientId);
      const header = http.requests[0]?.headers.get('x-ably-clientid') ?? '';
      expect(Buffer.from(header, 'base64').toString()).toBe('explicit-client-id');
    },
  );

  contradictedCase(
    'rest/unit/RSC18/tls-controls-protocol-scheme-0',
    'goes by HTTPS unless tls is false, which a client that sends its key refuses (RSC18)',
    async () => {
      const schemeWith = async (options: ClientOptions) => {
        const http = new MockHttp(() => json([TIME]));
        expect(await newAuth({ ...options, fetch: http.fetch }).time()).toBe(TIME);
        return http.requests[0]?.url.protocol;
      };
      expect(await schemeWith({ key: KEY })).toBe('https:');
      expect(await schemeWith({ key: KEY, tls: true })).toBe('https:');
      expect(await schemeWith({ key: KEY, tls: false, useTokenAuth: true })).toBe('http:');
      expect(() => newAuth({ key: KEY, tls: false })).toThrow(expect.objectContaining({ code: 40103 }));
    },
  );

  utsCase(
    'rest/unit/RSC18/basic-auth-over-http-rejected-1',
    'refuses a key without TLS, and takes a token',
    async () => {
      const http = new MockHttp(() => json([TIME]));
      let refusal: unknown;
      try {
        newAuth({ key: KEY, tls: false, fetch: http.fetch });
      } catch (thrown) {
        refusal = thrown;
      }
      expect(refusal).toBeInstanceOf(ErrorInfo);
      expect(refusal).toMatchObject({ code: 40103, statusCode: 401 });
      expect(http.requests).toEqual([]);

      const auth = newAuth({ token: 'some-token-string', tls: false, fetch: http.fetch });
      expect(await auth.time()).toBe(TIME);
      await auth.fetch('/channels/test/messages');
      expect(http.requests.map(({ url }) => url.protocol)).toEqual(['http:', 'http:']);
      expect(credentialsOf(http.requests[1])).toEqual(['Bearer', 'some-token-string']);
    },
  );
});
