import { describe, expect, it, vi } from 'vitest';
import { Auth, type ClientOptions, ErrorInfo, type TokenDetails } from '../../../src/index.js';
import { type SharingOptions, type SharingPort, shareTokens } from '../../../src/sharing/index.js';
import { fakeConnection } from '../../../src/testing/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { memoryStore } from '../../kit/memory-store.js';

const MINUTE = 60_000;

function setUp({ life = MINUTE, answerMs = 20 }: { life?: number; answerMs?: number } = {}) {
  const clock = new VirtualClock();
  const store = memoryStore(clock);
  let count = 0;
  const source = vi.fn(async (): Promise<TokenDetails> => {
    const issued = clock.now();
    await new Promise<void>((resolve) => clock.setTimeout(resolve, answerMs));
    count += 1;
    return { token: `token ${count}`, issued, expires: issued + life };
  });
  const member = (
    sharing: SharingOptions = { session: () => 'ada' },
    more: Partial<Omit<ClientOptions, 'port'>> = {},
    port = store.port,
  ) => {
    const steps: string[] = [];
    const auth = new Auth({
      clock,
      random: () => 0.5,
      authCallback: source,
      sharing: shareTokens(port, sharing),
      inspect: (event: {
        readonly type: string;
        readonly event?: { readonly type?: string; readonly step?: string };
      }) => {
        if (event.type === '@xstate.event' && event.event?.type === 'acquisition.step' && event.event.step)
          steps.push(event.event.step);
      },
      ...more,
    } as ClientOptions);
    return Object.assign(auth, { steps });
  };
  return { clock, store, source, member };
}

describe('members that need a token at the same time', () => {
  it('one asks the source, and each uses the token', async () => {
    const { clock, source, member, store } = setUp();
    const members = Array.from({ length: 5 }, () => member());
    const got = Promise.all(members.map((auth) => auth.getToken()));
    await clock.advance(2_000);
    expect(new Set((await got).map(({ token }) => token))).toEqual(new Set(['token 1']));
    expect(source).toHaveBeenCalledTimes(1);
    expect(store.counts.accepted).toBe(1);
    expect(store.leases.size).toBe(0);
    expect(members[0]?.steps).toEqual(['asking', 'presenting', 'over']);
    expect(members[1]?.steps).toEqual([
      'asking',
      'waiting for another member',
      'adopted',
      'presenting',
      'over',
    ]);
    for (const auth of members) auth.dispose();
  });

  it('promise 6: each member renews by its own plan, and the source is asked as often as for one', async () => {
    const callsAlone = async (random: () => number): Promise<number> => {
      const one = setUp();
      const auth = one.member(undefined, { random });
      auth.token$.subscribe();
      await one.clock.advance(10 * MINUTE);
      auth.dispose();
      return one.source.mock.calls.length;
    };
    const { clock, source, member } = setUp();
    const members = Array.from({ length: 4 }, (_, n) => member(undefined, { random: () => n / 4 }));
    const seen = members.map(() => new Set<string>());
    for (const [n, auth] of members.entries()) auth.token$.subscribe(({ token }) => seen[n]?.add(token));
    await clock.advance(10 * MINUTE);
    const calls = source.mock.calls.length;
    const alone = await Promise.all(members.map((_, n) => callsAlone(() => n / 4)));
    expect(calls).toBeLessThanOrEqual(Math.max(...alone));
    for (const tokens of seen) expect(tokens.size).toBeGreaterThanOrEqual(calls - 1);
    for (const auth of members) auth.dispose();
  });

  it('members that come one after the other do not renew a token early, each at another moment', async () => {
    const { clock, source, member } = setUp();
    const members = [];
    for (let n = 0; n < 12; n += 1) {
      const auth = member(undefined, { random: n === 0 ? () => 0 : () => (12 - n) / 12 });
      auth.token$.subscribe();
      members.push(auth);
      await clock.advance(2_000);
    }
    expect(source).toHaveBeenCalledTimes(1);
    for (const auth of members) auth.dispose();
  });
});

const strangers: readonly (readonly [string, SharingOptions, Partial<ClientOptions>])[] = [
  ['another session', { session: () => 'grace' }, {}],
  ['another source', { session: () => 'ada', source: 'other' }, {}],
  ['another clientId', { session: () => 'ada' }, { clientId: 'ada' }],
  ['other rights', { session: () => 'ada' }, { defaultTokenParams: { capability: { a: ['publish'] } } }],
  ['another life', { session: () => 'ada' }, { defaultTokenParams: { ttl: 30_000 } }],
  ['another service', { session: () => 'ada' }, { endpoint: 'example.com' }],
  ['nobody', { session: () => null }, {}],
];

const wrongSessions: readonly (readonly [string, () => unknown])[] = [
  ['throws', () => fail('no cookie')],
  ['returns a promise', () => new Promise<never>(() => {})],
  ['returns a number', () => 7],
  ['returns an empty text', () => ''],
];

describe('whose token it is', () => {
  it('without session and clientId, a client is refused by name', () => {
    const { member } = setUp();
    expect(() => member({})).toThrow(/sharing does not know whose tokens they are.*session.*clientId/s);
    expect(() => member({}, { clientId: 'ada' })).not.toThrow();
    expect(() => member({ session: 'ada' as never })).toThrow(/session is a string/);
    expect(() => member({ source: 1 as never })).toThrow(/source is 1/);
  });

  it.each(strangers)('promise 9: members do not share with %s', async (_who, sharing, more) => {
    const { clock, source, member } = setUp();
    const members = [member(), member(sharing, more)];
    for (const auth of members) auth.getToken();
    await clock.advance(2_000);
    expect(source).toHaveBeenCalledTimes(2);
    expect(members[0]?.tokenDetails?.token).not.toBe(members[1]?.tokenDetails?.token);
    for (const auth of members) auth.dispose();
  });

  it('a member whose user changes while it waits does not use the token of the user before', async () => {
    const { clock, source, member } = setUp({ answerMs: 300 });
    const ada = member();
    let who: string | null = 'ada';
    const tab = member({ session: () => who });
    ada.getToken();
    await clock.advance(10);
    const got = tab.getToken();
    await clock.advance(50);
    who = 'grace';
    await clock.advance(2_000);
    expect((await got).token).toBe('token 2');
    expect(source).toHaveBeenCalledTimes(2);
    for (const auth of [ada, tab]) auth.dispose();
  });

  it('a token of a user who came and went during the fetch is not written for the user before', async () => {
    const { clock, store, member } = setUp({ answerMs: 300 });
    let who = 'ada';
    const port: SharingPort = {
      ...store.port,
      async lease() {
        // All the time another member has the lease, and at last there is another user for a moment.
        if (clock.monotonic() >= 5_000) who = 'grace';
        return null;
      },
    };
    const tab = member({ session: () => who }, {}, port);
    const got = tab.getToken();
    await clock.advance(5_100);
    expect(tab.steps).toContain('fetching alone');
    who = 'ada';
    await clock.advance(1_000);
    await got;
    expect([...store.values.values()].map(({ value }) => value).join()).not.toContain('token');
    tab.dispose();
  });

  it.each(wrongSessions)(
    'a function session that %s shares nothing, and that is said once',
    async (_fault, session) => {
      const { clock, member, store } = setUp();
      const lines: string[] = [];
      const auth = member({ session: session as never }, { logHandler: (line) => lines.push(line) });
      auth.token$.subscribe();
      await clock.advance(3 * MINUTE);
      expect(auth.state.value).toBe('authorized');
      expect(store.counts.reads).toBe(0);
      expect(lines.filter((line) => line.includes('session'))).toHaveLength(1);
      auth.dispose();
    },
  );
});

describe('which tokens are adopted', () => {
  it('authorize() with arguments asks the source itself, and no other member gets that token', async () => {
    const { clock, source, member } = setUp();
    const [one, other] = [member(), member()];
    await Promise.all([one.getToken(), clock.advance(100)]);
    await Promise.all([other.authorize({ ttl: 10_000 }), clock.advance(100)]);
    expect(source).toHaveBeenCalledTimes(2);
    const third = member();
    await Promise.all([third.getToken(), clock.advance(100)]);
    expect(third.tokenDetails?.token).toBe('token 1');
    for (const auth of [one, other, third]) auth.dispose();
  });

  it('authorize() of a client with a token does not take one that was there before', async () => {
    const { clock, source, member } = setUp();
    const [one, other] = [member(), member()];
    await Promise.all([one.getToken(), clock.advance(100)]);
    await Promise.all([other.getToken(), clock.advance(100)]);
    await Promise.all([one.authorize(), clock.advance(100)]);
    expect(one.tokenDetails?.token).toBe('token 2');
    await Promise.all([other.authorize(), clock.advance(100)]);
    expect(other.tokenDetails?.token).toBe('token 3');
    expect(source).toHaveBeenCalledTimes(3);
    const both = Promise.all([one.authorize(), other.authorize()]);
    await clock.advance(1_000);
    expect(new Set((await both).map(({ token }) => token))).toEqual(new Set(['token 4']));
    for (const auth of [one, other]) auth.dispose();
  });

  it('a token that a server refused is not taken from another member', async () => {
    const { clock, source, member } = setUp();
    const connection = fakeConnection();
    const one = member(undefined, { connection });
    await Promise.all([one.getToken(), clock.advance(100)]);
    connection.report({ type: 'token.refused', error: new ErrorInfo({ code: 40142, message: 'refused' }) });
    await clock.advance(2_000);
    expect(one.tokenDetails?.token).toBe('token 2');
    expect(source).toHaveBeenCalledTimes(2);
    one.dispose();
  });

  it('a token keeps its age, and is not adopted when it ends soon', async () => {
    const { clock, source, member } = setUp();
    const still = { renewal: 'off' } as const;
    const one = member(undefined, still);
    await Promise.all([one.getToken(), clock.advance(100)]);
    await clock.advance(0.6 * MINUTE);
    const late = member(undefined, still);
    await Promise.all([late.getToken(), clock.advance(100)]);
    expect(source).toHaveBeenCalledTimes(1);
    const diesInMs = late.explain().token?.diesInMs ?? 0;
    expect(diesInMs).toBeLessThan(0.4 * MINUTE);
    expect(diesInMs).toBeGreaterThan(0.39 * MINUTE);
    await clock.advance(0.2 * MINUTE);
    const last = member(undefined, still);
    await Promise.all([last.getToken(), clock.advance(100)]);
    expect(source).toHaveBeenCalledTimes(2);
    for (const auth of [one, late, last]) auth.dispose();
  });

  it.each([
    ['no JSON', 'no JSON'],
    ['of another version', JSON.stringify({ format: 2, details: { token: 'x' } })],
    ['without a token', JSON.stringify({ format: 1, details: { issued: 1 } })],
    ['with a token that is no text', JSON.stringify({ format: 1, details: { token: 7 } })],
    ['with JSON as a token', JSON.stringify({ format: 1, details: { token: '{"a":1}' } })],
    [
      'with an age that is no number',
      JSON.stringify({ format: 1, details: { token: 'x' }, age: { lifetimeMs: 'a' } }),
    ],
    [
      'with an endless life',
      '{"format":1,"details":{"token":"x"},"age":{"lifetimeMs":1e999,"ageMs":0,"oldestMs":0}}',
    ],
    [
      'that is dead',
      JSON.stringify({ format: 1, details: { token: 'x' }, age: { lifetimeMs: 9, ageMs: 9, oldestMs: 9 } }),
    ],
    [
      'that is dead by its own times',
      JSON.stringify({ format: 1, details: { token: 'x', issued: 2, expires: 1 } }),
    ],
    [
      'whose life is too long',
      JSON.stringify({
        format: 1,
        details: { token: 'x', issued: 1, expires: 60_001 },
        age: { lifetimeMs: 90_000, ageMs: 0, oldestMs: 0 },
      }),
    ],
    ['of another client', JSON.stringify({ format: 1, details: { token: 'x', clientId: 'eve' } })],
    ['nested too deep', `${'['.repeat(500)}${']'.repeat(500)}`],
    ['too large', 'x'.repeat(300_000)],
  ])('a stored value %s is never used', async (_fault, value) => {
    const { clock, source, member, store } = setUp();
    const first = member(undefined, { clientId: 'ada' });
    await Promise.all([first.getToken(), clock.advance(100)]);
    for (const [name, stored] of store.values) store.values.set(name, { ...stored, value });
    const auth = member(undefined, { clientId: 'ada' });
    auth.getToken().catch(() => {});
    await clock.advance(6_000);
    expect(auth.tokenDetails?.token).toBe('token 2');
    expect(source).toHaveBeenCalledTimes(2);
    for (const one of [first, auth]) one.dispose();
  });
});

describe('when the others do not answer', () => {
  it('promise 1: a holder that dies stops no member: after half of the wait one member asks in its place, for all', async () => {
    const { clock, source, member, store } = setUp();
    const hung = member(undefined, { authCallback: () => new Promise<never>(() => {}) });
    hung.getToken().catch(() => {});
    await clock.advance(10);
    expect(store.leases.size).toBe(1);
    const others = Array.from({ length: 20 }, (_, n) => member(undefined, { random: () => n / 20 }));
    const got = Promise.all(others.map((auth) => auth.getToken()));
    await clock.advance(2_400);
    expect(source).not.toHaveBeenCalled();
    await clock.advance(700);
    expect(new Set((await got).map(({ token }) => token))).toEqual(new Set(['token 1']));
    expect(source).toHaveBeenCalledTimes(1);
    const endings = others.map(({ steps }) => steps.slice(1, -2).join(', '));
    expect(endings.filter((steps) => steps === 'waiting for another member, fetching alone')).toHaveLength(1);
    expect(endings.filter((steps) => steps === 'waiting for another member, adopted')).toHaveLength(19);
    for (const one of [hung, ...others]) one.dispose();
  });

  it('two members that die stop no member for longer than 5 s', async () => {
    const { clock, source, member } = setUp();
    const authCallback = vi.fn(() => new Promise<never>(() => {}));
    const hung = [member(undefined, { authCallback }), member(undefined, { authCallback })];
    for (const one of hung) one.getToken().catch(() => {});
    await clock.advance(3_000);
    expect(authCallback).toHaveBeenCalledTimes(2);
    const others = [member(), member()];
    const got = Promise.all(others.map((auth) => auth.getToken()));
    await clock.advance(4_500);
    expect(source).not.toHaveBeenCalled();
    await clock.advance(600);
    expect(await got).toHaveLength(2);
    for (const one of [...hung, ...others]) one.dispose();
  });

  it('promise 1: a member with a token waits at most half of its remaining life', async () => {
    const { clock, member } = setUp({ life: 8_000 });
    const auth = member();
    auth.token$.subscribe();
    await clock.advance(1_000);
    const hung = member(undefined, { authCallback: () => new Promise<never>(() => {}) });
    hung.authorize().catch(() => {});
    await clock.advance(6_800);
    expect(auth.state.value).toBe('authorized');
    expect(auth.tokenDetails?.token).toBe('token 2');
    for (const one of [hung, auth]) one.dispose();
  });

  it('a member whose token ends soon looks often whether the holder is gone', async () => {
    const { clock, member, source, store } = setUp({ life: 4_000 });
    const auth = member();
    auth.token$.subscribe();
    await clock.advance(2_000);
    const calls = source.mock.calls.length;
    const [name = ''] = [...store.values.keys()];
    store.leases.set(name, { until: Number.POSITIVE_INFINITY });
    const isWaiting = () => auth.steps.at(-1) === 'waiting for another member';
    while (!isWaiting()) await clock.advance(10);
    store.leases.clear();
    await clock.advance(100);
    expect(source.mock.calls.length).toBe(calls + 1);
    auth.dispose();
  });

  it('a process that stood still takes the answer of the store that came meanwhile', async () => {
    let now = 0;
    const timers = new Map<object, () => void>();
    const clock = {
      now: () => now,
      monotonic: () => now,
      setTimeout(fn: () => void, ms: number) {
        const timer = { at: now + ms };
        timers.set(timer, () => timer.at <= now && timers.delete(timer) && fn());
        return timer;
      },
      clearTimeout: (timer: unknown) => void timers.delete(timer as object),
    };
    const { port } = memoryStore(clock);
    let answer = () => {};
    const late = new Promise<null>((resolve) => (answer = () => resolve(null)));
    const read = vi.fn(port.read).mockReturnValueOnce(late);
    const log = vi.fn();
    const { addMember } = shareTokens({ ...port, read }, { session: () => 'ada' });
    const member = addMember({ clientId: undefined, clock, random: () => 0.5, log }, () => {});
    const details: TokenDetails = { token: 'a token' };
    const got = member.acquire(
      {
        ...{ purpose: '', attempt: 1, isNewWanted: false, deadlineMs: 10_000 },
        fetch: async () => details,
        share: () => ({ details }),
        adopt: (shared) => shared.details,
        tell: () => {},
      },
      new AbortController().signal,
    );
    await vi.waitFor(() => expect(read).toHaveBeenCalled());
    now = 60_000;
    for (const fire of [...timers.values()]) fire();
    answer();
    expect(await got).toBe(details);
    expect(log).not.toHaveBeenCalled();
  });

  it('promise 4: a late winner does not replace the token of its successor', async () => {
    const { clock, member, store } = setUp();
    let answer = (_token: TokenDetails) => {};
    const authCallback = () => new Promise<TokenDetails>((resolve) => (answer = resolve));
    const paused = member(undefined, { authCallback });
    const got = paused.getToken();
    await clock.advance(10);
    const auth = member();
    auth.getToken();
    await clock.advance(5_200);
    expect(auth.tokenDetails?.token).toBe('token 1');
    answer({ token: 'late', issued: clock.now(), expires: clock.now() + MINUTE });
    await clock.advance(100);
    expect((await got).token).toBe('late');
    expect(paused.steps).toContain('lease lost');
    expect(store.counts.rejected).toBe(1);
    expect([...store.values.values()].map(({ value }) => value).join()).not.toContain('late');
    for (const one of [paused, auth]) one.dispose();
  });

  it.each(['read', 'write', 'lease'] as const)(
    'a store whose %s fails or hangs costs no member a token, and that is said once',
    async (word) => {
      for (const fault of [
        () => Promise.reject(new Error('gone')),
        () => new Promise<never>(() => {}),
        async () => 7,
      ]) {
        const { clock, member, store } = setUp();
        const lines: string[] = [];
        const port = { ...store.port, [word]: fault } as SharingPort;
        const auth = member(undefined, { logHandler: (line) => lines.push(line) }, port);
        auth.token$.subscribe();
        await clock.advance(5_000);
        expect(auth.state.value, word).toBe('authorized');
        await clock.advance(5 * MINUTE);
        expect(auth.state.value).toBe('authorized');
        expect(lines.filter((line) => line.includes('store')).length).toBeLessThanOrEqual(1);
        auth.dispose();
        expect(store.listeners.size).toBe(0);
      }
    },
  );

  it('a second outage of the store is said again', async () => {
    const { clock, member, store } = setUp();
    const lines: string[] = [];
    let isAway = true;
    const read: SharingPort['read'] = (name) =>
      isAway ? Promise.reject(new Error('gone')) : store.port.read(name);
    const auth = member(undefined, { logHandler: (line) => lines.push(line) }, { ...store.port, read });
    auth.token$.subscribe();
    const said = () => lines.filter((line) => line.includes('store')).length;
    await clock.advance(2 * MINUTE);
    expect(said()).toBe(1);
    isAway = false;
    await clock.advance(2 * MINUTE);
    isAway = true;
    await clock.advance(2 * MINUTE);
    expect(said()).toBe(2);
    auth.dispose();
  });

  it('explain() names the step that goes on', async () => {
    const { clock, member } = setUp();
    let answer = (_token: TokenDetails) => {};
    const authCallback = () => new Promise<TokenDetails>((resolve) => (answer = resolve));
    const [asking, waiting] = [member(undefined, { authCallback }), member()];
    expect(asking.explain().step).toBeNull();
    asking.getToken();
    await clock.advance(10);
    waiting.getToken();
    await clock.advance(10);
    expect([asking, waiting].map((auth) => auth.explain().step)).toEqual([
      'asking',
      'waiting for another member',
    ]);
    answer({ token: 'new', issued: clock.now(), expires: clock.now() + MINUTE });
    await clock.advance(1_000);
    for (const auth of [asking, waiting]) {
      expect([auth.state.value, auth.explain().step]).toEqual(['authorized', null]);
      auth.dispose();
    }
  });

  it.each([
    ['subscribe() throws', { subscribe: () => fail('gone') }],
    ['subscribe() returns nothing', { subscribe: () => undefined as never }],
    ['lease is given back with an error', { lease: async () => () => fail('gone') }],
    ['subscribe() is ended with an error', { subscribe: () => () => fail('gone') }],
  ] satisfies [string, Partial<SharingPort>][])(
    'a store whose %s costs no member a token',
    async (_fault, change) => {
      const { clock, member, store } = setUp();
      const members = [1, 2].map(() => member(undefined, { logLevel: 'none' }, { ...store.port, ...change }));
      for (const auth of members) auth.token$.subscribe();
      await clock.advance(3 * MINUTE);
      for (const auth of members) {
        expect(auth.state.value).toBe('authorized');
        auth.dispose();
      }
    },
  );

  it('a foreign token that the connection does not take is adopted once, and then the source is asked', async () => {
    const { clock, member, store, source } = setUp();
    const connection = fakeConnection({ autoAccept: false });
    const first = member();
    await Promise.all([first.getToken(), clock.advance(100)]);
    const value = JSON.stringify({ format: 1, details: { token: 'foreign' } });
    for (const [name, stored] of store.values)
      if (stored.value !== '{}') store.values.set(name, { ...stored, value });
    const auth = member(undefined, { connection });
    auth.authorize().catch(() => {});
    await clock.advance(200);
    expect(auth.steps).toContain('adopted');
    connection.refuse(new ErrorInfo({ code: 80000, message: 'no' }));
    connection.autoAccept = true;
    await clock.advance(MINUTE);
    expect(auth.state.value).toBe('authorized');
    expect(auth.steps.filter((step) => step === 'adopted')).toHaveLength(1);
    expect(source.mock.calls.length).toBeGreaterThan(1);
    for (const one of [first, auth]) one.dispose();
  });

  it('a store that lost its data is used again at once', async () => {
    const { clock, member, store, source } = setUp();
    const members = [member(), member()];
    for (const auth of members) auth.token$.subscribe();
    await clock.advance(100);
    store.values.clear();
    store.leases.clear();
    await clock.advance(2 * MINUTE);
    const calls = source.mock.calls.length;
    expect(calls).toBeLessThanOrEqual(4);
    for (const auth of members) {
      expect(auth.tokenDetails?.token).toBe(`token ${calls}`);
      auth.dispose();
    }
  });
});

describe('signing out', () => {
  it('forget() signs this member out alone', async () => {
    const { clock, member } = setUp();
    const [one, other] = [member(), member()];
    for (const auth of [one, other]) auth.token$.subscribe();
    await clock.advance(1_000);
    one.forget();
    await clock.advance(1_000);
    expect([one.state.value, other.state.value]).toEqual(['idle', 'authorized']);
    for (const auth of [one, other]) auth.dispose();
  });

  it('promise 4: forget({ everywhere: true }) signs out all members of the session, and no late winner brings it back', async () => {
    const { clock, member, source } = setUp();
    const [one, other, third] = [member(), member(), member({ session: () => 'grace' })];
    for (const auth of [one, other, third]) auth.token$.subscribe();
    await clock.advance(1_000);
    const renewing = other.authorize();
    renewing.catch(() => {});
    await clock.advance(5);
    const told = one.forget({ everywhere: true });
    await clock.advance(1_000);
    await expect(told).resolves.toBeUndefined();
    await expect(renewing).rejects.toMatchObject({ code: 80017, reason: 'signed out' });
    expect([one, other, third].map(({ state }) => state.value)).toEqual(['idle', 'idle', 'authorized']);
    expect(other.state.reason).toBe('signed out');
    const calls = source.mock.calls.length;
    await Promise.all([one.authorize(), clock.advance(1_000)]);
    expect(source).toHaveBeenCalledTimes(calls + 1);
    expect(other.state.value).toBe('idle');
    await Promise.all([other.authorize(), clock.advance(1_000)]);
    expect(source).toHaveBeenCalledTimes(calls + 1);
    for (const auth of [one, other, third]) auth.dispose();
  });

  it('a member that was not told hears it when it next needs a token', async () => {
    const { clock, member, store } = setUp();
    const deaf = member(undefined, {}, { ...store.port, subscribe: () => () => {} });
    deaf.token$.subscribe();
    const one = member();
    await Promise.all([one.getToken(), clock.advance(1_000)]);
    one.forget({ everywhere: true });
    await clock.advance(1_000);
    expect(deaf.state.value).toBe('authorized');
    await clock.advance(MINUTE);
    expect(deaf.state).toMatchObject({ value: 'idle', reason: 'signed out' });
    for (const auth of [one, deaf]) auth.dispose();
  });

  it('a sign-out waits for the store, although the last acquisition had little time', async () => {
    const { clock, member, store } = setUp();
    const read: SharingPort['read'] = async (name) => {
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 200));
      return await store.port.read(name);
    };
    const auth = member(
      undefined,
      { realtimeRequestTimeout: 300, logLevel: 'none' },
      { ...store.port, read },
    );
    await Promise.all([auth.getToken(), clock.advance(1_000)]);
    const told = auth.forget({ everywhere: true });
    told.catch(() => {});
    await clock.advance(2_000);
    await expect(told).resolves.toBeUndefined();
    auth.dispose();
  });

  it('says so if the others could not be told', async () => {
    const { clock, member, store } = setUp();
    const port = { ...store.port, write: () => Promise.reject(new Error('gone')) };
    const auth = member(undefined, { logLevel: 'none' }, port);
    await Promise.all([auth.getToken(), clock.advance(1_000)]);
    const told = auth.forget({ everywhere: true });
    told.catch(() => {});
    await clock.advance(2_000);
    await expect(told).rejects.toMatchObject({ code: 80003 });
    expect(auth.state.reason).toBe('signed out');
    expect(() => auth.forget({ everywere: true } as never)).toThrow(/everywere/);
    auth.dispose();
  });
});

function fail(message: string): never {
  throw new Error(message);
}
