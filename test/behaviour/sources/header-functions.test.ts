import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Auth, type AuthOptions, ErrorInfo, StopRenewing } from '../../../src/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { json, MockHttp, text } from '../../uts/mock-http.js';

const authUrl = 'https://example.com/token';

function clientWith(options: AuthOptions, answer: () => Response = () => text('a-token')) {
  const http = new MockHttp(answer);
  const clock = new VirtualClock();
  return {
    http,
    clock,
    auth: new Auth({ fetch: http.fetch, clock, authUrl, authCacheParam: false, ...options }),
  };
}

const failureOf = async (auth: Auth): Promise<ErrorInfo> => {
  const error: unknown = await auth.requestToken().catch((thrown: unknown) => thrown);
  if (error instanceof ErrorInfo) return error;
  throw new Error('there is no ErrorInfo');
};

describe('authHeaders and authParams as functions', () => {
  it('the functions are called for each request, and their results are sent', async () => {
    let session = 0;
    const nextSession = () => {
      session += 1;
      return session;
    };
    const { http, auth } = clientWith({
      authHeaders: () => ({ Authorization: `Bearer session-${nextSession()}` }),
      authParams: async () => ({ tenant: 'acme', page: session }),
    });
    await auth.requestToken();
    await auth.requestToken();
    expect(http.requests.map(({ headers }) => headers.get('authorization'))).toEqual([
      'Bearer session-1',
      'Bearer session-2',
    ]);
    expect(http.requests.map(({ url }) => url.search)).toEqual([
      '?tenant=acme&page=1',
      '?tenant=acme&page=2',
    ]);
  });

  it('the form of a POST contains the results', async () => {
    const { http, auth } = clientWith({ authMethod: 'POST', authParams: () => ({ tenant: 'acme' }) });
    await auth.requestToken({ ttl: 5_000 });
    expect(http.requests[0]?.body).toBe('tenant=acme&ttl=5000');
  });

  it.each([null, undefined, {}])('%s stands for none', async (none) => {
    const { http, auth } = clientWith({ authHeaders: () => none, authParams: async () => none });
    await auth.requestToken();
    expect(http.requests[0]?.url.href).toBe(authUrl);
  });

  it('functions that are passed to a call are called for this call only', async () => {
    const { http, auth } = clientWith({ authHeaders: { 'x-user': 'stored' } });
    await auth.requestToken(null, { authUrl, authHeaders: () => ({ 'x-user': 'of this call' }) });
    await auth.requestToken();
    expect(http.requests.map(({ headers }) => headers.get('x-user'))).toEqual(['of this call', 'stored']);
  });

  it('TokenParams win over authParams', async () => {
    const { http, auth } = clientWith({ authParams: () => ({ ttl: 9 }) });
    await auth.requestToken({ ttl: 5_000 });
    expect(http.requests[0]?.url.search).toBe('?ttl=5000');
  });

  it.each(['authHeaders', 'authParams'] as const)(
    'the error at the deadline names %s if its function does not answer',
    async (name) => {
      for (const call of ['authorize', 'getToken'] as const) {
        let isSilent = true;
        const given = () => (isSilent ? new Promise<never>(() => {}) : {});
        const { clock, auth } = clientWith({ [name]: given });
        const failure = auth[call]().catch((error: unknown) => error);
        // Another call has its own source.
        const other = auth.requestToken(null, { authCallback: async () => 'other' });
        await other;
        await clock.advance(10_000);
        const message = `the function ${name} did not answer within 10000 ms`;
        expect(await failure).toMatchObject({ code: 40170, reason: 'timed out', message });
        isSilent = false;
        await expect(auth.authorize()).resolves.toMatchObject({ token: 'a-token' });
        auth.dispose();
      }
    },
  );

  it('the error at the deadline names no function if another source is asked', async () => {
    const { clock, auth } = clientWith({ authHeaders: () => new Promise<never>(() => {}) });
    auth.authorize().catch(() => {});
    await clock.advance(1);
    const failure = auth
      .authorize(null, { authCallback: () => new Promise<string>(() => {}) })
      .catch((error: unknown) => error);
    await clock.advance(10_000);
    expect(await failure).toMatchObject({ message: 'no token came within 10000 ms' });
    auth.dispose();
  });

  it.each(['authHeaders', 'authParams'] as const)(
    '%s that throws is a failed try, and nothing is sent',
    async (name) => {
      const fail = () => {
        throw new Error('there is no session');
      };
      for (const given of [fail, async () => fail()]) {
        const { http, auth } = clientWith({ [name]: given });
        const { code, statusCode, message, origin } = await failureOf(auth);
        expect({ code, statusCode, origin }).toEqual({ code: 40170, statusCode: 401, origin: 'source' });
        expect(message).toBe(
          `the token source was not asked: the function ${name} failed: there is no session`,
        );
        expect(http.requests).toEqual([]);
      }
    },
  );

  it.each([
    ['a text', 'text', /authHeaders/],
    ['a number', 7, /authHeaders/],
    ['a list', [['a', 'b']], /authHeaders/],
    ['Headers', new Headers({ a: 'b' }), /authHeaders/],
    ['a Map', new Map([['a', 'b']]), /authHeaders/],
    ['a value that is an object', { 'x-user': {} }, /authHeaders\.x-user/],
    ['a value that is null', { 'x-user': null }, /authHeaders\.x-user/],
    ['a name with a space', { 'x user': 'a' }, /"x user"/],
    ['a value of two lines', { 'x-user': 'a\nb' }, /"x-user"/],
    ['an object that cannot be read', unreadable(), /cannot be read/],
  ])('%s from authHeaders is refused by name', async (_what, given, named) => {
    const { http, auth } = clientWith({ authHeaders: () => given as never });
    const { code, message, remediation } = await failureOf(auth);
    expect(code).toBe(40170);
    expect(message).toMatch(/^the token source was not asked: the function authHeaders returned a value/);
    expect(message).toMatch(named);
    expect(remediation).toContain('an object of names and texts');
    expect(http.requests).toEqual([]);
  });

  it('a function that does not end is given up at the deadline, and what it gives later is not sent', async () => {
    let answer: (headers: Record<string, string>) => void = () => {};
    const { http, clock, auth } = clientWith({
      authHeaders: () => new Promise((resolve) => (answer = resolve)),
    });
    const failure = failureOf(auth);
    await clock.advance(10_000);
    expect(await failure).toMatchObject({
      code: 40170,
      message: 'no token came within 10000 ms',
    });
    answer({ 'x-user': 'late' });
    await clock.advance(1_000);
    expect(http.requests).toEqual([]);
  });

  it('StopRenewing, a status of 403 and an error of the session count as they do from an authCallback', async () => {
    for (const [thrown, expected] of [
      [new StopRenewing('no account'), { statusCode: 403 }],
      [{ statusCode: 403, message: 'no account' }, { statusCode: 403 }],
      [
        { code: 40100, statusCode: 401, message: 'sign in' },
        { code: 40100, statusCode: 401 },
      ],
    ] as const) {
      const { auth } = clientWith({ authHeaders: () => Promise.reject(thrown) });
      expect(await failureOf(auth)).toMatchObject(expected);
    }
  });

  it('what a function gave comes back in no error', async () => {
    const session = 'session-of-ada-4711';
    const { auth } = clientWith(
      {
        authHeaders: () => ({ authorization: `Bearer ${session}` }),
        authParams: () => ({ secret: `${session}-too` }),
      },
      () =>
        json(
          { error: { code: 40100, statusCode: 401, message: `${session} and ${session}-too are over` } },
          401,
        ),
    );
    const error = await failureOf(auth);
    expect(error.message).not.toContain(session);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(session);
  });

  it.each(['authHeaders', 'authParams'] as const)(
    '%s that is neither an object nor a function is refused at once',
    (name) => {
      for (const given of [7, 'text', Symbol('a'), []])
        expect(() => new Auth({ authUrl, [name]: given as never })).toThrow(name);
    },
  );
});

function unreadable(): object {
  return new Proxy(
    {},
    {
      ownKeys() {
        throw new Error('no keys');
      },
    },
  );
}
