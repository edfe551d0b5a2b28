import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Auth, type ClientOptions, type Environment, ErrorInfo } from '../../../src/index.js';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';
import { json, MockHttp, text } from '../../uts/mock-http.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

class Page implements Environment {
  #listener: (what: 'online' | 'offline' | 'awake') => void = () => {};
  isOnline = () => true;
  watch(listener: (what: 'online' | 'offline' | 'awake') => void) {
    this.#listener = listener;
    return () => {};
  }
  tell(what: 'online' | 'offline' | 'awake') {
    this.#listener(what);
  }
}

function setUp(options: Partial<ClientOptions> = {}) {
  const clock = new VirtualClock();
  const environment = new Page();
  const signIns: number[] = [];
  const auth = new Auth({ clock, environment, random: () => 0.5, ...options } as ClientOptions);
  auth.on('signin.required', ({ retryInMs }) => signIns.push(retryInMs));
  onTestFinished(() => auth.dispose());
  return { auth, clock, environment, signIns };
}

/** A source that answers 401 until a user is signed in. */
function session(lifeMs = HOUR) {
  const moments: number[] = [];
  const self = {
    isSignedIn: false,
    moments,
    clock: undefined as VirtualClock | undefined,
    authCallback: async () => {
      const now = self.clock?.now() ?? 0;
      moments.push(now);
      if (!self.isSignedIn) throw { code: 40100, statusCode: 401, message: 'sign in' };
      return { token: `token-${moments.length}`, issued: now, expires: now + lifeMs };
    },
  };
  return self;
}

function withSession(lifeMs?: number) {
  const source = session(lifeMs);
  const one = setUp({ authCallback: source.authCallback });
  source.clock = one.clock;
  return { ...one, source };
}

describe('a client of which no user is signed in', () => {
  it('the client has failed, not for good, and emits one event', async () => {
    const { auth, clock, signIns } = withSession();
    await expect(auth.getToken()).rejects.toMatchObject({ code: 40100, statusCode: 401 });
    expect(auth.state).toMatchObject({ value: 'failed', final: false, reason: 'no user is signed in' });
    expect(auth.state.next).toEqual({ step: 'retry', at: clock.now() + MINUTE });
    await clock.advance(24 * HOUR);
    expect(signIns).toEqual([MINUTE]);
  });

  it('the client asks again after 1, 2, 4 … minutes, and at least hourly', async () => {
    const { auth, clock, source } = withSession();
    const start = clock.now();
    await expect(auth.getToken()).rejects.toThrow();
    await clock.advance(6 * HOUR);
    const minutes = source.moments.map((moment) => (moment - start) / MINUTE);
    expect(minutes.slice(0, 8)).toEqual([0, 1, 3, 7, 15, 31, 63, 123]);
    expect(minutes.length).toBeLessThan(13);
  });

  it.each([
    ['authorize() is called', ({ auth }: ReturnType<typeof withSession>) => void auth.authorize()],
    [
      'the user is back at the page',
      ({ environment }: ReturnType<typeof withSession>) => environment.tell('awake'),
    ],
    ['the network is back', ({ environment }: ReturnType<typeof withSession>) => environment.tell('online')],
  ])('the client asks at once when %s, and starts afresh with a token', async (_what, happen) => {
    const one = withSession();
    await expect(one.auth.getToken()).rejects.toThrow();
    await one.clock.advance(20 * MINUTE);
    one.source.isSignedIn = true;
    const before = one.source.moments.length;
    happen(one);
    await settle();
    expect(one.source.moments.length).toBe(before + 1);
    expect(one.auth.state.value).toBe('authorized');
    one.source.isSignedIn = false;
    one.auth.forget();
    await expect(one.auth.authorize()).rejects.toThrow();
    expect(one.signIns).toEqual([MINUTE, MINUTE]);
  });

  it('the client asks once for the several events of one return, and no more often than the user comes back', async () => {
    const { auth, clock, environment, source } = withSession();
    await expect(auth.getToken()).rejects.toThrow();
    for (let count = 0; count < 3; count += 1) environment.tell('awake');
    await settle();
    expect(source.moments).toHaveLength(2);
    await clock.advance(1_000);
    environment.tell('awake');
    await settle();
    expect(source.moments).toHaveLength(3);
  });

  it("the client ignores the user's return when it waits for another reason", async () => {
    const authCallback = vi.fn(async () => {
      throw new Error('down');
    });
    const { auth, environment } = setUp({ authCallback });
    await expect(auth.getToken()).rejects.toThrow();
    environment.tell('awake');
    await settle();
    expect(authCallback).toHaveBeenCalledTimes(1);
  });

  it('the client waits for Retry-After, if that is longer', async () => {
    const http = new MockHttp(() =>
      json({ error: { code: 40100, statusCode: 401, message: 'sign in' } }, 401, { 'retry-after': '600' }),
    );
    const { auth, clock } = setUp({ authUrl: 'https://example.com/token', fetch: http.fetch });
    await expect(auth.getToken()).rejects.toMatchObject({ code: 40100, retryAfterMs: 600_000 });
    expect(auth.state.next?.at).toBe(clock.now() + 600_000);
  });

  it('the client follows the ordinary plan while it has a token', async () => {
    const { auth, clock, signIns, source } = withSession();
    source.isSignedIn = true;
    await auth.getToken();
    source.isSignedIn = false;
    await clock.advance(HOUR - MINUTE);
    expect([auth.state.value, signIns]).toEqual(['renewing', []]);
    await clock.advance(30 * MINUTE);
    expect(auth.state).toMatchObject({ value: 'failed', final: false, reason: 'no user is signed in' });
    expect(signIns).toHaveLength(1);
  });
});

describe('what says that no user is signed in', () => {
  const url = { authUrl: 'https://example.com/token' };
  const answering = (answer: () => Response) => ({ ...url, fetch: new MockHttp(answer).fetch });
  const throwing = (thrown: unknown) => ({
    authCallback: async () => {
      throw thrown;
    },
  });

  it.each([
    ['an authUrl that answers 401', answering(() => text('who are you?', 'text/plain', 401))],
    [
      'an authUrl that answers 401 with an error of Ably’s form',
      answering(() => json({ error: { code: 40101, statusCode: 401, message: 'no' } }, 401)),
    ],
    [
      'an authCallback that throws an ErrorInfo of 401',
      throwing(new ErrorInfo({ code: 40100, message: 'sign in' })),
    ],
    [
      'an authCallback that throws statusCode 401',
      throwing(Object.assign(new Error('no'), { statusCode: 401 })),
    ],
    ['an authCallback that throws status 401', throwing(Object.assign(new Error('no'), { status: 401 }))],
    [
      'an authCallback that throws the error of axios',
      throwing(Object.assign(new Error('no'), { response: { status: 401 } })),
    ],
    [
      'authHeaders that throw statusCode 401',
      { ...url, authHeaders: () => Promise.reject(Object.assign(new Error('no'), { statusCode: 401 })) },
    ],
  ])('%s says that no user is signed in', async (_what, options) => {
    const { auth, signIns } = setUp(options as ClientOptions);
    await expect(auth.getToken()).rejects.toMatchObject({ statusCode: 401, origin: 'source' });
    expect([auth.state.reason, signIns]).toEqual(['no user is signed in', [MINUTE]]);
  });

  it.each([
    [
      'a source that cannot be reached',
      { ...url, fetch: async () => Promise.reject(new TypeError('fetch failed')) },
    ],
    ['a source that throws', throwing(new Error('down'))],
    ['a source that gives nonsense', { authCallback: async () => 7 as never }],
    ['an authUrl that answers 500', answering(() => text('down', 'text/plain', 500))],
    ['an authUrl that answers 429', answering(() => text('slowly', 'text/plain', 429))],
    ['a 403', answering(() => text('no', 'text/plain', 403))],
    [
      'a refused key at the service',
      {
        key: 'appId.keyId:secret',
        useTokenAuth: true,
        fetch: new MockHttp(() => json({ error: { code: 40101, statusCode: 401, message: 'no' } }, 401))
          .fetch,
      },
    ],
  ])('%s does not say that no user is signed in', async (_what, options) => {
    const { auth, signIns } = setUp(options as ClientOptions);
    await expect(auth.getToken()).rejects.toBeInstanceOf(ErrorInfo);
    expect(auth.state.reason).not.toBe('no user is signed in');
    expect(signIns).toEqual([]);
  });
});

describe('a hidden page, whose timers fire once a minute', () => {
  it('no user is signed in: the source is asked no more often than in a page that is shown', async () => {
    const inner = new VirtualClock();
    const late = (ms: number) => Math.ceil((inner.monotonic() + ms) / MINUTE) * MINUTE - inner.monotonic();
    const clock = {
      now: () => inner.now(),
      monotonic: () => inner.monotonic(),
      setTimeout: (fn: () => void, ms: number) =>
        inner.setTimeout(fn, ms === Number.POSITIVE_INFINITY ? ms : late(ms)),
      clearTimeout: (handle: unknown) => inner.clearTimeout(handle as never),
    };
    const source = session();
    const auth = new Auth({ authCallback: source.authCallback, clock, random: () => 0.5, logLevel: 'none' });
    onTestFinished(() => auth.dispose());
    auth.token$.subscribe();
    await inner.advance(3 * HOUR);
    expect(source.moments.length).toBeLessThan(10);
  });
});
