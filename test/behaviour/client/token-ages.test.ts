import { describe, expect, it, onTestFinished } from 'vitest';
import { seededChance } from '../../../src/chance.js';
import { TokenAges } from '../../../src/client/token-ages.js';
import { Auth, type ClientOptions, type TokenDetails } from '../../../src/index.js';
import { settle, VirtualClock } from '../../../src/testing/index.js';

const MINUTE = 60_000;
const LIFE = 60 * MINUTE;
const START = Date.UTC(2026, 10, 1);

/** A client on a device whose clock is ahead by `skewMs`. Tokens live for an hour. */
function client(answer: (now: number) => ClientOptions, skewMs = 0) {
  const clock = new VirtualClock(START + skewMs);
  const auth = new Auth({ clock, random: () => 0, logLevel: 'none', ...answer(START) });
  onTestFinished(() => {
    auth.dispose();
    expect(clock.pending).toBe(0);
  });
  return { auth, clock, now: () => START + clock.monotonic() };
}

let count = 0;
const tokenOf = (issued: number): TokenDetails => {
  count += 1;
  return { token: `token-${count}`, issued, expires: issued + LIFE };
};

/** When the token is renewed and when it is given up, minutes from now. */
function plan(auth: Auth): readonly (number | null)[] {
  const { token } = auth.explain();
  const minutes = (ms: number | null | undefined) => (ms == null ? null : Math.round(ms / MINUTE));
  return [minutes(token?.renewInMs), minutes(token?.diesInMs)];
}

/** An endpoint: each answer gives a token of an age, with these headers. */
const endpoint = (
  ageMs: number | (() => number),
  headers: (now: number) => Record<string, string>,
  skewMs = 0,
) => {
  let asked = 0;
  const one = client(
    () => ({
      authUrl: 'https://example.com/token',
      fetch: async () => {
        asked += 1;
        const old = typeof ageMs === 'function' ? ageMs() : ageMs;
        return Response.json(tokenOf(one.now() - old), { headers: headers(one.now()) });
      },
    }),
    skewMs,
  );
  return { ...one, asked: () => asked };
};

const date = (ms: number) => ({ date: new Date(ms).toUTCString() });

/** The ages by a device whose two clocks the test sets. */
function agesByHand() {
  const time = { local: 0, monotonic: 0 };
  const unused = () => {
    throw new Error('no timer is needed');
  };
  const ages = new TokenAges({
    now: () => time.local,
    monotonic: () => time.monotonic,
    setTimeout: unused,
    clearTimeout: unused,
  });
  const of = (
    token: string,
    times: { issued?: number; expires?: number },
    at: { local: number; monotonic: number; date?: number | undefined },
  ) => {
    Object.assign(time, at);
    return ages.of(token, times, { local: at.local, date: at.date });
  };
  return { of };
}

describe('the age of a token', () => {
  it.each([
    ['counts alone from the second answer on', [], 5],
    ['is remembered over an answer without a Date', [undefined], 5],
    ['counts as one of several if it did not run', [90 * MINUTE], 35],
  ])('the Date of answers %s', (_what, between, oldest) => {
    const { of } = agesByHand();
    of('a', { issued: 0, expires: LIFE }, { local: 40 * MINUTE, date: 10 * MINUTE, monotonic: 0 });
    // Tokens that do not expire say nothing about clocks, but their answers have a Date.
    for (const date of between) of('b', {}, { local: 70 * MINUTE, date, monotonic: 30 * MINUTE });
    const times = { issued: 65 * MINUTE, expires: 65 * MINUTE + LIFE };
    const age = of('c', times, { local: 100 * MINUTE, date: 70 * MINUTE, monotonic: 60 * MINUTE });
    expect(age).toEqual({ lifetimeMs: LIFE, ageMs: 5 * MINUTE, oldestMs: oldest * MINUTE });
  });

  it('a token of a cache is renewed and given up by the time that it has left', async () => {
    const { auth } = client((now) => ({ authCallback: async () => tokenOf(now - 50 * MINUTE) }));
    await auth.authorize();
    // The first renewals of many clients are spread over the rest of the life.
    expect(plan(auth)).toEqual([5, 10]);
  });

  it('a token that its times make older than its life, or younger than new, is new', async () => {
    for (const age of [61, 10_000, -5]) {
      const { auth } = client((now) => ({ authCallback: async () => tokenOf(now - age * MINUTE) }));
      await auth.authorize();
      expect(plan(auth)).toEqual([48, 60]);
    }
  });

  it('a token whose times are not those of a clock is new each time', async () => {
    const { auth, clock } = client(() => ({
      authCallback: async () => ({ token: `${Math.random()}`, issued: 0, expires: MINUTE }),
    }));
    await auth.authorize();
    for (let renewals = 0; renewals < 10; renewals += 1) {
      await clock.advance(49_000);
      const { receivedInMs = 0, diesInMs } = auth.explain().token ?? {};
      expect((diesInMs ?? 0) - receivedInMs).toBe(MINUTE);
    }
  });

  it('the Date of the answer counts where the local clock is wrong', async () => {
    const { auth } = endpoint(50 * MINUTE, date, -3 * LIFE);
    await auth.authorize();
    expect(plan(auth)).toEqual([5, 10]);
  });

  it('the Age of a cached answer is added to its Date', async () => {
    const kept = (now: number) => ({ ...date(now - 50 * MINUTE), age: '3000' });
    const { auth } = endpoint(50 * MINUTE, kept, -3 * LIFE);
    await auth.authorize();
    expect(plan(auth)).toEqual([5, 10]);
  });

  it.each([
    ['by years', 9_000_000],
    ['by years, into the past', -9_000_000],
    ['by less than a life', 40],
    ['by less than a life, into the past', -40],
    ['so that the token seems to be dead', 70],
  ])('a Date that lies %s makes no good token dead', async (_how, minutes) => {
    const { auth } = endpoint(0, (now) => date(now + minutes * MINUTE));
    await auth.authorize();
    expect(plan(auth)[1]).toBe(60);
  });

  it('a Date that is unreadable, and an Age that is, say nothing', async () => {
    const headers = { date: 'yesterday', age: '-1e9' };
    const { auth } = endpoint(50 * MINUTE, () => headers);
    await auth.authorize();
    expect(plan(auth)).toEqual([5, 10]);
  });

  it('where clocks disagree, the oldest age says when the token is renewed, and the youngest when it is given up', async () => {
    const { auth } = endpoint(10 * MINUTE, date, 20 * MINUTE);
    await auth.authorize();
    expect(plan(auth)).toEqual([18, 50]);
  });

  it('clocks that go on disagreeing do not make the source be asked without a pause', async () => {
    let turn = 0;
    const { auth, clock, asked } = endpoint(0, (now) => {
      turn += 1;
      return date(now + ((turn * 37) % 59) * MINUTE);
    });
    auth.token$.subscribe();
    await settle();
    await clock.advance(6 * LIFE);
    expect(asked()).toBeLessThanOrEqual(2 * 8);
  });

  it('a clock that makes three new tokens equally old, at times of no schedule, is known to be wrong', async () => {
    const { auth, clock } = client(
      () => ({ authCallback: async () => tokenOf(START + clock.monotonic()) }),
      20 * MINUTE,
    );
    await auth.authorize();
    expect(plan(auth)[1]).toBe(40);
    for (const minutes of [28, 18]) {
      expect(plan(auth)[1]).toBe(40);
      await clock.advance(minutes * MINUTE);
      await auth.authorize();
    }
    expect(plan(auth)[1]).toBe(60);
  });

  it('a client whose clock is wrong finds out by itself, at the cost of one request', async () => {
    let asked = 0;
    const { auth, clock } = client(() => {
      return {
        authCallback: async () => {
          asked += 1;
          return tokenOf(START + clock.monotonic());
        },
      };
    }, 20 * MINUTE);
    auth.token$.subscribe();
    await settle();
    await clock.advance(47 * MINUTE);
    expect([asked, plan(auth)[1]]).toEqual([3, 59]);
    await clock.advance(5 * LIFE);
    expect(asked).toBe(9);
  });

  it.each([5, 12, 17, 20, 24, 30, 40, 47, 48, 55])(
    'a source that makes a token every %i min is not taken for a wrong clock',
    async (everyMinutes) => {
      for (const phase of [0, 0.37, 0.8]) {
        const { auth, clock, now } = client(() => ({
          authCallback: async () => {
            const round = Math.floor((now() - START) / (everyMinutes * MINUTE) + phase);
            const issued = START + (round - phase) * everyMinutes * MINUTE;
            return { token: `token-${round}`, issued, expires: issued + LIFE };
          },
        }));
        auth.token$.subscribe();
        await settle();
        let dead = 0;
        for (let minute = 0; minute < 10 * 60; minute += 1) {
          await clock.advance(MINUTE);
          const token = await Promise.race([auth.getToken(), settle().then(() => null)]).catch(() => null);
          if ((token?.expires ?? Number.POSITIVE_INFINITY) <= now()) dead += 1;
        }
        expect([phase, dead]).toEqual([phase, 0]);
      }
    },
  );

  it('several servers that make their tokens at the same moments are not taken for a wrong clock', async () => {
    let server = 0;
    const { auth, clock, now } = client(() => ({
      authCallback: async () => {
        server += 1;
        const issued = Math.floor(now() / (50 * MINUTE)) * 50 * MINUTE + server * 700;
        return { token: `token-${server}`, issued, expires: issued + LIFE };
      },
    }));
    await clock.advance(50 * MINUTE - ((START + 20 * MINUTE) % (50 * MINUTE)));
    for (let calls = 0; calls < 5; calls += 1) {
      await auth.authorize();
      await clock.advance(1_000);
    }
    expect(plan(auth)[1]).toBe(30);
  });

  it('tokens with any times are compared in a moment', () => {
    const { of } = agesByHand();
    const step = Number.MAX_SAFE_INTEGER / 8;
    for (const round of [1, 2, 3, 4, 5]) {
      const local = round * step;
      const issued = local - 10_000;
      const age = of(`${round}`, { issued, expires: issued + LIFE }, { local, monotonic: local });
      expect(age?.ageMs).toBe(10_000);
    }
  });

  it('a Date that runs says when a JWT with exp alone is given up', async () => {
    let isDown = false;
    const one = client(
      () => ({
        authUrl: 'https://example.com/token',
        fetch: async () => {
          if (isDown) throw new TypeError('fetch failed');
          const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
          const exp = (one.now() + LIFE) / 1_000;
          const jwt = `${encoded({ alg: 'HS256' })}.${encoded({ exp, jti: `${exp}` })}.x`;
          return new Response(jwt, { headers: { 'content-type': 'text/plain', ...date(one.now()) } });
        },
      }),
      -20 * MINUTE,
    );
    one.auth.token$.subscribe();
    await settle();
    await one.clock.advance(50 * MINUTE);
    isDown = true;
    await one.clock.advance(57 * MINUTE);
    expect(one.auth.tokenDetails).not.toBeNull();
    await one.clock.advance(2 * MINUTE);
    expect(one.auth.tokenDetails).toBeNull();
  });

  it.each([3, 6])('tokens whose ages differ by %i s are taken for new only if that is a delay', (seconds) => {
    const byHand = agesByHand();
    const of = (issued: number, ageMs: number) => {
      const now = issued + ageMs;
      return byHand.of(`${issued}`, { issued, expires: issued + LIFE }, { local: now, monotonic: now });
    };
    of(0, 12 * MINUTE);
    of(36 * MINUTE, 12 * MINUTE);
    expect(of(61 * MINUTE, 12 * MINUTE + seconds * 1_000)?.ageMs).toBe(
      seconds < 5 ? seconds * 1_000 : 12 * MINUTE + seconds * 1_000,
    );
  });

  // The monotonic clock stands still during sleep.
  it('a token after a sleep is not taken for new, although the monotonic clock counted little time since the last one', () => {
    const { of } = agesByHand();
    of('a', { issued: 0, expires: LIFE }, { local: 12 * MINUTE, monotonic: 0 });
    const times = { issued: 50 * MINUTE, expires: 50 * MINUTE + LIFE };
    expect(of('b', times, { local: 62 * MINUTE, monotonic: MINUTE })?.ageMs).toBe(12 * MINUTE);
  });

  it('a token that the source gives again after a sleep is older by the sleep', () => {
    const { of } = agesByHand();
    const times = { issued: 0, expires: LIFE };
    expect(of('a', times, { local: 5 * LIFE, monotonic: 0 })?.ageMs).toBe(0);
    expect(of('a', times, { local: 5 * LIFE + 50 * MINUTE, monotonic: MINUTE })?.ageMs).toBe(50 * MINUTE);
  });

  it.each([
    ['after a sleep', 100, 1, 5],
    ['after the local clock was set', 115, 60, 5],
  ])('a Date that runs counts alone %s', (_when, localMinutes, monotonicMinutes, oldest) => {
    const { of } = agesByHand();
    of('a', { issued: 0, expires: LIFE }, { local: 40 * MINUTE, date: 10 * MINUTE, monotonic: 0 });
    const times = { issued: 65 * MINUTE, expires: 65 * MINUTE + LIFE };
    const at = { local: localMinutes * MINUTE, date: 70 * MINUTE, monotonic: monotonicMinutes * MINUTE };
    expect(of('c', times, at)?.oldestMs).toBe(oldest * MINUTE);
  });

  it('the time of the service counts, once the client has asked for it', async () => {
    const one = client(
      () => ({
        authCallback: async () => tokenOf(one.now() - 50 * MINUTE),
        fetch: async () => Response.json([one.now()], { headers: date(one.now()) }),
      }),
      -3 * LIFE,
    );
    await one.auth.time();
    await one.auth.authorize();
    expect(plan(one.auth)).toEqual([5, 10]);
  });

  it('a token that the source gives again does not get younger', async () => {
    let kept: TokenDetails | undefined;
    const { auth, clock, now } = client(
      () => ({
        authCallback: async () => {
          // The cache of this source is emptied late.
          if (kept === undefined || (kept.expires ?? 0) < now()) kept = tokenOf(now());
          return kept;
        },
      }),
      20 * MINUTE,
    );
    auth.token$.subscribe();
    await settle();
    let dead = 0;
    for (let minute = 0; minute < 6 * 60; minute += 1) {
      await clock.advance(MINUTE);
      const token = await Promise.race([auth.getToken(), settle().then(() => null)]).catch(() => null);
      if ((token?.expires ?? Number.POSITIVE_INFINITY) < now()) dead += 1;
    }
    expect(dead).toBe(0);
  });

  it('a token that was exchanged just now is new, whatever the clock says', async () => {
    const one = client(
      () => ({
        key: 'app.key:secret',
        useTokenAuth: true,
        fetch: async () => Response.json(tokenOf(one.now())),
      }),
      20 * MINUTE,
    );
    await one.auth.authorize();
    expect(plan(one.auth)[1]).toBe(60);
  });
});

describe('a source with a cache', () => {
  it.each([5, 1])(
    'a source whose cache gets another token in the last %s minutes is seldom asked twice for one',
    async (leastMinutes) => {
      let kept = tokenOf(START);
      let asked = 0;
      const { auth, clock, now } = client(() => ({
        authCallback: async () => {
          asked += 1;
          if ((kept.expires ?? 0) - now() <= leastMinutes * MINUTE) kept = tokenOf(now());
          return kept;
        },
      }));
      const expired: unknown[] = [];
      auth.on('expired', (happening) => expired.push(happening));
      auth.token$.subscribe();
      await settle();
      await clock.advance(LIFE);
      const before = asked;
      await clock.advance(10 * LIFE);
      expect(asked - before).toBeLessThanOrEqual(13);
      expect(expired).toEqual([]);
    },
  );
});

describe('clients with one cache', () => {
  const HURRY = 30_000;

  /** Clients of one cache. It gets another token when so much of the last one is left. */
  async function fleet(size: number, leastMs: () => number) {
    const clock = new VirtualClock(START);
    const now = () => START + clock.monotonic();
    let kept = tokenOf(now());
    let asked: number[] = [];
    const clients = Array.from({ length: size }, (_, index) => {
      const random = seededChance(index);
      const authCallback = async () => {
        asked.push((kept.expires ?? 0) - now());
        if ((kept.expires ?? 0) - now() <= leastMs()) kept = tokenOf(now());
        return kept;
      };
      return new Auth({ clock, random, logLevel: 'none', authCallback });
    });
    onTestFinished(() => {
      for (const auth of clients) auth.dispose();
    });
    for (const auth of clients) auth.token$.subscribe();
    await settle();
    return {
      clients,
      clock,
      take: () => {
        const all = asked;
        asked = [];
        return all;
      },
    };
  }

  it('they do not ask in the same second, however late the cache gets another token', async () => {
    const { clients, clock, take } = await fleet(100, () => HURRY);
    await clock.advance(5 * LIFE);
    const spreads: number[] = [];
    for (let lives = 0; lives < 5; lives += 1) {
      take();
      const [first] = clients;
      const leads = clients.map((auth) => auth.explain().token?.renewInMs ?? 0);
      const most = Math.max(
        ...leads.map((one) => leads.filter((other) => Math.abs(one - other) < 1_000).length),
      );
      spreads.push(most);
      expect(first?.tokenDetails).not.toBeNull();
      await clock.advance(LIFE);
    }
    expect(Math.max(...spreads)).toBeLessThan(25);
  });

  it('a cache that was slow once does not leave its clients with a short lead for good', async () => {
    let leastMs = HURRY;
    const { clients, clock } = await fleet(1, () => leastMs);
    const lead = () => {
      const { renewInMs = 0, diesInMs = 0 } = clients[0]?.explain().token ?? {};
      return (diesInMs ?? 0) - (renewInMs ?? 0);
    };
    await clock.advance(1.5 * LIFE);
    expect(lead()).toBeLessThan(2 * MINUTE);
    leastMs = LIFE;
    await clock.advance(24 * LIFE);
    expect(lead()).toBeGreaterThan(11 * MINUTE);
  });
});

describe('two caches that answer in turn', () => {
  it.each([
    [51, 53.5, 1],
    [52, 54, 1],
    [51, 53, 0.5],
  ])('tokens that are %s and %s minutes old cause no storm of renewals', async (one, other, leastMinutes) => {
    let asked = 0;
    const caches = [one, other].map((minutes) => tokenOf(START - minutes * MINUTE));
    const { auth, clock, now } = client(() => ({
      authCallback: async () => {
        asked += 1;
        const at = asked % 2;
        if ((caches[at]?.expires ?? 0) - now() < leastMinutes * MINUTE) caches[at] = tokenOf(now());
        return caches[at] as TokenDetails;
      },
    }));
    await auth.authorize();
    await clock.advance(10 * MINUTE);
    expect(asked).toBeLessThan(12);
    expect(auth.state.value).toBe('authorized');
  });
});
