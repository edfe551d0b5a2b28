import { createHmac } from 'node:crypto';
import { describe, expect } from 'vitest';
import type { TokenRequest } from '../../../src/index.js';
import { parseTokenDetails } from '../../../src/token/token-details.js';
import { parseTokenParams } from '../../../src/token/token-params.js';
import { utsCase } from '../case.js';
import { json, MockHttp } from '../mock-http.js';
import { KEY, newAuth } from './new-auth.js';

const EXPIRES = 1_234_567_890_000;
const ISSUED = 1_234_567_800_000;

/** What the service received when an application's endpoint answered with `request`. */
async function exchanged(request: TokenRequest): Promise<unknown> {
  const http = new MockHttp(({ url }) =>
    url.hostname === 'auth.example.com' ? json(request) : json({ token: 'exchanged' }, 201),
  );
  const auth = newAuth({ authUrl: 'https://auth.example.com/token', fetch: http.fetch });
  expect((await auth.requestToken()).token).toBe('exchanged');
  const posted = http.requests[1];
  expect([posted?.method, posted?.url.pathname]).toEqual([
    'POST',
    `/keys/${encodeURIComponent(request.keyName)}/requestToken`,
  ]);
  return JSON.parse(posted?.body ?? '');
}

describe('rest/unit/types/token_types.md', () => {
  utsCase('rest/unit/TD1/token-details-attributes-0', 'keeps what TokenDetails say', () => {
    const held = (more: object) =>
      newAuth({ tokenDetails: { token: 'test-token', expires: Date.UTC(2031, 0, 1), ...more } }).tokenDetails;
    expect(held({})).toEqual({ token: 'test-token', expires: Date.UTC(2031, 0, 1) });
    expect(held({ issued: ISSUED })?.issued).toBe(ISSUED);
    expect(held({ capability: '{"*":["*"]}' })?.capability).toBe('{"*":["*"]}');
    expect(held({ clientId: 'my-client' })?.clientId).toBe('my-client');
  });

  utsCase('rest/unit/TD/token-details-from-json-0', 'reads TokenDetails from JSON', () => {
    const details = {
      token: 'deserialized-token',
      expires: EXPIRES,
      issued: ISSUED,
      capability: '{"channel-1":["publish"]}',
      clientId: 'json-client',
      keyName: 'appId.keyId',
    };
    expect(parseTokenDetails(JSON.parse(JSON.stringify(details)))).toEqual(details);
  });

  utsCase('rest/unit/TK1/token-params-attributes-0', 'keeps what TokenParams say, and adds nothing', () => {
    expect(parseTokenParams({})).toEqual({});
    const each = [
      { ttl: 3_600_000 },
      { capability: '{"*":["subscribe"]}' },
      { clientId: 'param-client' },
      { timestamp: EXPIRES },
      { nonce: 'unique-nonce-value' },
    ];
    for (const params of each) expect(parseTokenParams(params)).toEqual(params);
    const all = {
      ttl: 7_200_000,
      capability: '{"*":["*"]}',
      clientId: 'full-client',
      timestamp: EXPIRES,
      nonce: 'full-nonce',
    };
    expect(parseTokenParams(all)).toEqual(all);
  });

  utsCase(
    'rest/unit/TK/token-params-to-query-string-0',
    'puts TokenParams into the query of authUrl',
    async () => {
      const http = new MockHttp(() => json({ token: 'a token' }));
      const auth = newAuth({ authUrl: 'https://auth.example.com/token', fetch: http.fetch });
      await auth.requestToken({ ttl: 3_600_000, clientId: 'query-client', capability: '{"ch":["pub"]}' });
      expect(Object.fromEntries(http.requests[0]?.url.searchParams ?? [])).toEqual({
        ttl: '3600000',
        clientId: 'query-client',
        capability: '{"ch":["pub"]}',
        _: expect.any(String),
      });
    },
  );

  utsCase(
    'rest/unit/TE1/token-request-attributes-0',
    'makes TokenRequests with what was given, and no more',
    async () => {
      const auth = newAuth({ key: KEY });
      const fixed = { timestamp: EXPIRES, nonce: 'unique-nonce' };
      const bare = await auth.createTokenRequest(fixed);
      expect(bare).toEqual({ keyName: 'appId.keyId', ...fixed, mac: expect.any(String) });
      for (const params of [
        { ttl: 3_600_000 },
        { capability: '{"*":["*"]}' },
        { clientId: 'request-client' },
      ]) {
        expect(await auth.createTokenRequest({ ...fixed, ...params })).toEqual({
          ...bare,
          ...params,
          mac: expect.any(String),
        });
      }
    },
  );

  utsCase(
    'rest/unit/TE/token-request-mac-signature-0',
    'passes on the mac of a TokenRequest, as it passes on the rest',
    async () => {
      const request = {
        keyName: 'appId.keyId',
        timestamp: EXPIRES,
        nonce: 'nonce-value',
        mac: 'signature-base64',
      };
      expect(await exchanged(request)).toEqual(request);
    },
  );

  utsCase('rest/unit/TE/token-request-to-json-1', 'writes a TokenRequest as JSON', async () => {
    const params = {
      ttl: 3_600_000,
      capability: '{"*":["*"]}',
      clientId: 'json-client',
      timestamp: EXPIRES,
      nonce: 'json-nonce',
    };
    const request = await newAuth({ key: KEY }).createTokenRequest(params);
    const signed = `appId.keyId\n3600000\n{"*":["*"]}\njson-client\n${EXPIRES}\njson-nonce\n`;
    expect(JSON.parse(JSON.stringify(request))).toEqual({
      keyName: 'appId.keyId',
      ...params,
      mac: createHmac('sha256', 'keySecret').update(signed).digest('base64'),
    });
  });

  utsCase(
    'rest/unit/TE/token-request-from-json-2',
    'reads a TokenRequest from JSON, and loses nothing',
    async () => {
      const request = {
        keyName: 'appId.keyId',
        ttl: 7_200_000,
        capability: '{"ch":["sub"]}',
        clientId: 'from-json-client',
        timestamp: 1_234_567_899_999,
        nonce: 'from-json-nonce',
        mac: 'from-json-mac',
      };
      expect(await exchanged(request)).toEqual(request);
    },
  );
});
