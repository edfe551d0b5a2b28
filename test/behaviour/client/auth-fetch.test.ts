import { describe, expect, it, vi } from 'vitest';
import { Auth, ErrorInfo, type TokenDetails } from '../../../src/index.js';
import { fakeConnection } from '../../../src/testing/fake-connection.js';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';
import { ablyError, json, MockHttp, type SeenRequest } from '../../uts/mock-http.js';

const HOST = 'https://main.realtime.ably.net';
const bearerOf = ({ headers }: SeenRequest) =>
  Buffer.from(headers.get('authorization')?.replace('Bearer ', '') ?? '', 'base64').toString();

const source = (clock: VirtualClock) => {
  let count = 0;
  return vi.fn(async (): Promise<TokenDetails> => {
    count += 1;
    return { token: `token-${count}`, issued: clock.now(), expires: clock.now() + 60_000 };
  });
};

/** A service that refuses tokens below a number. */
const from = (least: number) => (request: SeenRequest) =>
  Number(bearerOf(request).split('-')[1]) >= least ? json(['fine']) : ablyError(40142, 401, 'Token expired');

const setUp = (handle: ConstructorParameters<typeof MockHttp>[0], more: object = {}) => {
  const clock = new VirtualClock();
  const http = new MockHttp(handle);
  const authCallback = source(clock);
  return {
    clock,
    http,
    authCallback,
    auth: new Auth({ clock, random: () => 0, authCallback, fetch: http.fetch, ...more }),
  };
};

describe('auth.fetch', () => {
  it('auth.fetch() fetches a token and adds it', async () => {
    const { auth, http, authCallback } = setUp(() => json(['fine']));
    const response = await auth.fetch('/channels/a/messages?limit=1', { method: 'POST', body: '{}' });
    expect(await response.json()).toEqual(['fine']);
    const [request] = http.requests;
    expect(request?.url.href).toBe(`${HOST}/channels/a/messages?limit=1`);
    expect([request?.method, request?.body]).toEqual(['POST', '{}']);
    expect(bearerOf(request as SeenRequest)).toBe('token-1');
    expect(authCallback).toHaveBeenCalledOnce();
    auth.dispose();
  });

  it('auth.fetch() passes on an ErrorInfo of the fetch option, and asks no other host', async () => {
    const error = new ErrorInfo({ code: 42922, statusCode: 429, message: 'the proxy refused' });
    const { auth, http } = setUp(() => error);
    await expect(auth.fetch('/stats')).rejects.toBe(error);
    expect(http.requests).toHaveLength(1);
    auth.dispose();
  });

  it.each([
    [
      'the fallback host of the connection first (RTN17e)',
      'main.b.fallback.ably-realtime.com',
      'main.b.fallback.ably-realtime.com',
    ],
    ['no host that is not a fallback host', 'elsewhere.example.com', 'main.realtime.ably.net'],
  ])('auth.fetch() asks %s', async (_what, fallbackHost, host) => {
    const connection = Object.assign(fakeConnection(), { fallbackHost });
    const { auth, http } = setUp(() => json(['fine']), { connection });
    await auth.fetch('/stats');
    expect(http.requests.map(({ url }) => url.host)).toEqual([host]);
    auth.dispose();
  });

  it('auth.fetch() releases the bodies of two refused answers', async () => {
    const released = vi.fn();
    const refusal = () => {
      const { body, status, headers } = ablyError(40142, 401, 'Token expired');
      const answer = new Response(body, { status, headers });
      // The client reads a copy: the original is what it must release.
      const { clone } = answer;
      return Object.assign(answer, {
        clone: () => {
          const copy = clone.call(answer);
          Object.assign(answer.body ?? {}, { cancel: async () => released() });
          return copy;
        },
      });
    };
    const { auth, http } = setUp(refusal);
    await expect(auth.fetch('/stats')).rejects.toMatchObject({ code: 40142 });
    expect([http.requests.length, released.mock.calls.length]).toEqual([2, 2]);
    auth.dispose();
  });

  it('auth.fetch() adds the key if the client has only a key', async () => {
    const http = new MockHttp(() => json([]));
    const auth = new Auth({ key: 'app.key:secret', clientId: 'ada', fetch: http.fetch });
    await auth.fetch('/stats');
    const headers = http.requests[0]?.headers;
    expect(headers?.get('authorization')).toBe(`Basic ${btoa('app.key:secret')}`);
    expect(headers?.get('x-ably-clientid')).toBe(btoa('ada'));
    expect(headers?.get('x-ably-version')).toBe('6');
  });

  it('auth.fetch() never sends the caller’s own Authorization header, in any spelling', async () => {
    const { auth, http } = setUp(() => json([]));
    for (const headers of [
      { Authorization: 'x' },
      new Headers({ authorization: 'x' }),
      [['AUTHORIZATION', 'x']],
    ] as HeadersInit[]) {
      await auth.fetch('/a', { headers });
    }
    await auth.fetch(new Request(`${HOST}/a`, { headers: { authorization: 'x' } }));
    expect(http.requests.map(bearerOf)).toEqual(Array(4).fill('token-1'));
    auth.dispose();
  });

  it('auth.fetch() renews a refused token once and sends the request again with the new token', async () => {
    const { auth, http } = setUp(from(2));
    const response = await auth.fetch('/a', { method: 'PUT', body: 'the body' });
    expect(response.status).toBe(200);
    expect(http.requests.map(bearerOf)).toEqual(['token-1', 'token-2']);
    expect(http.requests.map(({ method, body }) => `${method} ${body}`)).toEqual([
      'PUT the body',
      'PUT the body',
    ]);
    auth.dispose();
  });

  it('auth.fetch() rejects with the server’s error if the new token is refused too', async () => {
    const { auth, http, authCallback } = setUp(() => ablyError(40142, 401, 'Token expired'));
    await expect(auth.fetch('/a')).rejects.toMatchObject({
      code: 40142,
      statusCode: 401,
      message: 'Token expired',
    });
    expect(http.requests).toHaveLength(2);
    expect(authCallback).toHaveBeenCalledTimes(2);
    auth.dispose();
  });

  it.each([
    [40160, 401],
    [40101, 401],
    [40300, 403],
    [40142, 400],
  ])('auth.fetch() returns an answer with %i and status %i unchanged', async (code, status) => {
    const { auth, http } = setUp(() => ablyError(code, status));
    expect((await auth.fetch('/a')).status).toBe(status);
    expect(http.requests).toHaveLength(1);
    auth.dispose();
  });

  it('auth.fetch() rejects with 40171, with the refusal as the cause, if the token cannot be renewed', async () => {
    const http = new MockHttp(() => ablyError(40142, 401));
    const auth = new Auth({ token: 'only', fetch: http.fetch });
    await expect(auth.fetch('/a')).rejects.toMatchObject({ code: 40171, cause: { code: 40142 } });
    expect(http.requests).toHaveLength(1);
    auth.dispose();
  });

  it('auth.fetch() rejects with the error of a failed renewal', async () => {
    const { auth, authCallback } = setUp(from(9));
    await auth.authorize();
    authCallback.mockRejectedValueOnce(new Error('down'));
    await expect(auth.fetch('/a')).rejects.toMatchObject({ code: 40170 });
    expect(auth.tokenDetails).toBeNull();
    auth.dispose();
  });

  it('100 requests share one renewal, and all succeed', async () => {
    const { auth, http, authCallback } = setUp(from(2));
    await auth.authorize();
    const responses = await Promise.all(Array.from({ length: 100 }, () => auth.fetch('/a')));
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(100);
    expect(authCallback).toHaveBeenCalledTimes(2);
    expect(http.requests.length).toBeLessThanOrEqual(200);
    auth.dispose();
  });

  it('a late refusal of the previous token does not cause another renewal', async () => {
    let release = () => {};
    const { auth, authCallback, http } = setUp(async (request, index) => {
      if (index === 0) await new Promise<void>((resolve) => (release = resolve));
      return from(2)(request);
    });
    const slow = auth.fetch('/slow');
    await settle();
    await auth.fetch('/quick');
    release();
    expect((await slow).status).toBe(200);
    expect(authCallback).toHaveBeenCalledTimes(2);
    expect(http.requests).toHaveLength(4);
    auth.dispose();
  });

  it('auth.fetch() sends a Request with a body again, because it can be copied', async () => {
    const { auth, http } = setUp(from(2));
    await auth.fetch(new Request(`${HOST}/a`, { method: 'POST', body: 'once' }));
    expect(http.requests.map(({ body }) => body)).toEqual(['once', 'once']);
    auth.dispose();
  });

  it('auth.fetch() refuses to send a stream twice, and has renewed the token by then', async () => {
    const { auth } = setUp(from(2));
    const body = new Response('a stream').body;
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    await expect(auth.fetch('/a', init)).rejects.toMatchObject({ code: 40142, cause: { code: 40142 } });
    expect((await auth.fetch('/a', { method: 'POST', body: 'a text' })).status).toBe(200);
    auth.dispose();
  });

  it.each([
    'https://evil.example/a',
    'http://main.realtime.ably.net/a',
    'https://main.realtime.ably.net:8443/a',
    '//evil.example/a',
    'https://main.realtime.ably.net@evil.example/',
    'javascript:alert(1)',
  ])('auth.fetch() sends nothing to %s', async (address) => {
    const { auth, http } = setUp(() => json([]));
    await expect(auth.fetch(address)).rejects.toMatchObject({ code: 40003 });
    expect(http.requests).toHaveLength(0);
    auth.dispose();
  });

  it('auth.fetch() follows redirects within the origin only', async () => {
    const to = (location: string, status = 302) => new Response(null, { status, headers: { location } });
    const { auth, http } = setUp(({ url }) => (url.pathname === '/old' ? to('/new') : json(['new'])));
    expect(await (await auth.fetch('/old')).json()).toEqual(['new']);
    expect(http.requests.map(bearerOf)).toEqual(['token-1', 'token-1']);
    auth.dispose();

    const away = setUp(() => to('https://evil.example/steal', 307));
    await expect(away.auth.fetch('/a', { method: 'POST', body: 'x' })).rejects.toMatchObject({ code: 40003 });
    expect(away.http.requests).toHaveLength(1);
    away.auth.dispose();

    const round = setUp(() => to('/again'));
    await expect(round.auth.fetch('/a')).rejects.toMatchObject({ code: 40003 });
    expect(round.http.requests.length).toBeLessThan(10);
    round.auth.dispose();
  });

  it('auth.fetch() rejects in time if no server answers', async () => {
    const { auth, clock } = setUp(() => 'hang', { httpRequestTimeout: 3_000, httpMaxRetryCount: 0 });
    await auth.authorize();
    const rejection = expect(auth.fetch('/a')).rejects.toMatchObject({ code: 80003 });
    await clock.advance(3_000);
    await rejection;
    auth.dispose();
  });

  it('auth.fetch() rejects with the caller’s own reason when the caller aborts', async () => {
    const { auth } = setUp(() => 'hang');
    await auth.authorize();
    const controller = new AbortController();
    const rejection = expect(auth.fetch('/a', { signal: controller.signal })).rejects.toThrow('enough');
    await settle();
    controller.abort(new Error('enough'));
    await rejection;
    auth.dispose();
  });
});

describe('many calls at once', () => {
  it('1,000 calls of getToken() ask the source once', async () => {
    const { auth, authCallback } = setUp(() => json([]));
    const tokens = await Promise.all(Array.from({ length: 1_000 }, () => auth.getToken()));
    expect(new Set(tokens).size).toBe(1);
    expect(authCallback).toHaveBeenCalledOnce();
    auth.dispose();
  });

  it('1,000 equal calls of authorize() ask the source once and return the same token', async () => {
    const { auth, authCallback } = setUp(() => json([]));
    const tokens = await Promise.all(Array.from({ length: 1_000 }, () => auth.authorize({ ttl: 5_000 })));
    expect(new Set(tokens).size).toBe(1);
    expect(authCallback).toHaveBeenCalledOnce();
    auth.dispose();
  });
});
