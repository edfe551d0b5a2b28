import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Auth, type AuthOptions, type TokenParams } from '../../../src/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { json, MockHttp, text } from '../../uts/mock-http.js';

const URL_WITH_QUERY = 'https://example.com/token?tenant=acme&a=1';

const ask = async (http: MockHttp, options: AuthOptions, params: TokenParams | null = null, times = 1) => {
  const auth = new Auth({ fetch: http.fetch, clock: new VirtualClock(), ...options });
  for (let time = 0; time < times; time += 1) await auth.requestToken(params);
  return http.requests;
};

describe('the request to an authUrl', () => {
  const fine = () => new MockHttp(() => text('a-token'));

  it('a GET has the query of the address, authParams and TokenParams, and the later ones win', async () => {
    const options = {
      authUrl: URL_WITH_QUERY,
      authParams: { a: '2', b: 'ü&=? #', ttl: '9' },
      authHeaders: { 'x-one': '1' },
      authCacheParam: false,
    } as const;
    const [request] = await ask(fine(), options, {
      ttl: 5_000,
      clientId: 'a b+c',
      capability: { z: ['subscribe'], a: ['*'] },
    });
    expect(request?.method).toBe('GET');
    expect(Object.fromEntries(request?.url.searchParams ?? [])).toEqual({
      tenant: 'acme',
      a: '2',
      b: 'ü&=? #',
      ttl: '5000',
      clientId: 'a b+c',
      capability: '{"a":["*"],"z":["subscribe"]}',
    });
    expect(request?.headers.get('x-one')).toBe('1');
    expect(request?.headers.get('accept')).toContain('application/jwt');
  });

  it('a POST has a form and the address with its query, at the first fetch and at the second', async () => {
    const options = { authUrl: URL_WITH_QUERY, authMethod: 'post', authParams: { b: 'ü&=? #' } };
    const requests = await ask(fine(), options, { ttl: 5_000 }, 2);
    expect(requests).toHaveLength(2);
    for (const request of requests) {
      expect(request.method).toBe('POST');
      expect(request.url.href).toBe(URL_WITH_QUERY);
      expect(request.headers.get('content-type')).toContain('application/x-www-form-urlencoded');
      expect(Object.fromEntries(new URLSearchParams(request.body))).toEqual({ b: 'ü&=? #', ttl: '5000' });
    }
  });

  it.each([
    ['?sig=a%2Fb~c+d&flag&x=%E4', {}, '?sig=a%2Fb~c+d&flag&x=%E4'],
    ['?sig=a%2Fb~c+d&flag', { b: '1' }, '?sig=a%2Fb~c+d&flag&b=1'],
    ['?a=1&a=2&b=3', { c: '4' }, '?a=1&a=2&b=3&c=4'],
    ['?a=1&%61=2&b=3', { a: '4' }, '?b=3&a=4'],
    ['', { a: 'ü&=' }, '?a=%C3%BC%26%3D'],
    ['?', {}, ''],
    ['?__proto__=1&constructor=2', { toString: '3' }, '?__proto__=1&constructor=2&toString=3'],
  ])('a GET keeps the query %s unchanged beside %j', async (query, authParams, sent) => {
    const [first, second] = await ask(
      fine(),
      { authUrl: `https://example.com/t${query}`, authParams, authCacheParam: false },
      null,
      2,
    );
    expect(first?.url.search).toBe(sent);
    expect(second?.url.search).toBe(sent);
  });

  const marks = (requests: MockHttp['requests'], name = '_') =>
    requests.map(({ url }) => url.searchParams.get(name));

  it('a GET has a parameter with a new value each time, even if no clock moves', async () => {
    const http = fine();
    const clock = new VirtualClock();
    const random = () => 0;
    for (const [times, method] of [
      [3, 'GET'],
      [2, 'get'],
    ] as const) {
      await ask(
        http,
        { authUrl: 'https://example.com/t', authMethod: method, clock, random } as AuthOptions,
        null,
        times,
      );
    }
    const told = marks(http.requests);
    expect(new Set(told).size).toBe(5);
    for (const mark of told) expect(mark).toMatch(/^[\w-]{3,40}$/);
    expect(http.requests.map(({ url }) => [...url.searchParams.keys()])).toEqual(Array(5).fill(['_']));
  });

  it.each<[string, AuthOptions, string]>([
    ['by default', {}, '_'],
    ['with null', { authCacheParam: null }, '_'],
    ['with a name of its own', { authCacheParam: 'cache-buster.v1' }, 'cache-buster.v1'],
  ])('a GET has that parameter %s, in each kind of call', async (_what, options, name) => {
    const http = fine();
    const auth = new Auth({ authUrl: 'https://example.com/t', fetch: http.fetch, ...options });
    await auth.authorize();
    await auth.requestToken();
    await auth.authorize(null, { authUrl: 'https://example.com/other', ...options });
    const told = marks(http.requests, name);
    expect(new Set(told).size).toBe(3);
    expect(told).not.toContain(null);
    auth.dispose();
  });

  it.each<[string, AuthOptions, TokenParams, string]>([
    ['the address', { authUrl: 'https://example.com/t?_=mine' }, {}, '?_=mine'],
    ['the address, in disguise', { authUrl: 'https://example.com/t?%5f=mine' }, {}, '?%5f=mine'],
    ['authParams', { authParams: { _: 'mine' } }, {}, '?_=mine'],
    ['TokenParams', {}, { _: 'mine' } as TokenParams, '?_=mine'],
    ['authParams, by another name', { authParams: { v: '2' }, authCacheParam: 'v' }, {}, '?v=2'],
  ])('a GET has no second parameter of that name if %s has one', async (_what, options, params, sent) => {
    const requests = await ask(fine(), { authUrl: 'https://example.com/t', ...options }, params, 2);
    expect(requests.map(({ url }) => url.search)).toEqual([sent, sent]);
  });

  it('the parameter is absent in a POST, and with false', async () => {
    const address = 'https://example.com/t?sig=a%2Fb';
    const requests = [
      ...(await ask(fine(), { authUrl: address, authMethod: 'POST' })),
      ...(await ask(fine(), { authUrl: address, authMethod: 'POST', authCacheParam: 'v' })),
      ...(await ask(fine(), { authUrl: address, authCacheParam: false })),
    ];
    expect(requests.map(({ url, body }) => [url.href, body])).toEqual(Array(3).fill([address, '']));
  });

  it('a request has additional TokenParams of the application unchanged', async () => {
    const [request] = await ask(fine(), { authUrl: 'https://example.com/' }, {
      room: 'lobby',
    } as TokenParams);
    expect(request?.url.searchParams.get('room')).toBe('lobby');
  });
});

describe('the answer of an authUrl', () => {
  const typed = (type: string) => ({ headers: { 'content-type': type } });

  it.each<[string, () => Response, string]>([
    ['text', () => text('a-token'), 'a-token'],
    ['text with a line end', () => text('a-token\n'), 'a-token'],
    ['a JWT', () => text('a.b.c', 'application/jwt'), 'a.b.c'],
    ['a TokenDetails', () => json({ token: 'a-token', expires: '4102444800000', more: 1 }), 'a-token'],
    ['a charset', () => text('a-token', 'text/plain; charset=utf-8'), 'a-token'],
    [
      '__proto__ beside a token',
      () => new Response('{"__proto__":{"clientId":"x"},"token":"t"}', typed('application/json')),
      't',
    ],
  ])('an authUrl may answer with %s', async (_what, answer, token) => {
    const auth = new Auth({ authUrl: 'https://example.com/', fetch: new MockHttp(answer).fetch });
    const details = await auth.requestToken();
    expect(details.token).toBe(token);
    expect(details.clientId).toBeUndefined();
    expect(Object.getPrototypeOf(details)).toBe(Object.prototype);
  });

  const request = { keyName: 'other.key', timestamp: 1, nonce: 'a-nonce-of-16-chars', mac: 'm' };

  it('a TokenRequest for another key is exchanged at that key', async () => {
    const http = new MockHttp(({ url }) =>
      url.hostname === 'example.com' ? json(request) : json({ token: 't' }, 201),
    );
    await ask(http, { authUrl: 'https://example.com/' });
    expect(http.requests[1]?.url.pathname).toBe('/keys/other.key/requestToken');
    expect(JSON.parse(http.requests[1]?.body ?? '')).toEqual(request);
  });

  it('a TokenRequest that is returned twice is refused, and the error says so', async () => {
    const http = new MockHttp(({ url }) =>
      url.hostname === 'example.com' ? json(request) : json({ token: 't' }, 201),
    );
    await expect(ask(http, { authUrl: 'https://example.com/' }, null, 2)).rejects.toMatchObject({
      code: 40105,
      remediation: expect.stringContaining('cache'),
    });
    expect(http.requests).toHaveLength(3);
  });

  it.each<[string, () => Response, RegExp]>([
    ['a page', () => text('<html>', 'text/html'), /text\/html/],
    ['204', () => new Response(null, { status: 204 }), /without a content type/],
    ['a token with a line break', () => json({ token: 'a\r\nx-injected: 1' }), /control characters/],
    ['a token with a NUL', () => text('a\u0000b'), /control characters/],
    [
      'invalid UTF-8',
      () => new Response(new Uint8Array([0xff, 0xfe, 0x41]), typed('text/plain')),
      /not UTF-8/,
    ],
    ['a JSON string', () => json('a-token'), /text\/plain/],
    [
      'only __proto__',
      () => new Response('{"__proto__":{"token":"x"}}', typed('application/json')),
      /neither/,
    ],
    ['403 that is no JSON', () => text('no', 'text/plain', 403), /forbids/],
  ])('an answer with %s is an error that says so', async (_what, answer, message) => {
    const http = new MockHttp(answer);
    await expect(ask(http, { authUrl: 'https://example.com/' })).rejects.toThrow(message);
  });

  it('a token with the clientId of another client is refused', async () => {
    const http = new MockHttp(() => json({ token: 't', clientId: 'bob' }));
    const auth = new Auth({ authUrl: 'https://example.com/', clientId: 'ada', fetch: http.fetch });
    await expect(auth.authorize()).rejects.toMatchObject({ code: 40102 });
    auth.dispose();
  });
});

describe('the redirects of a GET of authUrl outside of a page', () => {
  const moved = (location: string) => new Response(null, { status: 302, headers: { location } });
  const redirecting = (redirects: number) =>
    new MockHttp((_request, index) => (index < redirects ? moved(`/token/${index + 1}`) : text('a-token')));
  const tokenBy = async (http: MockHttp, options: AuthOptions = {}) => {
    const auth = new Auth({ authUrl: 'https://example.com/token', fetch: http.fetch, ...options });
    return await auth.requestToken().then(
      ({ token }) => token,
      ({ message }) => message as string,
    );
  };

  it.each([1, 5])('%i redirects within the origin are followed, with the headers', async (redirects) => {
    const http = redirecting(redirects);
    expect(await tokenBy(http, { authHeaders: { 'x-user': 'ada' } })).toBe('a-token');
    expect(http.requests.map(({ headers }) => headers.get('x-user'))).toEqual(
      Array(redirects + 1).fill('ada'),
    );
    expect(http.requests.at(-1)?.url.pathname).toBe(`/token/${redirects}`);
  });

  it('a sixth redirect is an error', async () => {
    const http = redirecting(6);
    expect(await tokenBy(http)).toBe('the token source redirected more than 5 times');
    expect(http.requests).toHaveLength(6);
  });

  it.each([
    ['https://ada:secret@example.com/', /user name or a password/],
    ['https://ada@example.com/', /user name or a password/],
    ['https://:secret@example.com/', /user name or a password/],
    ['https://other.example/', /redirected to another origin/],
    ['https://example.com:8443/', /redirected to another origin/],
    ['http://[', /redirected to another origin/],
  ])('a redirect to %s is refused, and not requested', async (location, message) => {
    const http = new MockHttp(() => moved(location));
    expect(await tokenBy(http)).toMatch(message);
    expect(http.requests).toHaveLength(1);
  });
});

/** On a real socket, with real redirects and slow and endless bodies. */
describe('an authUrl on a real server', () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  const serve = async (
    handle: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<string> => {
    const server = createServer(handle);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const redirect = (to: string) =>
    serve((_request, response) => {
      response.writeHead(302, { location: to }).end();
    });

  it('a redirect to another origin is refused', async () => {
    const other = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' }).end('a-token');
    });
    const auth = new Auth({ authUrl: await redirect(other) });
    await expect(auth.requestToken()).rejects.toMatchObject({
      code: 40170,
      message: expect.stringContaining('another origin'),
    });
  });

  it('headers and form of the application are not sent to a redirect', async () => {
    const seen: string[] = [];
    const other = await serve((request, response) => {
      seen.push(String(request.headers['x-secret']));
      response.end();
    });
    for (const more of [
      { authHeaders: { 'x-secret': 's' } },
      { authMethod: 'POST', authParams: { secret: 's' } },
    ]) {
      const auth = new Auth({ authUrl: await redirect(other), ...more });
      await expect(auth.requestToken()).rejects.toMatchObject({ code: 40170 });
    }
    expect(seen).toEqual([]);
  });

  it('an endless answer is read up to 128 KiB and aborted', async () => {
    let sent = 0;
    let isClosed: (value: unknown) => void = () => {};
    const closed = new Promise((resolve) => (isClosed = resolve));
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      const chunk = 'x'.repeat(64 * 1024);
      const more = () => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
      };
      response.on('drain', more).on('close', isClosed);
      more();
    });
    await expect(new Auth({ authUrl: url }).requestToken()).rejects.toThrow(/131072 bytes/);
    await closed;
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  it('a slow answer ends at the deadline and is aborted', async () => {
    const clock = new VirtualClock();
    let isClosed: (value: unknown) => void = () => {};
    const closed = new Promise((resolve) => (isClosed = resolve));
    let isAsked: (value: unknown) => void = () => {};
    const asked = new Promise((resolve) => (isAsked = resolve));
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.write('a');
      response.on('close', isClosed);
      isAsked(undefined);
    });
    const rejection = expect(new Auth({ authUrl: url, clock }).requestToken()).rejects.toMatchObject({
      code: 40170,
    });
    await asked;
    await clock.advance(10_000);
    await rejection;
    await closed;
  });
});

describe('frozen options', () => {
  it('frozen options work everywhere and are never changed', async () => {
    const freeze = <T>(value: T): T => {
      if (typeof value === 'object' && value !== null) Object.values(value).forEach(freeze);
      return Object.freeze(value);
    };
    const http = new MockHttp(({ url }) =>
      url.hostname === 'example.com' ? text('a-token') : json({ token: 't' }, 201),
    );
    const options = freeze({
      authUrl: 'https://example.com/',
      authParams: { a: '1' },
      authHeaders: { b: '2' },
      defaultTokenParams: { ttl: 1_000, capability: { b: ['subscribe'], a: ['publish'] } },
      renewal: { lead: 10_000, retry: { base: 500 } },
      key: 'a.b:c',
    });
    const auth = new Auth({ ...options, fetch: http.fetch });
    const params = freeze({ capability: { z: ['publish', '*'], a: ['subscribe'] } });
    await auth.authorize(params, freeze({ authUrl: 'https://example.com/', authParams: { c: '3' } }));
    await auth.requestToken(params);
    await auth.createTokenRequest(params, freeze({ key: 'a.b:c' }));
    auth.dispose();
  });
});
