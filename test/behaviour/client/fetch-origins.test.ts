import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { SignJWT } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { ablyJs } from '../../../src/connection/ably-js/index.js';
import { RealtimeConnection } from '../../../src/connection/index.js';
import { Auth, type ClientOptions, type TokenDetails } from '../../../src/index.js';
import { createSandbox } from '../../../src/sandbox/index.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { listening } from '../../kit/listening.js';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of undo.splice(0).reverse()) await stop();
});

interface Seen {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly method: string;
  readonly body: string;
}

/** A real server that records its requests. */
async function serve(
  answer: (seen: Seen, response: ServerResponse) => void = (_seen, res) => res.end('fine'),
) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const one = { path: request.url ?? '', headers: request.headers, method: request.method ?? '', body };
    seen.push(one);
    answer(one, response);
  });
  const origin = await listening(server);
  undo.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin, seen, tokens: () => seen.map(({ headers }) => headers.authorization) };
}

const redirectTo =
  (address: () => string, status = 302) =>
  (_seen: Seen, response: ServerResponse) =>
    response.writeHead(status, { location: address() }).end();

/** A server that refuses tokens below a number. */
const from =
  (least: number, headers: object = {}) =>
  (seen: Seen, response: ServerResponse) => {
    const isFine = Number(seen.headers.authorization?.split('-')[1]) >= least;
    response.writeHead(isFine ? 200 : 401, { ...headers }).end(isFine ? 'fine' : 'no');
  };

function client(fetchOrigins: readonly string[], options: Partial<ClientOptions> = {}) {
  const clock = new VirtualClock();
  let calls = 0;
  const authCallback = async (): Promise<TokenDetails> => {
    calls += 1;
    return { token: `token-${calls}`, issued: clock.now(), expires: clock.now() + 3_600_000 };
  };
  const auth = new Auth({ clock, random: () => 0, authCallback, fetchOrigins, logLevel: 'none', ...options });
  undo.push(() => auth.dispose());
  return { auth, clock, calls: () => calls };
}

describe('auth.fetch() with fetchOrigins', () => {
  it('a request to a named origin carries the token as it is, and nothing of Ably', async () => {
    const own = await serve();
    const { auth } = client([own.origin], { clientId: 'ada', clientType: 'server', agents: { app: '1' } });
    const response = await auth.fetch(`${own.origin}/me?a=b`, {
      headers: { 'x-mine': 'yes', authorization: 'x' },
    });
    expect([response.status, await response.text()]).toEqual([200, 'fine']);
    const [seen] = own.seen;
    expect([seen?.path, seen?.headers['x-mine'], seen?.headers.authorization]).toEqual([
      ...['/me?a=b', 'yes', 'Bearer token-1'],
    ]);
    expect(Object.keys(seen?.headers ?? {}).filter((name) => name.includes('ably'))).toEqual([]);
  });

  it('a path belongs to the first origin, and each origin may be asked', async () => {
    const [one, two] = [await serve(), await serve()];
    const { auth } = client([one.origin, `${two.origin}/`]);
    await auth.fetch('/a');
    await auth.fetch(new URL('/b', two.origin));
    await auth.fetch(new Request(`${two.origin}/c`));
    expect([one.seen.map(({ path }) => path), two.seen.map(({ path }) => path)]).toEqual([
      ['/a'],
      ['/b', '/c'],
    ]);
  });

  it.each(['https://main.realtime.ably.net/time', 'https://api.example.com/', '//api.example.com/a'])(
    'another origin is refused before a token is asked for: %s',
    async (address) => {
      const { auth, calls } = client(['https://own.example.com']);
      await expect(auth.fetch(address)).rejects.toMatchObject({
        code: 40003,
        message: 'the origin of the address must be https://own.example.com',
      });
      expect(calls()).toBe(0);
    },
  );

  it('a refused token is replaced once, and the request is sent again with the new one', async () => {
    const own = await serve(from(2));
    const { auth, calls } = client([own.origin]);
    const response = await auth.fetch('/a', { method: 'PUT', body: 'the body' });
    expect([response.status, calls()]).toEqual([200, 2]);
    expect(own.seen.map(({ method, body }) => `${method} ${body}`)).toEqual(['PUT the body', 'PUT the body']);
    expect(own.tokens()).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  it('requests that are refused at the same time share one renewal', async () => {
    const own = await serve(from(2));
    const { auth, calls } = client([own.origin]);
    await Promise.all(Array.from({ length: 50 }, (_, index) => auth.fetch(`/${index}`)));
    expect([calls(), own.seen.length]).toEqual([2, 100]);
  });

  it('a server that refuses every token gets two, and then the client waits', async () => {
    const own = await serve(from(1_000));
    const { auth, calls, clock } = client([own.origin]);
    await expect(auth.fetch('/a')).rejects.toMatchObject({ code: 40140, statusCode: 401, origin: 'server' });
    for (let count = 0; count < 20; count += 1)
      await expect(auth.fetch('/a')).rejects.toMatchObject({ code: 40140 });
    expect([calls(), own.seen.length]).toEqual([2, 2]);
    await clock.advance(10_000);
    expect(calls()).toBeLessThan(8);
  });

  it.each<[string, string, number]>([
    ['Bearer', 'a challenge for a token', 2],
    ['Bearer realm="a", error="invalid_token"', 'an invalid token', 2],
    ['Bearer error="insufficient_scope", scope="a"', 'a missing scope', 1],
    ['Bearer realm="a", error="invalid_request"', 'a malformed request', 1],
    ['Basic realm="a"', 'another scheme', 1],
    ['DPoP algs="ES256"', 'another kind of token', 1],
  ])('a 401 with the challenge %s is read as %s', async (challenge, _what, tokens) => {
    const own = await serve(from(2, { 'www-authenticate': challenge }));
    const { auth, calls } = client([own.origin]);
    const { status } = await auth.fetch('/a');
    expect([status, calls()]).toEqual([tokens === 2 ? 200 : 401, tokens]);
  });

  it('a server that repeats the token in its refusal does not get it into the error', async () => {
    const own = await serve(({ headers }, response) => {
      const message = `bad ${headers.authorization}, ${btoa(headers.authorization ?? '')}`;
      response.writeHead(401).end(JSON.stringify({ error: { code: 40142, statusCode: 401, message } }));
    });
    const { auth } = client([own.origin]);
    const error = await auth.fetch('/a').catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 40142, statusCode: 401 });
    for (const text of [String(error), JSON.stringify(error), JSON.stringify(auth.explain())])
      expect(text).not.toMatch(/token-\d|dG9rZW4t/);
  });

  it('answers other than 401 belong to the caller', async () => {
    for (const status of [403, 404, 429, 500, 503]) {
      const own = await serve((_seen, response) => response.writeHead(status).end());
      const { auth, calls } = client([own.origin]);
      expect((await auth.fetch('/a')).status).toBe(status);
      expect([calls(), own.seen.length]).toEqual([1, 1]);
    }
  });

  it('a server that is down is an error with its origin, and without the token', async () => {
    const { auth } = client(['http://127.0.0.1:1']);
    const error = await auth.fetch('/a').catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 80003, message: 'http://127.0.0.1:1 could not be reached' });
    expect(JSON.stringify(error)).not.toContain('token-1');
  });
});

describe('a redirect of an own server', () => {
  it('the token follows to an origin of the list', async () => {
    const two = await serve();
    const one = await serve(redirectTo(() => `${two.origin}/there`));
    const { auth } = client([one.origin, two.origin]);
    expect((await auth.fetch('/here')).status).toBe(200);
    expect(two.tokens()).toEqual(['Bearer token-1']);
  });

  it.each([301, 302, 303, 307, 308])(
    'the token stays behind if the redirect leaves the list: %s',
    async (status) => {
      const outside = await serve();
      const own = await serve(redirectTo(() => `${outside.origin}/there`, status));
      const { auth } = client([own.origin]);
      const headers = { authorization: 'mine', cookie: 'a=b', 'x-mine': 'yes' };
      const response = await auth.fetch('/here', { method: 'POST', body: 'the body', headers });
      expect(response.status).toBe(200);
      const [seen] = outside.seen;
      expect([seen?.headers.authorization, seen?.headers.cookie, seen?.headers['x-mine']]).toEqual([
        ...[undefined, undefined, 'yes'],
      ]);
      expect(`${seen?.method} ${seen?.body}`).toBe(status < 304 ? 'GET ' : 'POST the body');
    },
  );

  it('the token does not come back if the redirect returns to the list', async () => {
    const own = await serve((seen, response) => {
      if (seen.path === '/here') response.writeHead(302, { location: `${outside.origin}/there` }).end();
      else response.end('fine');
    });
    const outside = await serve(redirectTo(() => `${own.origin}/back`));
    const { auth } = client([own.origin]);
    expect((await auth.fetch('/here')).status).toBe(200);
    expect(own.tokens()).toEqual(['Bearer token-1', undefined]);
  });

  it('a 401 of a server outside says nothing about the token', async () => {
    const outside = await serve((_seen, response) => response.writeHead(401).end());
    const own = await serve(redirectTo(() => `${outside.origin}/there`));
    const { auth, calls } = client([own.origin]);
    expect([(await auth.fetch('/here')).status, calls()]).toEqual([401, 1]);
    expect(auth.state.value).toBe('authorized');
  });

  it('a redirect with a password, a loop, and a redirect that the caller forbids are errors', async () => {
    const own = await serve((seen, response) => {
      const location = seen.path === '/loop' ? '/loop' : 'http://a:b@127.0.0.1/';
      response.writeHead(302, { location }).end();
    });
    const { auth } = client([own.origin]);
    for (const [path, init] of [
      ['/loop', {}],
      ['/password', {}],
      ['/loop', { redirect: 'error' }],
    ] as const)
      await expect(auth.fetch(path, init)).rejects.toMatchObject({ code: 40003 });
    expect((await auth.fetch('/loop', { redirect: 'manual' })).status).toBe(302);
  });

  it.each([
    'file:///etc/hosts',
    'data:,made-up',
    'blob:http://127.0.0.1/1',
    'ftp://127.0.0.1/',
    'FILE:hosts',
  ])('a redirect that is not to http or https is an error, and nothing is read: %s', async (location) => {
    const own = await serve(redirectTo(() => location));
    const asked: string[] = [];
    const { auth } = client([own.origin], {
      fetch: (url, init) => {
        asked.push(String(url));
        return fetch(url as string, init as RequestInit);
      },
    });
    await expect(auth.fetch('/here')).rejects.toMatchObject({
      code: 40003,
      message: expect.stringContaining('neither http nor https'),
    });
    expect(asked).toEqual([`${own.origin}/here`]);
  });

  it('a user who signs out in the middle of a redirect is not followed', async () => {
    const outside = await serve();
    const own = await serve((_seen, response) => {
      auth.forget();
      response.writeHead(302, { location: `${outside.origin}/` }).end();
    });
    const { auth } = client([own.origin]);
    await expect(auth.fetch('/a')).rejects.toMatchObject({ code: 80017 });
    expect(outside.seen).toEqual([]);
  });
});

describe('a credential of Ably', () => {
  const authCallback = async () => 'a token of another issuer';
  const sdk = {
    auth: { authorize: async () => {} },
    connection: { on() {}, off() {}, close() {}, state: 'initialized' },
  };
  const sources: readonly (readonly [string, ClientOptions])[] = [
    ['a key', { key: 'app.key:secret' }],
    ['a key beside another source', { key: 'app.key:secret', authCallback: async () => 'a' }],
    ['a connection to Ably', { authCallback, connection: new RealtimeConnection() }],
    [
      'a connection to Ably that the client makes',
      { authCallback, connection: () => new RealtimeConnection() },
    ],
    ["Ably's SDK", { authCallback, connection: ablyJs(sdk as never) }],
    [
      'a TokenRequest',
      { token: { keyName: 'a.b', nonce: 'n', mac: 'm', timestamp: 1, ttl: 1, capability: '{}' } },
    ],
  ];
  it.each(sources)('%s is refused when the client is made', (_title, options) => {
    expect(() => new Auth({ ...options, fetchOrigins: ['https://own.example.com'] })).toThrow(
      expect.objectContaining({ code: 40003, message: expect.stringContaining('fetchOrigins') }),
    );
  });

  const signed = (claims: object, header: object = {}) =>
    new SignJWT({ sub: 'ada', ...claims })
      .setProtectedHeader({ alg: 'HS256', ...header })
      .sign(new TextEncoder().encode('a secret of thirty-two letters!!'));

  it.each<[string, () => Promise<string | TokenDetails>]>([
    ['an Ably token', async () => 'xVLyHw.AClchevH3hF-MDh9ZC_Q'],
    ['a TokenDetails with a key name', async () => ({ token: 'opaque', keyName: 'a.b' })],
    ['a JWT with a capability', () => signed({ 'x-ably-capability': '{}' })],
    ['a JWT with a clientId', () => signed({ 'x-ably-clientId': 'ada' })],
    ['a JWT with an embedded token', () => signed({ 'x-ably-token': 'a.b' })],
    ['a JWT that is signed with a key of Ably', () => signed({}, { kid: 'xVLyHw.Ab-cdE' })],
  ])('%s from the source is not sent', async (_title, authCallback) => {
    const own = await serve();
    const { auth } = client([own.origin], { authCallback });
    await expect(auth.fetch('/a')).rejects.toMatchObject({
      code: 40003,
      message: 'the token is for Ably, and fetchOrigins names servers that must not get it',
    });
    expect(own.seen).toEqual([]);
  });

  it('a literal token of Ably is not sent', async () => {
    const own = await serve();
    const auth = new Auth({ token: 'xVLyHw.AClchevH3hF-MDh9ZC_Q', fetchOrigins: [own.origin] });
    undo.push(() => auth.dispose());
    await expect(auth.fetch('/a')).rejects.toMatchObject({ code: 40003 });
    expect(own.seen).toEqual([]);
  });

  it('a TokenRequest from the source is not exchanged, and the client stops', async () => {
    const [own, sandbox] = [await serve(), createSandbox({ clock: new VirtualClock() })];
    undo.push(() => sandbox.dispose());
    const issuer = new Auth({ key: sandbox.createApp().keys[0]?.keyStr ?? '', fetch: sandbox.fetch });
    const request = await issuer.createTokenRequest();
    let exchanges = 0;
    const fetch = (...given: Parameters<typeof sandbox.fetch>) => {
      exchanges += 1;
      return sandbox.fetch(...given);
    };
    const { auth } = client([own.origin], { authCallback: async () => request, fetch });
    await expect(auth.fetch('/a')).rejects.toMatchObject({ code: 40300 });
    expect(auth.state).toMatchObject({ value: 'failed', final: true });
    expect([exchanges, own.seen.length]).toEqual([0, 0]);
  });

  it('a key that authorize() gets later is not used for own servers', async () => {
    const own = await serve();
    const { auth } = client([own.origin]);
    await auth.authorize(null, { key: 'app.key:secret' }).catch(() => {});
    await auth.fetch('/a').catch(() => {});
    expect(own.tokens().filter((token) => token !== 'Bearer token-1')).toEqual([]);
  });

  it.each<[string, () => Promise<string>]>([
    ['an opaque token', async () => 'opaque'],
    ['a JWT of another issuer', () => signed({}, { kid: 'key-1' })],
    [
      'a JWT with a kid that has a dot, and a public key',
      async () => `${btoa('{"alg":"RS256","kid":"a.b"}')}.e30.x`,
    ],
    ['a token of four parts', async () => 'v4.public.abc.def'],
  ])('%s is sent', async (_title, authCallback) => {
    const own = await serve();
    const { auth } = client([own.origin], { authCallback });
    await auth.fetch('/a');
    expect(own.tokens()).toEqual([`Bearer ${await authCallback()}`]);
  });
});

describe('the option fetchOrigins', () => {
  it.each<[string, unknown]>([
    ['a path', 'https://a.example/api'],
    ['a query', 'https://a.example/?a'],
    ['a fragment', 'https://a.example/#'],
    ['a user', 'https://ada@a.example'],
    ['a wildcard', 'https://*.example'],
    ['any origin', '*'],
    ['http', 'http://a.example'],
    ['http of a name that only looks local', 'http://localhost.example'],
    ['another scheme', 'wss://a.example'],
    ['http of a number that only looks local', 'http://127.0.0.1.example'],
    ['http of a user that looks local', 'http://localhost@a.example'],
    ['a line break', 'https://a.example\n'],
    ['a file', 'file:///etc'],
    ['no scheme', 'a.example'],
    ['an empty text', ''],
    ['null', null],
    ['a number', 7],
    ['an object', { href: 'https://a.example' }],
  ])('an origin is refused with its place: %s', (_title, origin) => {
    const make = () => client(['https://own.example.com', origin as string]);
    expect(make).toThrow(
      expect.objectContaining({
        code: 40003,
        message: expect.stringMatching(/^fetchOrigins\[1\] must be an origin/),
      }),
    );
    if (typeof origin === 'string' && origin.length > 3) expect(make).not.toThrow(origin);
  });

  it.each([[], '', 'https://a.example', {}, 7, new Set(['https://a.example'])])(
    'a value that is no list, or an empty one, is refused by name: %s',
    (given) => {
      expect(() => client(given as never)).toThrow(/^fetchOrigins is .*, not a list of origins$/);
    },
  );

  it('an origin that no address can have is refused at the first request', async () => {
    const { auth, calls } = client(['https://own.example.com', 'https://[zz']);
    await expect(auth.fetch('/a')).rejects.toMatchObject({
      code: 40003,
      message: expect.stringMatching(/^fetchOrigins\[1\] cannot/),
    });
    expect(calls()).toBe(0);
  });

  it('the list is copied', async () => {
    const own = await serve();
    const origins = [own.origin];
    const { auth } = client(origins);
    origins[0] = 'https://elsewhere.example';
    expect((await auth.fetch('/a')).status).toBe(200);
  });

  it.each(['http://localhost:3000', 'http://127.0.0.1:1', 'http://[::1]:1', 'HTTPS://API.Example.com:443'])(
    'an origin is accepted: %s',
    (origin) => {
      expect(() => client([origin])).not.toThrow();
    },
  );
});
