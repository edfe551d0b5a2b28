import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { Auth, type AuthOptions, ErrorInfo, type TokenDetails } from '../../../src/index.js';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';

const MINUTE = 60_000;

/** A source of numbered tokens that live for a minute. */
const numbered = (clock: VirtualClock, life = MINUTE) => {
  let count = 0;
  return vi.fn(async (): Promise<TokenDetails> => {
    count += 1;
    return { token: `token ${count}`, issued: clock.now(), expires: clock.now() + life };
  });
};

const setUp = (more: object = {}) => {
  const clock = new VirtualClock();
  const authCallback = numbered(clock);
  return { clock, authCallback, auth: new Auth({ clock, random: () => 0, authCallback, ...more }) };
};

describe('making a client', () => {
  it('a new client starts nothing', () => {
    const { clock, authCallback, auth } = setUp();
    expect(clock.pending).toBe(0);
    expect(authCallback).not.toHaveBeenCalled();
    expect(auth.state).toMatchObject({ value: 'idle', error: null, attempts: 0 });
    expect([auth.clientId, auth.tokenDetails, auth.error]).toEqual([null, null, null]);
  });

  it('a text with a colon is a key, and any other text is a token', async () => {
    expect((await new Auth('app.key:secret').createTokenRequest()).keyName).toBe('app.key');
    expect(new Auth('an opaque token').tokenDetails).toEqual({ token: 'an opaque token' });
  });

  it('the client copies its options: it does not change them, and later changes have no effect', async () => {
    const defaultTokenParams = { ttl: 1_000, capability: { b: ['subscribe'], a: ['publish'] } };
    const options = { key: 'app.key:secret', defaultTokenParams };
    const before = structuredClone(options);
    const auth = new Auth(options);
    expect(options).toEqual(before);
    defaultTokenParams.ttl = 2_000;
    expect((await auth.createTokenRequest()).ttl).toBe(1_000);
  });

  it('the client uses a literal token until it expires, and then its source', async () => {
    const { clock, authCallback } = setUp();
    const tokenDetails = { token: 'given', issued: clock.now(), expires: clock.now() + MINUTE };
    const auth = new Auth({ clock, random: () => 0, authCallback, tokenDetails });
    expect((await auth.getToken()).token).toBe('given');
    auth.token$.subscribe();
    await clock.advance(0.7 * MINUTE);
    expect((await auth.getToken()).token).toBe('given');
    await clock.advance(0.2 * MINUTE);
    expect((await auth.getToken()).token).toBe('token 1');
    auth.dispose();
  });
});

const url = { authUrl: 'https://a.example/one' };

describe('authorize', () => {
  it('authorize() resolves with the token, which is then the current token', async () => {
    const { auth } = setUp();
    const token = await auth.authorize();
    expect(token.token).toBe('token 1');
    expect(auth.tokenDetails).toBe(token);
    expect(auth.state.value).toBe('authorized');
    auth.dispose();
  });

  it('authorize() gets a new token even if the current one is valid', async () => {
    const { auth } = setUp();
    await auth.authorize();
    expect((await auth.authorize()).token).toBe('token 2');
    auth.dispose();
  });

  it('authorize() joins calls with equal arguments, even if they are different objects', async () => {
    const { auth, authCallback } = setUp();
    const tokens = await Promise.all([
      auth.authorize({ capability: { a: ['subscribe', 'publish'] } }),
      auth.authorize({ capability: '{ "a": ["publish", "subscribe"] }' }),
    ]);
    expect(tokens.map(({ token }) => token)).toEqual(['token 1', 'token 1']);
    expect(authCallback).toHaveBeenCalledTimes(1);
    auth.dispose();
  });

  it.each<[string, AuthOptions, AuthOptions]>([
    ['authUrl', { authUrl: 'https://a.example/one' }, { authUrl: 'https://a.example/two' }],
    ['authHeaders', { ...url, authHeaders: { user: 'ada' } }, { ...url, authHeaders: { user: 'grace' } }],
    ['authParams', { ...url, authParams: { user: 'ada' } }, { ...url, authParams: { user: 'grace' } }],
    ['authMethod', { ...url, authMethod: 'GET' }, { ...url, authMethod: 'POST' }],
    ['token', { token: 'ada' }, { token: 'grace' }],
    ['key', { key: 'a.ada:secret' }, { key: 'a.grace:secret' }],
  ])('authorize() does not join calls that differ in %s, and joins equal ones', async (_name, one, other) => {
    const auth = new Auth({ clock: new VirtualClock(), key: 'a.b:c', fetch: () => new Promise(() => {}) });
    const call = (options: AuthOptions) => {
      auth.authorize(null, options).catch(() => {});
      return auth.explain().acquisitions;
    };
    expect([call(one), call({ ...one }), call(other)]).toEqual([1, 1, 2]);
    auth.dispose();
  });

  it('authorize() does not join calls with different keys', async () => {
    const clock = new VirtualClock();
    const names: string[] = [];
    const fetch = vi.fn(async (input: string | URL | Request) => {
      names.push(String(input).split('/').at(-2) ?? '');
      return new Response(JSON.stringify({ token: 't', issued: 0, expires: MINUTE }), { status: 201 });
    });
    const auth = new Auth({ clock, key: 'a.b:c', fetch });
    await Promise.all([auth.authorize(null, { key: 'a.b:one' }), auth.authorize(null, { key: 'a.c:two' })]);
    await auth.authorize();
    expect(names.at(-1)).toBe('a.c');
    auth.dispose();
  });

  it('a newer authorize() with other arguments replaces the running one, and all calls get its result', async () => {
    const clock = new VirtualClock();
    const signals: AbortSignal[] = [];
    const answers: ((token: string) => void)[] = [];
    const auth = new Auth({
      clock,
      authCallback: (_params, { signal }) => {
        signals.push(signal);
        return new Promise<string>((resolve) => answers.push(resolve));
      },
    });
    const first = auth.authorize({ ttl: 1_000 });
    const second = auth.authorize({ ttl: 2_000 });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    answers[1]?.('newer');
    answers[0]?.('older');
    expect([(await first).token, (await second).token]).toEqual(['newer', 'newer']);
    expect(auth.tokenDetails?.token).toBe('newer');
    auth.dispose();
  });

  it('authorize() stores its arguments, except timestamp, nonce and the literal token', async () => {
    const { auth, authCallback } = setUp();
    await auth.authorize({ ttl: 5_000, timestamp: 1, nonce: 'a nonce of some length' });
    await auth.authorize();
    expect(authCallback.mock.calls.map(([params]: unknown[]) => params)).toEqual([
      { ttl: 5_000, timestamp: 1, nonce: 'a nonce of some length' },
      { ttl: 5_000 },
    ]);
    expect((await auth.authorize(null, { token: 'literal', authCallback })).token).toBe('literal');
    expect((await auth.authorize()).token).toBe('token 3');
    auth.dispose();
  });

  it('the arguments of authorize() replace the stored ones and are not merged with them', async () => {
    const { clock, authCallback } = setUp();
    const auth = new Auth({
      clock,
      key: 'app.key:secret',
      authCallback,
      defaultTokenParams: { ttl: 1_000, clientId: 'ada' },
    });
    const other = vi.fn(async () => 'from another source');
    await auth.requestToken({ capability: '{"a":["*"]}' });
    expect(authCallback).toHaveBeenLastCalledWith({ capability: '{"a":["*"]}' }, expect.anything());
    expect(await auth.createTokenRequest({ ttl: 2_000 })).not.toHaveProperty('clientId');
    await auth.authorize({ clientId: 'bob' }, { authCallback: other });
    expect(other).toHaveBeenLastCalledWith({ clientId: 'bob' }, expect.anything());
    await expect(auth.createTokenRequest()).rejects.toMatchObject({ code: 40101 });
    auth.dispose();
  });

  it('authorize() with TokenParams alone stores them and keeps the stored options', async () => {
    const { auth, authCallback } = setUp();
    await auth.authorize({ ttl: 7_000 });
    await auth.requestToken();
    expect(authCallback).toHaveBeenCalledTimes(2);
    expect(authCallback).toHaveBeenLastCalledWith({ ttl: 7_000 }, expect.anything());
    auth.dispose();
  });

  it('a failed authorize() changes nothing but the error', async () => {
    const { auth, authCallback } = setUp();
    const token = await auth.authorize({ ttl: 5_000 });
    authCallback.mockRejectedValueOnce(new Error('down'));
    await expect(auth.authorize({ ttl: 9_000 })).rejects.toMatchObject({ code: 40170 });
    expect(auth.tokenDetails).toBe(token);
    expect(auth.state.value).toBe('authorized');
    expect(auth.error?.code).toBe(40170);
    await auth.authorize();
    expect(authCallback).toHaveBeenLastCalledWith({ ttl: 5_000 }, expect.anything());
    expect(auth.error).toBeNull();
    auth.dispose();
  });

  it('authorize() refuses a token for another client', async () => {
    const auth = new Auth({ clientId: 'ada', authCallback: async () => ({ token: 't', clientId: 'bob' }) });
    await expect(auth.authorize()).rejects.toMatchObject({ code: 40102 });
    expect(auth.tokenDetails).toBeNull();
    auth.dispose();
  });

  it('authorize() refuses an expired token', async () => {
    const auth = new Auth({ authCallback: async () => ({ token: 't', issued: 2, expires: 1 }) });
    await expect(auth.authorize()).rejects.toMatchObject({ code: 40142 });
    auth.dispose();
  });

  it('authorise() is another spelling of authorize()', async () => {
    const { auth } = setUp();
    expect((await auth.authorise()).token).toBe('token 1');
    auth.dispose();
  });
});

describe('the callback forms', () => {
  const calls = ['authorize', 'requestToken', 'createTokenRequest'] as const;
  const key = 'app.key:secret';

  it.each(calls)(
    'the callback forms of %s return undefined and call back once with the result',
    async (name) => {
      const { clock, authCallback } = setUp();
      const auth = new Auth({ clock, key, authCallback });
      const forms: [string, (callback: (error: ErrorInfo | null, result: unknown) => void) => unknown][] = [
        ['only', (callback) => auth[name](callback as never)],
        ['params', (callback) => auth[name]({ ttl: 1_000 }, callback as never)],
        [
          'params, options',
          (callback) => auth[name]({ ttl: 1_000 }, { key, authCallback }, callback as never),
        ],
        ['nulls', (callback) => auth[name](null, null, callback as never)],
      ];
      for (const [, call] of forms) {
        const callback = vi.fn();
        expect(call(callback)).toBeUndefined();
        expect(callback).not.toHaveBeenCalled();
        await settle();
        expect(callback).toHaveBeenCalledOnce();
        expect(callback).toHaveBeenCalledWith(
          null,
          expect.objectContaining(name === 'createTokenRequest' ? { keyName: 'app.key' } : {}),
        );
      }
      auth.dispose();
    },
  );

  it.each(calls)(
    'the callback forms of %s never throw: an invalid argument is passed to the callback as an error',
    async (name) => {
      const callback = vi.fn();
      const auth = new Auth(key);
      auth[name]({ ttl: -1 }, callback as never);
      await settle();
      expect(callback).toHaveBeenCalledWith(expect.objectContaining({ code: 40003 }), null);
    },
  );
});

describe('requestToken() and createTokenRequest()', () => {
  const calls = ['requestToken', 'createTokenRequest'] as const;
  const fetch = async (_input: unknown, init?: RequestInit) => {
    const { ttl, clientId } = JSON.parse(String(init?.body)) as { ttl: number; clientId: string };
    return new Response(JSON.stringify({ token: 't', issued: 0, expires: ttl, clientId }), { status: 201 });
  };
  const make = () =>
    new Auth({
      key: 'app.key:secret',
      fetch: fetch as never,
      defaultTokenParams: { clientId: 'ada', ttl: 5 },
    });

  it.each(calls)(
    'the calls of %s use the options of the client if the options are null or absent',
    async (name) => {
      const auth = make();
      for (const result of [
        await auth[name](),
        await auth[name](null, null),
        await auth[name](undefined, null),
      ]) {
        expect(result).toMatchObject({ clientId: 'ada' });
      }
      auth.dispose();
    },
  );

  it.each(calls)('the calls of %s use what authorize() stored', async (name) => {
    const auth = make();
    await auth.authorize({ clientId: 'bob', ttl: 9_000 });
    expect(await auth[name]()).toMatchObject({ clientId: 'bob' });
    auth.dispose();
  });
});

describe('requestToken', () => {
  it('requestToken() asks the service for a token with its own arguments', async () => {
    const asked: string[] = [];
    const fetch = async (input: string | URL | Request) => {
      asked.push(String(input));
      return new Response(JSON.stringify({ token: 't', issued: 0, expires: 1_000 }), { status: 201 });
    };
    const auth = new Auth({ key: 'app.key:secret', fetch });
    await auth.requestToken();
    await auth.requestToken(null, { key: 'app.other:secret' });
    expect(asked).toEqual([
      'https://main.realtime.ably.net/keys/app.key/requestToken',
      'https://main.realtime.ably.net/keys/app.other/requestToken',
    ]);
  });

  it('requestToken() returns a token and changes nothing, even after a 403', async () => {
    const { auth, authCallback, clock } = setUp();
    const states: string[] = [];
    auth.state$.subscribe(({ value }) => states.push(value));
    expect((await auth.requestToken({ ttl: 1_000 })).token).toBe('token 1');
    authCallback.mockRejectedValueOnce(new ErrorInfo({ code: 40300, message: 'no' }));
    await expect(auth.requestToken()).rejects.toMatchObject({ statusCode: 403 });
    expect(states).toEqual(['idle']);
    expect(auth.tokenDetails).toBeNull();
    expect(clock.pending).toBe(0);
  });
});

describe('token$', () => {
  it('token$ fetches a token for its first subscriber and gives it to a later one at once', async () => {
    const { auth, authCallback } = setUp();
    const early: string[] = [];
    const late: string[] = [];
    auth.token$.subscribe(({ token }) => early.push(token));
    await settle();
    auth.token$.subscribe(({ token }) => late.push(token));
    expect([early, late]).toEqual([['token 1'], ['token 1']]);
    expect(authCallback).toHaveBeenCalledTimes(1);
    auth.dispose();
  });

  it('token$ emits each new token before the previous one expires, for a day', async () => {
    const { auth, clock } = setUp();
    let last: TokenDetails | undefined;
    let count = 0;
    auth.token$.subscribe((token) => {
      if (last !== undefined) expect(clock.now()).toBeLessThan(last.expires ?? 0);
      last = token;
      count += 1;
    });
    await clock.advance(24 * 60 * MINUTE);
    expect(count).toBe(1_801);
    auth.dispose();
  });

  it('token$ is not affected by a wrong wall clock', async () => {
    const { auth, authCallback, clock } = setUp();
    await auth.authorize();
    clock.skew(-365 * 24 * 60 * MINUTE);
    await clock.advance(MINUTE * 0.79);
    expect(authCallback).toHaveBeenCalledTimes(1);
    await clock.advance(MINUTE * 0.02);
    expect(authCallback).toHaveBeenCalledTimes(2);
    auth.dispose();
  });

  it('token$ does not repeat a token', async () => {
    const clock = new VirtualClock();
    const auth = new Auth({
      clock,
      authCallback: async () => ({ token: 'same', issued: 0, expires: MINUTE }),
    });
    const seen: string[] = [];
    auth.token$.subscribe(({ token }) => seen.push(token));
    await clock.advance(10 * MINUTE);
    expect(seen).toEqual(['same']);
    auth.dispose();
  });

  it('token$ and state$ complete on dispose() and are silent after that', async () => {
    const { auth, clock } = setUp();
    const complete = vi.fn();
    auth.token$.subscribe({ complete });
    auth.state$.subscribe({ complete });
    await settle();
    auth.dispose();
    expect(complete).toHaveBeenCalledTimes(2);
    const next = vi.fn();
    auth.token$.subscribe({ next, complete });
    await clock.advance(10 * MINUTE);
    expect(next).not.toHaveBeenCalled();
    expect(complete).toHaveBeenCalledTimes(3);
  });
});

describe('state$', () => {
  it('state$ emits each step with its reason and the next step', async () => {
    const { auth, clock, authCallback } = setUp();
    const told: string[] = [];
    auth.state$.subscribe(({ value, reason, next }) =>
      told.push(`${value}: ${reason} → ${next?.step ?? 'nothing'}`),
    );
    await auth.authorize();
    authCallback.mockRejectedValueOnce(new Error('down'));
    await clock.advance(50_000);
    expect(told).toEqual([
      'idle: new → nothing',
      'requesting: authorize() was called → nothing',
      'authorized: a token was obtained → renew',
      'renewing: the renewal is due → expire',
      'renewing: the token source failed: down → retry',
      'renewing: the next try is due → expire',
      'authorized: the token was renewed → renew',
    ]);
    expect(auth.state.next?.at).toBe(clock.now() + 48_000 - 1_500);
    auth.dispose();
  });
});

describe('events', () => {
  it('the events describe what happened, without the token', async () => {
    const { auth, clock, authCallback } = setUp();
    const told: [string, unknown][] = [];
    for (const name of [
      'authorized',
      'renewed',
      'expired',
      'failed',
      'renewal.failed',
      'identity.changed',
    ] as const) {
      auth.on(name, (payload: unknown) => told.push([name, payload]));
    }
    await auth.authorize();
    authCallback.mockRejectedValueOnce(new Error('down'));
    await clock.advance(60_000);
    authCallback.mockRejectedValue(new ErrorInfo({ code: 40300, message: 'signed out' }));
    await clock.advance(MINUTE);
    expect(told.map(([name]) => name)).toEqual([
      'authorized',
      'renewal.failed',
      'renewed',
      'renewal.failed',
      'failed',
      'expired',
    ]);
    expect(JSON.stringify(told)).not.toContain('token 1');
    expect(told[4]?.[1]).toMatchObject({ final: true, retryInMs: null, error: { code: 40300 } });
    auth.dispose();
  });

  it('an event reaches every listener even if one throws, and the error is logged', async () => {
    const logHandler = vi.fn();
    const { auth } = setUp({ logHandler });
    const second = vi.fn();
    auth.on('authorized', () => {
      throw new Error('a fault of the listener');
    });
    auth.on('authorized', second);
    await auth.authorize();
    expect(second).toHaveBeenCalledOnce();
    expect(logHandler.mock.calls).toEqual([
      [expect.stringMatching(/'authorized' failed: Error: a fault of the listener/), 'error'],
    ]);
    auth.dispose();
  });

  it('a removed listener receives no more events', async () => {
    const { auth } = setUp();
    const listener = vi.fn();
    const off = auth.on('authorized', listener);
    off();
    await auth.authorize();
    expect(listener).not.toHaveBeenCalled();
    auth.dispose();
  });
});

describe('forget and dispose', () => {
  it('forget() drops the token and aborts the running acquisition', async () => {
    const { auth, clock } = setUp();
    await auth.authorize();
    auth.forget();
    expect([auth.tokenDetails, auth.state.value, clock.pending]).toEqual([null, 'idle', 0]);
    const rejection = expect(auth.authorize()).rejects.toMatchObject({ code: 80017 });
    auth.forget();
    await rejection;
    expect((await auth.authorize()).token).toBe('token 3');
    auth.dispose();
  });

  it('dispose() aborts the acquisition, rejects pending callers, and leaves no timer', async () => {
    const clock = new VirtualClock();
    const signals: AbortSignal[] = [];
    const auth = new Auth({
      clock,
      authCallback: (_params, { signal }) => {
        signals.push(signal);
        return new Promise<string>(() => {});
      },
    });
    const rejections = [auth.authorize(), auth.getToken(), auth.requestToken()].map((promise) =>
      expect(promise).rejects.toMatchObject({ code: 80017 }),
    );
    auth.dispose();
    await Promise.all(rejections);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(clock.pending).toBe(0);
    for (const call of ['authorize', 'requestToken', 'createTokenRequest', 'getToken'] as const) {
      await expect(auth[call]()).rejects.toMatchObject({ code: 80017 });
    }
  });

  it('a client works with `using`', async () => {
    const { auth, clock } = setUp();
    await auth.authorize();
    auth[Symbol.dispose]();
    expect(clock.pending).toBe(0);
  });
});

describe('the secrets of a client', () => {
  it('no secret reaches a log, an error, a snapshot or an inspector', async () => {
    const clock = new VirtualClock();
    const seen: unknown[] = [];
    const key = 'app.key:the-secret-of-this-key';
    const fetch = async () =>
      new Response(JSON.stringify({ token: 'app.the-token-itself', issued: 0, expires: MINUTE }), {
        status: 201,
      });
    const auth = new Auth({ clock, key, fetch, inspect: (event) => seen.push(event) });
    for (const name of ['state', 'authorized', 'renewed', 'expired', 'failed'] as const) {
      auth.on(name, (payload: unknown) => seen.push(payload));
    }
    const request = await auth.createTokenRequest();
    await auth.authorize();
    await clock.advance(MINUTE);
    seen.push(auth, auth.actor.getSnapshot(), auth.actor.getPersistedSnapshot(), auth.state);
    const shown = seen.map((one) => `${inspect(one, { depth: 3 })} ${toJson(one)}`).join('\n');
    expect(seen.length).toBeGreaterThan(30);
    for (const secret of ['the-secret-of-this-key', 'the-token-itself', request.mac, request.nonce]) {
      expect(shown.includes(secret)).toBe(false);
    }
    auth.dispose();
  });

  it('an inspector that throws does not affect the client', async () => {
    const { clock, authCallback } = setUp();
    const auth = new Auth({
      clock,
      authCallback,
      inspect: () => {
        throw new Error('a fault of the inspector');
      },
    });
    expect((await auth.authorize()).token).toBe('token 1');
    auth.dispose();
  });
});

/** The JSON of any value, with cycles cut. */
function toJson(value: unknown): string {
  const path = new Set<unknown>();
  return JSON.stringify(value, (_key, one: unknown) => {
    if (typeof one !== 'object' || one === null) return one;
    if (path.has(one)) return '[seen]';
    path.add(one);
    return one;
  });
}
