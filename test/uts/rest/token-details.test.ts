import { afterEach, describe, expect, vi } from 'vitest';
import { Auth, type ClientOptions, type TokenDetails } from '../../../src/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { contradictedCase, utsCase } from '../case.js';
import { ablyError, json, MockHttp } from '../mock-http.js';

const HOUR = 3_600_000;
const PATH = '/channels/test/messages';
const key = 'appId.keyId:keySecret';
const active = () => json({ channelId: 'test', status: { isActive: true } });

describe('tokenDetails', () => {
  const clock = new VirtualClock();
  let auth: Auth | undefined;
  const client = (options: ClientOptions, answer: ConstructorParameters<typeof MockHttp>[0] = active) => {
    const http = new MockHttp(answer);
    auth = new Auth({ clock, random: () => 0, fetch: http.fetch, ...options });
    return auth;
  };
  /** A source of token-v1, token-v2 and so on. */
  const numbered = (lifeMs: number) => {
    let count = 0;
    return vi.fn(async (): Promise<TokenDetails> => {
      count += 1;
      return { token: `token-v${count}`, expires: clock.now() + lifeMs, clientId: `client-v${count}` };
    });
  };

  afterEach(() => auth?.dispose());

  utsCase('rest/unit/RSA16a/token-from-callback-0', 'is what authCallback gave', async () => {
    const given = {
      token: 'callback-token-abc',
      expires: clock.now() + HOUR,
      issued: clock.now(),
      clientId: 'my-client',
    };
    const auth = client({ authCallback: async () => given });
    await auth.fetch(PATH);
    expect(auth.tokenDetails).toEqual(given);
  });

  utsCase('rest/unit/RSA16a/token-from-request-token-1', 'is what the key was exchanged for', async () => {
    const given = {
      token: 'requested-token-xyz',
      expires: clock.now() + HOUR,
      issued: clock.now(),
      keyName: 'appId.keyId',
      clientId: 'token-client',
    };
    const auth = client({ key }, ({ url }) =>
      /^\/keys\/.*\/requestToken$/.test(url.pathname) ? json(given) : active(),
    );
    await auth.authorize();
    expect(auth.tokenDetails).toEqual(given);
  });

  utsCase('rest/unit/RSA16b/token-string-in-options-0', 'has nothing but the token it is made of', () => {
    const { tokenDetails } = client({ token: 'standalone-token-string' });
    expect(tokenDetails).toEqual({ token: 'standalone-token-string' });
    expect(Object.keys(tokenDetails ?? {})).toEqual(['token']);
  });

  utsCase(
    'rest/unit/RSA16b/token-string-from-callback-1',
    'has nothing but the text of a source',
    async () => {
      const auth = client({ authCallback: async () => 'just-a-token-string' });
      await auth.fetch(PATH);
      expect(auth.tokenDetails).toEqual({ token: 'just-a-token-string' });
      expect(Object.keys(auth.tokenDetails ?? {})).toEqual(['token']);
    },
  );

  utsCase('rest/unit/RSA16c/set-on-instantiation-0', 'is there from the beginning', () => {
    const tokenDetails = {
      token: 'initial-token',
      expires: clock.now() + HOUR,
      issued: clock.now(),
      clientId: 'initial-client',
    };
    expect(client({ tokenDetails }).tokenDetails).toEqual(tokenDetails);
  });

  utsCase('rest/unit/RSA16c/updated-after-authorize-1', 'is replaced by authorize', async () => {
    const auth = client({ authCallback: numbered(HOUR) });
    await auth.authorize();
    const first = auth.tokenDetails;
    await auth.authorize();
    expect(first).toMatchObject({ token: 'token-v1', clientId: 'client-v1' });
    expect(auth.tokenDetails).toMatchObject({ token: 'token-v2', clientId: 'client-v2' });
  });

  // The test shows that a request renews the token, so nothing else may renew it.
  utsCase('rest/unit/RSA16c/updated-after-expiry-renewal-2', 'is replaced once it expired', async () => {
    const auth = client({ authCallback: numbered(1_000), renewal: 'server' });
    await auth.fetch(PATH);
    expect(auth.tokenDetails?.token).toBe('token-v1');
    await clock.advance(2_000);
    await auth.fetch(PATH);
    expect(auth.tokenDetails?.token).toBe('token-v2');
  });

  utsCase('rest/unit/RSA16c/updated-after-40142-renewal-3', 'is replaced when it was refused', async () => {
    const auth = client({ authCallback: numbered(HOUR) }, (_request, index) =>
      index === 0 ? ablyError(40142, 401, 'Token expired') : active(),
    );
    await auth.authorize();
    expect(auth.tokenDetails?.token).toBe('token-v1');
    await auth.fetch(PATH);
    expect(auth.tokenDetails?.token).toBe('token-v2');
  });

  utsCase('rest/unit/RSA16d/null-with-basic-auth-0', 'is null with Basic auth', async () => {
    const auth = client({ key });
    expect((await auth.fetch(PATH)).status).toBe(200);
    expect(auth.tokenDetails).toBeNull();
  });

  utsCase('rest/unit/RSA16d/null-before-token-obtained-1', 'is null before a token came', () => {
    const authCallback = numbered(HOUR);
    expect(client({ authCallback }).tokenDetails).toBeNull();
    expect(authCallback).not.toHaveBeenCalled();
  });

  utsCase(
    'rest/unit/RSA16d/null-after-invalidation-2',
    'is null when a refused one has no heir',
    async () => {
      const authCallback = numbered(HOUR);
      const auth = client({ authCallback }, () => ablyError(40142, 401, 'Token expired'));
      await auth.authorize();
      expect(auth.tokenDetails?.token).toBe('token-v1');
      authCallback.mockRejectedValue(new Error('Cannot obtain new token'));
      await expect(auth.fetch(PATH)).rejects.toMatchObject({ code: 40170 });
      expect(authCallback).toHaveBeenCalledTimes(2);
      expect(auth.tokenDetails).toBeNull();
    },
  );

  contradictedCase(
    'rest/unit/RSA16d/null-after-switch-to-basic-3',
    'authorize means token auth from then on, and gets a token by the key it is given',
    async () => {
      const seen: string[] = [];
      const auth = client({ authCallback: numbered(HOUR) }, ({ url, headers }) => {
        seen.push(headers.get('authorization') ?? '');
        return url.pathname.endsWith('/requestToken')
          ? json({ token: 'by-key', issued: clock.now(), expires: clock.now() + HOUR })
          : active();
      });
      await auth.authorize();
      expect(auth.tokenDetails?.token).toBe('token-v1');
      await auth.authorize(null, { key, useTokenAuth: false });
      expect(auth.tokenDetails?.token).toBe('by-key');
      await auth.fetch(PATH);
      expect(seen.at(-1)).toBe(`Bearer ${btoa('by-key')}`);
    },
  );

  utsCase(
    'rest/unit/RSA16a/preserved-across-requests-0',
    'stays the same from request to request',
    async () => {
      const authCallback = vi.fn(async () => ({
        token: 'stable-token',
        expires: clock.now() + HOUR,
        clientId: 'stable-client',
      }));
      const auth = client({ authCallback });
      for (let count = 0; count < 3; count += 1) {
        await auth.fetch(PATH);
        expect(auth.tokenDetails?.token).toBe('stable-token');
      }
      expect(authCallback).toHaveBeenCalledTimes(1);
    },
  );

  utsCase('rest/unit/RSA16a/reflects-capability-1', 'tells what the token allows', async () => {
    const capability = '{"channel1":["publish","subscribe"],"channel2":["subscribe"]}';
    const auth = client({
      authCallback: async () => ({ token: 'capable-token', expires: clock.now() + HOUR, capability }),
    });
    await auth.fetch(PATH);
    expect(auth.tokenDetails?.capability).toBe(capability);
  });
});
