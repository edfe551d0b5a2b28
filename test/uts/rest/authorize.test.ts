import { describe, expect, vi } from 'vitest';
import type { TokenDetails, TokenParams } from '../../../src/index.js';
import { contradictedCase, utsCase } from '../case.js';
import { ablyError, json, MockHttp } from '../mock-http.js';
import { credentialsOf, KEY, newAuth } from './new-auth.js';

const EXPIRES = Date.UTC(2030, 0, 1) + 3_600_000;
const PATH = '/channels/test';
const EXCHANGE = '/keys/appId.keyId/requestToken';

/** Returns token-1, token-2 and so on, and records the parameters. */
const countingCallback = () => {
  let count = 0;
  return vi.fn(async (_params: TokenParams): Promise<TokenDetails> => {
    count += 1;
    return { token: `token-${count}`, expires: EXPIRES };
  });
};

const unused = () => new MockHttp(() => new Error('no request was expected'));

describe('authorize', () => {
  utsCase(
    'rest/unit/RSA10a/authorize-default-params-0',
    'gets a token by the key, and requests use it from then on',
    async () => {
      const http = new MockHttp(({ url }) =>
        url.pathname === EXCHANGE
          ? json({ token: 'obtained-token', expires: EXPIRES, keyName: 'appId.keyId' })
          : json({ channelId: 'test', status: { isActive: true } }),
      );
      const auth = newAuth({ key: KEY, fetch: http.fetch });
      await auth.fetch(PATH);
      expect(credentialsOf(http.requests[0])).toEqual(['Basic', KEY]);
      const details = await auth.authorize();
      expect(details).toMatchObject({ token: 'obtained-token', expires: EXPIRES });
      await auth.fetch(PATH);
      expect(http.requests.map(({ url }) => url.pathname)).toEqual([PATH, EXCHANGE, PATH]);
      expect(credentialsOf(http.requests[2])).toEqual(['Bearer', 'obtained-token']);
    },
  );

  utsCase(
    'rest/unit/RSA10b/authorize-explicit-params-0',
    'gives the source the parameters of the call instead of the defaults',
    async () => {
      const authCallback = countingCallback();
      // A token without a clientId fits any client.
      const auth = newAuth({ authCallback, clientId: 'default-client', fetch: unused().fetch });
      await auth.authorize({ clientId: 'override-client', ttl: 7_200_000 });
      expect(authCallback).toHaveBeenCalledTimes(1);
      expect(authCallback.mock.calls[0]?.[0]).toMatchObject({ clientId: 'override-client', ttl: 7_200_000 });
    },
  );

  utsCase('rest/unit/RSA10e/authorize-saves-params-0', 'keeps its parameters for later calls', async () => {
    const authCallback = countingCallback();
    const auth = newAuth({ authCallback, fetch: unused().fetch });
    await auth.authorize({ clientId: 'saved-client', ttl: 3_600_000 });
    await auth.authorize();
    expect(authCallback).toHaveBeenCalledTimes(2);
    expect(authCallback.mock.calls[1]?.[0]).toMatchObject({ clientId: 'saved-client', ttl: 3_600_000 });
  });

  utsCase('rest/unit/RSA10g/authorize-updates-token-details-0', 'replaces tokenDetails', async () => {
    const issued = { token: 'new-token', expires: EXPIRES, keyName: 'appId.keyId', clientId: 'token-client' };
    const auth = newAuth({ key: KEY, fetch: new MockHttp(() => json(issued)).fetch });
    expect(auth.tokenDetails).toBeNull();
    const result = await auth.authorize();
    expect(auth.tokenDetails).toMatchObject({ token: 'new-token', clientId: 'token-client' });
    expect(auth.tokenDetails).toBe(result);
  });

  utsCase(
    'rest/unit/RSA10h/authorize-replaces-auth-options-0',
    'asks the source it is given, not the one of the constructor',
    async () => {
      const original = vi.fn(async () => ({ token: 'original', expires: EXPIRES }));
      const replacing = vi.fn(async () => ({ token: 'new', expires: EXPIRES }));
      const auth = newAuth({ authCallback: original, fetch: unused().fetch });
      expect((await auth.authorize(null, { authCallback: replacing })).token).toBe('new');
      await auth.authorize();
      expect(original).not.toHaveBeenCalled();
      expect(replacing).toHaveBeenCalledTimes(2);
    },
  );

  contradictedCase(
    'rest/unit/RSA10i/authorize-preserves-key-0',
    'options of a call replace the key too, once the call succeeded (RSA10j)',
    async () => {
      let refuses = true;
      const http = new MockHttp(({ url }) => {
        if (url.host !== 'new-auth.example.com') return json({ token: 'token-via-key', expires: EXPIRES });
        return refuses ? ablyError(40100, 401) : json({ token: 'token-via-url', expires: EXPIRES });
      });
      const auth = newAuth({ key: KEY, fetch: http.fetch });
      const authOptions = { authUrl: 'https://new-auth.example.com/token' };
      await expect(auth.authorize(null, authOptions)).rejects.toMatchObject({ statusCode: 401 });
      expect(await auth.createTokenRequest()).toMatchObject({ keyName: 'appId.keyId' });
      refuses = false;
      expect((await auth.authorize(null, authOptions)).token).toBe('token-via-url');
      await expect(auth.createTokenRequest()).rejects.toMatchObject({ code: 40101 });
      expect((await auth.authorize(null, { key: KEY })).token).toBe('token-via-key');
      expect(await auth.createTokenRequest()).toMatchObject({ keyName: 'appId.keyId' });
    },
  );

  utsCase('rest/unit/RSA10j/authorize-replaces-existing-token-0', 'replaces a valid token', async () => {
    const auth = newAuth({ authCallback: countingCallback(), fetch: unused().fetch });
    expect((await auth.authorize()).token).toBe('token-1');
    expect((await auth.authorize()).token).toBe('token-2');
    expect(auth.tokenDetails?.token).toBe('token-2');
  });

  contradictedCase(
    'rest/unit/RSA10k/authorize-query-time-0',
    'queryTime without means is refused, since options replace all; with the key the server is asked first',
    async () => {
      const now = 1_234_567_890_000;
      const http = new MockHttp(({ url }) =>
        url.pathname === '/time'
          ? json([now])
          : json({ token: 'time-synced-token', expires: now + 3_600_000 }),
      );
      const auth = newAuth({ key: KEY, fetch: http.fetch });
      await expect(auth.authorize(null, { queryTime: true })).rejects.toMatchObject({ code: 40106 });
      expect(http.requests).toHaveLength(0);
      const { token } = await auth.authorize(null, { key: KEY, queryTime: true });
      expect(token).toBe('time-synced-token');
      expect(http.requests.map(({ url }) => url.pathname)).toEqual(['/time', EXCHANGE]);
      expect(JSON.parse(http.requests[1]?.body ?? '')).toMatchObject({ timestamp: now });
    },
  );

  utsCase('rest/unit/RSA10l/authorize-error-propagated-0', "rejects with the server's error", async () => {
    const http = new MockHttp(() => ablyError(40100, 401, 'Unauthorized'));
    const auth = newAuth({ key: 'invalid.key:secret', fetch: http.fetch });
    await expect(auth.authorize()).rejects.toMatchObject({ code: 40100, statusCode: 401 });
    expect(http.requests).toHaveLength(1);
    expect(auth.tokenDetails).toBeNull();
  });
});
