import { describe, expect, it, vi } from 'vitest';
import { Auth, type ClientOptions, type TokenDetails } from '../../../src/index.js';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';
import { ablyError, json, MockHttp, type SeenRequest } from '../../uts/mock-http.js';

const HOST = 'https://main.realtime.ably.net';
const tokenOf = ({ headers }: SeenRequest) =>
  Buffer.from(headers.get('authorization')?.replace('Bearer ', '') ?? '', 'base64').toString();

/** A service that refuses tokens below a number. */
const from = (least: number) => (request: SeenRequest) =>
  Number(tokenOf(request).split('-')[1]) >= least ? json(['fine']) : ablyError(40142, 401, 'Token expired');

const to = (location: string, status: number) => new Response(null, { status, headers: { location } });

const setUp = (handle: ConstructorParameters<typeof MockHttp>[0], more: ClientOptions = {}) => {
  const clock = new VirtualClock();
  const http = new MockHttp(handle);
  let count = 0;
  const authCallback = vi.fn(async (): Promise<TokenDetails> => {
    count += 1;
    return { token: `token-${count}`, issued: clock.now(), expires: clock.now() + 60_000 };
  });
  const auth = new Auth({ clock, random: () => 0, authCallback, fetch: http.fetch, ...more });
  return { clock, http, authCallback, auth };
};

const streamOf = (...texts: string[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const text of texts) controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });

describe('a Request passed to auth.fetch()', () => {
  const request = (init: RequestInit = {}, path = '/old') =>
    new Request(`${HOST}${path}`, {
      method: 'PUT',
      body: 'the body',
      headers: { 'x-own': '1', 'content-type': 'text/x-own' },
      ...init,
    });

  it.each([301, 302, 307, 308])('a Request is sent unchanged after a redirect with %i', async (status) => {
    const { auth, http } = setUp(({ url }) => (url.pathname === '/old' ? to('/new?a=1', status) : json([])));
    await auth.fetch(request());
    expect(http.requests).toHaveLength(2);
    for (const { method, body, headers } of http.requests) {
      expect([method, body, headers.get('x-own'), headers.get('content-type')]).toEqual([
        'PUT',
        'the body',
        '1',
        'text/x-own',
      ]);
    }
    expect(http.requests[1]?.url.href).toBe(`${HOST}/new?a=1`);
    auth.dispose();
  });

  it.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
  ])(
    'a redirect with %i of a %s sends the method that HTTP requires: %s, without the body',
    async (status, method, then) => {
      const { auth, http } = setUp(({ url }) => (url.pathname === '/old' ? to('/new', status) : json([])));
      await auth.fetch(request({ method }));
      const second = http.requests[1] as SeenRequest;
      expect([second.method, second.body, second.headers.get('content-type')]).toEqual([then, '', null]);
      expect(second.headers.get('x-own')).toBe('1');
      auth.dispose();
    },
  );

  it('a HEAD request stays a HEAD request after a 303', async () => {
    const { auth, http } = setUp(({ url }) => (url.pathname === '/old' ? to('/new', 303) : json([])));
    await auth.fetch('/old', { method: 'HEAD' });
    expect(http.requests.map(({ method }) => method)).toEqual(['HEAD', 'HEAD']);
    auth.dispose();
  });

  it('the option redirect of a Request decides about redirects: an error, or the answer itself', async () => {
    const { auth, http } = setUp(() => to('/new', 302));
    await expect(auth.fetch(request({ redirect: 'error' }))).rejects.toMatchObject({ code: 40003 });
    await expect(auth.fetch('/old', { redirect: 'error' })).rejects.toMatchObject({ code: 40003 });
    expect((await auth.fetch(request({ redirect: 'manual' }))).status).toBe(302);
    expect((await auth.fetch('/old', { redirect: 'manual' })).headers.get('location')).toBe('/new');
    expect(http.requests).toHaveLength(4);
    auth.dispose();
  });

  it('a Request with a stream as its body is sent again completely, and is not changed', async () => {
    const { auth, http } = setUp(from(2));
    const given = request({ body: streamOf('one ', 'two'), duplex: 'half' } as RequestInit, '/a');
    expect((await auth.fetch(given)).status).toBe(200);
    expect(http.requests.map(({ body }) => body)).toEqual(['one two', 'one two']);
    expect(given.bodyUsed).toBe(false);
    expect(await given.text()).toBe('one two');
    auth.dispose();
  });

  it('a Request whose body was read before is refused at once', async () => {
    const { auth, authCallback } = setUp(() => json([]));
    const used = request();
    await used.text();
    await expect(auth.fetch(used)).rejects.toMatchObject({ code: 40003, message: /body/ });
    expect(authCallback).not.toHaveBeenCalled();
  });

  it('the second argument replaces the parts of a Request', async () => {
    const { auth, http } = setUp(from(2));
    await auth.fetch(request({}, '/a'), { method: 'POST', body: 'another', headers: { 'x-other': '2' } });
    expect(http.requests.map(({ method, body, headers }) => [method, body, headers.get('x-own')])).toEqual([
      ['POST', 'another', null],
      ['POST', 'another', null],
    ]);
    auth.dispose();
  });
});

describe('the second argument of auth.fetch()', () => {
  it.each([null, undefined])('a second argument that is %s counts as absent', async (init) => {
    const { auth, http } = setUp(() => json([]));
    expect((await auth.fetch('/a', init as unknown as RequestInit)).status).toBe(200);
    expect((await auth.fetch(new Request(`${HOST}/b`), init as unknown as RequestInit)).status).toBe(200);
    expect(http.requests.map(({ url }) => url.pathname)).toEqual(['/a', '/b']);
    auth.dispose();
  });
});

describe('a body that can be sent only once', () => {
  async function* texts() {
    yield new TextEncoder().encode('text');
  }
  const bodies: [string, () => unknown][] = [
    ['a stream', () => streamOf('text')],
    ['an iterable', texts],
  ];
  const init = (body: unknown) => ({ method: 'POST', body, duplex: 'half' }) as unknown as RequestInit;

  it.each(bodies)('a request with such a body succeeds if the token is valid: %s', async (_what, body) => {
    const { auth, http } = setUp(from(1));
    expect((await auth.fetch('/a', init(body()))).status).toBe(200);
    expect(http.requests.map(({ body }) => body)).toEqual(['text']);
    auth.dispose();
  });

  it.each(bodies)('a request with such a body is not sent a second time: %s', async (_what, body) => {
    const { auth, http } = setUp(from(2));
    await expect(auth.fetch('/a', init(body()))).rejects.toMatchObject({
      code: 40142,
      statusCode: 401,
      message: expect.stringContaining('sent only once') as unknown,
      cause: { code: 40142 },
    });
    expect(http.requests).toHaveLength(1);
    expect((await auth.getToken()).token).toBe('token-2');
    auth.dispose();
  });

  it('the caller keeps the body if nothing was sent', async () => {
    const { auth, authCallback } = setUp(() => json([]));
    authCallback.mockRejectedValueOnce(new Error('down'));
    const body = streamOf('text');
    await expect(auth.fetch('/a', init(body))).rejects.toMatchObject({ code: 40170 });
    expect(await new Response(body).text()).toBe('text');
    auth.dispose();
  });

  it.each(bodies)('a request with such a body does not follow a redirect: %s', async (_what, body) => {
    const { auth } = setUp(() => to('/new', 307));
    await expect(auth.fetch('/a', init(body()))).rejects.toMatchObject({ code: 40003 });
    auth.dispose();
  });
});

describe('a body that can be sent again', () => {
  const form = new FormData();
  form.set('a', '1');
  it.each<[string, BodyInit, string]>([
    ['a text', 'text', 'text'],
    ['bytes', new TextEncoder().encode('text'), 'text'],
    ['a buffer', new TextEncoder().encode('text').buffer as ArrayBuffer, 'text'],
    ['a blob', new Blob(['text']), 'text'],
    ['a query', new URLSearchParams({ a: '1' }), 'a=1'],
    ['a form', form, 'name="a"'],
  ])('a request with such a body is sent again: %s', async (_what, body, seen) => {
    const { auth, http } = setUp(from(2));
    expect((await auth.fetch('/a', { method: 'POST', body })).status).toBe(200);
    expect(http.requests).toHaveLength(2);
    for (const request of http.requests) expect(request.body).toContain(seen);
    expect(new Set(http.requests.map(({ headers }) => headers.get('content-type'))).size).toBe(1);
    auth.dispose();
  });
});

describe('an invalid request', () => {
  it.each<[string, unknown, RequestInit]>([
    ['an address with a user and a password', 'https://ada:pass-word@main.realtime.ably.net/a', {}],
    ['a GET with a body', '/a', { method: 'GET', body: 'x' }],
    ['a header that is none', '/a', { headers: { 'no name': 'x' } }],
    ['a method that is none', '/a', { method: 'NO METHOD' }],
    ['a stream without duplex', '/a', { method: 'POST', body: streamOf('x') }],
    ['a Request of another make', { url: `${HOST}/a`, method: 'GET' }, {}],
    ['a number', 7, {}],
    ['nothing', undefined, {}],
  ])(
    'an invalid request is an error with code and remediation, before a token is requested: %s',
    async (_what, input, init) => {
      const { auth, http, authCallback } = setUp(() => json([]));
      const error = await auth.fetch(input as string, init).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'ErrorInfo', code: 40003 });
      expect((error as { remediation?: string }).remediation).toBeTruthy();
      expect(JSON.stringify(error)).not.toContain('pass-word');
      expect(authCallback).not.toHaveBeenCalled();
      expect(http.requests).toHaveLength(0);
    },
  );
});

describe('an aborted request', () => {
  const hanging = () => {
    const clock = new VirtualClock();
    const http = new MockHttp(() => 'hang');
    const authCallback = vi.fn(() => new Promise<string>(() => {}));
    return { clock, http, authCallback, auth: new Auth({ clock, authCallback, fetch: http.fetch }) };
  };

  it('a request that was aborted before requests no token', async () => {
    const { auth, authCallback } = hanging();
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(auth.fetch('/a', { signal })).rejects.toThrow('enough');
    await expect(auth.fetch(new Request(`${HOST}/a`, { signal }))).rejects.toThrow('enough');
    expect(authCallback).not.toHaveBeenCalled();
  });

  it('a request that is aborted while it waits for a token ends at once, and other requests continue to wait', async () => {
    const { auth, authCallback } = hanging();
    const controller = new AbortController();
    const other = expect(auth.getToken()).rejects.toMatchObject({ code: 80017 });
    const rejection = expect(auth.fetch('/a', { signal: controller.signal })).rejects.toThrow('enough');
    await settle();
    controller.abort(new Error('enough'));
    await rejection;
    expect(authCallback).toHaveBeenCalledOnce();
    auth.dispose();
    await other;
  });

  it('dispose() rejects a request and leaves no connection and no timer', async () => {
    const { clock, http, auth } = setUp(() => 'hang');
    await auth.authorize();
    const rejection = expect(auth.fetch('/a')).rejects.toMatchObject({ code: 80017 });
    await settle();
    expect(http.requests).toHaveLength(1);
    auth.dispose();
    await rejection;
    expect(clock.pending).toBe(0);
  });

  it('many requests with one signal cause no warning about listeners', async () => {
    const warned = vi.fn();
    process.on('warning', warned);
    const { auth, clock } = setUp(() => 'hang');
    await auth.authorize();
    const all = Array.from({ length: 30 }, () =>
      Promise.allSettled([auth.fetch('/a'), auth.requestToken(), auth.time()]),
    );
    await settle();
    await new Promise((resolve) => setImmediate(resolve));
    auth.dispose();
    await Promise.all(all);
    process.off('warning', warned);
    expect(warned).not.toHaveBeenCalled();
    expect(clock.pending).toBe(0);
  });

  it('a request is not sent again if dispose() is called while its token is renewed', async () => {
    const { http, auth, authCallback } = setUp(from(2));
    await auth.authorize();
    authCallback.mockImplementation(() => new Promise(() => {}));
    const rejection = expect(auth.fetch('/a')).rejects.toMatchObject({ code: 80017 });
    await settle();
    auth.dispose();
    await rejection;
    expect(http.requests).toHaveLength(1);
  });
});

describe('a fetch that ignores its signal', () => {
  const ignoring = async (more: ClientOptions = {}) => {
    const answers: ((response: Response) => void)[] = [];
    const fetch = () => new Promise<Response>((resolve) => answers.push(resolve));
    const all = setUp(() => 'hang', { ...more, fetch });
    await all.auth.authorize();
    return { ...all, answers };
  };

  it('auth.fetch() rejects with the caller’s reason when the caller aborts', async () => {
    const { auth, clock } = await ignoring();
    const controller = new AbortController();
    const rejection = expect(auth.fetch('/a', { signal: controller.signal })).rejects.toThrow('enough');
    await settle();
    controller.abort(new Error('enough'));
    await rejection;
    auth.dispose();
    expect(clock.pending).toBe(0);
  });

  it('auth.fetch() rejects when the client is disposed of', async () => {
    const { auth, clock } = await ignoring();
    const rejection = expect(auth.fetch('/a')).rejects.toMatchObject({ code: 80017 });
    await settle();
    auth.dispose();
    await rejection;
    expect(clock.pending).toBe(0);
  });

  it('auth.fetch() rejects when no answer arrives in time, and releases a later answer', async () => {
    const { auth, clock, answers } = await ignoring({ httpRequestTimeout: 3_000, httpMaxRetryCount: 0 });
    const rejection = expect(auth.fetch('/a')).rejects.toMatchObject({ code: 80003 });
    await clock.advance(3_000);
    await rejection;
    const cancelled = vi.fn();
    answers[0]?.(new Response(new ReadableStream({ cancel: cancelled })));
    await settle();
    expect(cancelled).toHaveBeenCalledOnce();
    auth.dispose();
  });

  it('auth.fetch() ignores a later failure of the request', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    let fail = (_error: Error) => {};
    const fetch = () => new Promise<Response>((_resolve, reject) => (fail = reject));
    const { auth } = setUp(() => 'hang', { fetch });
    await auth.authorize();
    const rejection = expect(auth.fetch('/a')).rejects.toMatchObject({ code: 80017 });
    await settle();
    auth.dispose();
    await rejection;
    fail(new Error('late'));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('frozen arguments of auth.fetch()', () => {
  it('frozen arguments are sent unchanged, also the second time', async () => {
    const { auth, http } = setUp(from(2));
    const init = Object.freeze({
      method: 'POST',
      body: 'x',
      headers: Object.freeze({ 'x-own': '1' }) as Record<string, string>,
    });
    expect((await auth.fetch('/a', init)).status).toBe(200);
    expect(http.requests.map(({ headers }) => headers.get('x-own'))).toEqual(['1', '1']);
    auth.dispose();
  });
});
