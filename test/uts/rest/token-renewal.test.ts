import { afterEach, describe, expect, vi } from 'vitest';
import { Auth, type ClientOptions, type TokenDetails } from '../../../src/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { contradictedCase, utsCase } from '../case.js';
import { ablyError, json, MockHttp, type SeenRequest } from '../mock-http.js';

const HOUR = 3_600_000;
const PATH = '/channels/test/messages';

const bearer = (token: string) => `Bearer ${btoa(token)}`;
const credentials = (requests: readonly SeenRequest[]) =>
  requests.map(({ headers }) => headers.get('authorization'));

/** A token error as the cases write it: without a statusCode. */
const briefTokenError = () => json({ error: { code: 40142, message: 'Token expired' } }, 401);

describe('the renewal of a token for a request', () => {
  let auth: Auth | undefined;
  const setUp = (answer: ConstructorParameters<typeof MockHttp>[0], options?: ClientOptions) => {
    const clock = new VirtualClock();
    let count = 0;
    const authCallback = vi.fn(async (): Promise<TokenDetails> => {
      count += 1;
      return { token: `token-${count}`, expires: clock.now() + HOUR };
    });
    const http = new MockHttp(answer);
    auth = new Auth({ clock, random: () => 0, fetch: http.fetch, ...(options ?? { authCallback }) });
    return { auth, authCallback, clock, http };
  };

  afterEach(() => auth?.dispose());

  utsCase(
    'rest/unit/RSA4b/renewal-on-40142-0',
    'follows an answer of 40142, with the new token',
    async () => {
      const { auth, authCallback, http } = setUp((_request, index) =>
        index === 0 ? ablyError(40142, 401, 'Token expired') : json([{ channel: 'test' }]),
      );
      const response = await auth.fetch(PATH);
      expect(authCallback).toHaveBeenCalledTimes(2);
      expect(credentials(http.requests)).toEqual([bearer('token-1'), bearer('token-2')]);
      expect(await response.json()).toEqual([{ channel: 'test' }]);
    },
  );

  utsCase('rest/unit/RSA4b/renewal-on-40140-1', 'follows an answer of 40140', async () => {
    const { auth, authCallback, http } = setUp((_request, index) =>
      index === 0 ? ablyError(40140, 401, 'Token error') : json([]),
    );
    expect((await auth.fetch(PATH)).status).toBe(200);
    expect(authCallback).toHaveBeenCalledTimes(2);
    expect(http.requests).toHaveLength(2);
  });

  contradictedCase(
    'rest/unit/RSA4b1/preemptive-renewal-0',
    'without the time of the server, a token that seems expired is for the server to judge',
    async () => {
      const clock = new VirtualClock();
      const tokens: TokenDetails[] = [
        { token: 'expired-token', expires: clock.now() - 1_000 },
        { token: 'fresh-token', expires: clock.now() + HOUR },
      ];
      const authCallback = vi.fn(async () => tokens.shift() ?? 'one too many');
      const { auth, http } = setUp((_request, index) => (index === 1 ? ablyError(40142, 401) : json([])), {
        authCallback,
        clock,
      });
      await auth.authorize();
      await auth.fetch(PATH);
      expect(credentials(http.requests)).toEqual([bearer('expired-token')]);
      expect(authCallback).toHaveBeenCalledTimes(1);
      await auth.fetch(PATH);
      expect(credentials(http.requests).slice(1)).toEqual([bearer('expired-token'), bearer('fresh-token')]);
      expect(authCallback).toHaveBeenCalledTimes(2);
    },
  );

  utsCase('rest/unit/RSA4a2/no-renewal-without-callback-0', 'is not tried without means', async () => {
    const { auth, http } = setUp(() => ablyError(40142, 401, 'Token expired'), { token: 'static-token' });
    await expect(auth.fetch(PATH)).rejects.toMatchObject({ code: 40171, statusCode: 401 });
    expect(credentials(http.requests)).toEqual([bearer('static-token')]);
  });

  utsCase('rest/unit/RSA4b/renewal-via-authurl-2', 'asks authUrl again', async () => {
    const expires = Date.UTC(2030, 0, 1) + HOUR;
    const { auth, http } = setUp(
      (request, index) => {
        if (request.url.host === 'example.com') {
          return json({ token: index === 0 ? 'first-token' : 'second-token', expires });
        }
        return index === 1 ? briefTokenError() : json([]);
      },
      { authUrl: 'https://example.com/auth' },
    );
    expect((await auth.fetch(PATH)).status).toBe(200);
    const asked = http.requests.filter(({ url }) => url.host === 'example.com');
    const sent = http.requests.filter(({ url }) => url.host !== 'example.com');
    expect(asked).toHaveLength(2);
    expect(credentials(sent)).toEqual([bearer('first-token'), bearer('second-token')]);
  });

  utsCase('rest/unit/RSA4b/renewal-limit-no-loop-3', 'happens once for a request', async () => {
    const { auth, authCallback, http } = setUp(briefTokenError);
    await expect(auth.fetch(PATH)).rejects.toMatchObject({ code: 40142 });
    expect(authCallback).toHaveBeenCalledTimes(2);
    expect(http.requests).toHaveLength(2);
  });

  utsCase('rest/unit/RSC10/request-retried-after-renewal-0', 'is not noticed by the caller', async () => {
    const status = {
      channelId: 'test',
      status: { isActive: true, occupancy: { metrics: { connections: 0 } } },
    };
    const { auth, authCallback, http } = setUp(({ headers }) =>
      headers.get('authorization') === bearer('token-1')
        ? ablyError(40142, 401, 'Token expired')
        : json(status),
    );
    const response = await auth.fetch('/channels/test');
    expect(response.ok).toBe(true);
    expect(await response.json()).toEqual(status);
    expect(http.requests.map(({ url }) => url.pathname)).toEqual(['/channels/test', '/channels/test']);
    expect(authCallback).toHaveBeenCalledTimes(2);
    expect(credentials(http.requests)).toEqual([bearer('token-1'), bearer('token-2')]);
  });

  utsCase('rest/unit/RSC10b/non-token-401-no-renewal-0', 'does not follow another 401', async () => {
    const { auth, authCallback, http } = setUp(() => ablyError(40100, 401, 'Unauthorized'));
    const response = await auth.fetch(PATH);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: 40100 } });
    expect(http.requests).toHaveLength(1);
    expect(authCallback).toHaveBeenCalledTimes(1);
  });

  contradictedCase(
    'rest/unit/RSA4b/renewal-msgpack-response-4',
    'JSON only: a token error in JSON is asked for and renewed after; time() needs no token',
    async () => {
      const { auth, authCallback, http } = setUp((_request, index) =>
        index === 0 ? ablyError(40142, 401, 'Token expired') : json([1_234_567_890_000]),
      );
      expect(await (await auth.fetch('/time')).json()).toEqual([1_234_567_890_000]);
      expect(authCallback).toHaveBeenCalledTimes(2);
      expect(http.requests).toHaveLength(2);
      expect(await auth.time()).toBe(1_234_567_890_000);
      expect(credentials(http.requests)).toEqual([bearer('token-1'), bearer('token-2'), null]);
      expect(http.requests.map(({ headers }) => headers.get('accept'))).toEqual(
        http.requests.map(() => 'application/json'),
      );
    },
  );
});
