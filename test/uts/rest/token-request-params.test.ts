import { afterEach, describe, expect } from 'vitest';
import { Auth, type ClientOptions } from '../../../src/index.js';
import { utsCase } from '../case.js';

const key = 'appId.keyId:keySecret';

describe('ttl and capability of a token request', () => {
  let auth: Auth | undefined;
  const signer = (defaultTokenParams?: ClientOptions['defaultTokenParams']) => {
    auth = new Auth(defaultTokenParams === undefined ? { key } : { key, defaultTokenParams });
    return auth;
  };

  afterEach(() => auth?.dispose());

  utsCase('rest/unit/RSA5/ttl-null-when-unspecified-0', 'leaves ttl to the server', async () => {
    const request = await signer().createTokenRequest();
    expect(request.ttl).toBeUndefined();
    expect(JSON.parse(JSON.stringify(request))).not.toHaveProperty('ttl');
  });

  utsCase('rest/unit/RSA5b/explicit-ttl-preserved-0', 'keeps the ttl it is called with', async () => {
    expect((await signer().createTokenRequest({ ttl: 7_200_000 })).ttl).toBe(7_200_000);
  });

  utsCase('rest/unit/RSA5c/ttl-from-default-params-0', 'takes ttl from defaultTokenParams', async () => {
    expect((await signer({ ttl: 1_800_000 }).createTokenRequest()).ttl).toBe(1_800_000);
  });

  utsCase('rest/unit/RSA5d/explicit-ttl-overrides-default-0', 'prefers the ttl of the call', async () => {
    expect((await signer({ ttl: 1_800_000 }).createTokenRequest({ ttl: 600_000 })).ttl).toBe(600_000);
  });

  utsCase(
    'rest/unit/RSA6/capability-null-when-unspecified-0',
    'leaves capability to the server',
    async () => {
      const request = await signer().createTokenRequest();
      expect(request.capability).toBeUndefined();
      expect(JSON.parse(JSON.stringify(request))).not.toHaveProperty('capability');
    },
  );

  utsCase('rest/unit/RSA6b/explicit-capability-preserved-0', 'keeps the capability of the call', async () => {
    const capability = '{"channel-a":["publish","subscribe"]}';
    expect((await signer().createTokenRequest({ capability })).capability).toBe(capability);
  });

  utsCase(
    'rest/unit/RSA6c/capability-from-default-params-0',
    'takes capability from defaultTokenParams',
    async () => {
      const capability = '{"*":["subscribe"]}';
      expect((await signer({ capability }).createTokenRequest()).capability).toBe(capability);
    },
  );

  utsCase(
    'rest/unit/RSA6d/explicit-capability-overrides-default-0',
    'prefers the capability of the call',
    async () => {
      const capability = '{"channel-x":["publish"]}';
      const request = await signer({ capability: '{"*":["subscribe"]}' }).createTokenRequest({ capability });
      expect(request.capability).toBe(capability);
    },
  );
});
