import { describe, expect, it, onTestFinished } from 'vitest';
import { Auth, type TokenDetails, type TokenParams } from '../../../src/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';

const HOUR = 3_600_000;

const jwt = (claims: object) =>
  `${btoa('{"alg":"HS256"}')}.${btoa(JSON.stringify(claims)).replaceAll('=', '')}.signature`;

function setUp(give: (now: number) => string | TokenDetails) {
  const clock = new VirtualClock();
  let calls = 0;
  const auth = new Auth({
    clock,
    random: () => 0.5,
    authCallback: async () => {
      calls += 1;
      return give(clock.now());
    },
  });
  onTestFinished(() => auth.dispose());
  return { auth, clock, calls: () => calls };
}

const wrong: readonly (readonly [
  what: string,
  give: (now: number) => string | TokenDetails,
  named: RegExp,
])[] = [
  [
    'expires in seconds',
    (now) => ({ token: 'a', issued: now, expires: Math.round(now / 1_000) + 3_600 }),
    /expires is \d+, which is in seconds/,
  ],
  [
    'issued and expires in seconds',
    (now) => ({ token: 'a', issued: Math.round(now / 1_000), expires: Math.round(now / 1_000) + 3_600 }),
    /issued is \d+, which is in seconds/,
  ],
  [
    'expires alone, in seconds',
    (now) => ({ token: 'a', expires: Math.round(now / 1_000) + 3_600 }),
    /expires is \d+, which is in seconds/,
  ],
  [
    'an hour in seconds added to ms',
    (now) => ({ token: 'a', issued: now, expires: now + 3_600 }),
    /lives for 3600 ms, as if seconds were added to ms/,
  ],
  [
    'a day in seconds added to ms',
    (now) => ({ token: 'a', issued: now, expires: now + 86_400 }),
    /lives for 86400 ms/,
  ],
  [
    'expires in microseconds',
    (now) => ({ token: 'a', issued: now, expires: (now + HOUR) * 1_000 }),
    /expires is \d+, which is not in ms/,
  ],
  ['a JWT with exp in ms', (now) => jwt({ exp: now + HOUR }), /expires is \d+, which is not in ms/],
  [
    'a JWT with iat and exp in ms',
    (now) => jwt({ iat: now, exp: now + HOUR }),
    /issued is \d+, which is not in ms/,
  ],
];

describe('a token whose times are in a wrong unit', () => {
  it.each(wrong)(
    '%s is an error by name at once, and is not asked for in haste',
    async (_what, give, named) => {
      const { auth, clock, calls } = setUp(give);
      await expect(auth.getToken()).rejects.toMatchObject({
        code: 40170,
        message: expect.stringMatching(named) as string,
        remediation: expect.stringContaining('in ms since the epoch') as string,
      });
      await clock.advance(6 * HOUR);
      expect(calls()).toBeLessThan(1_500);
    },
  );

  it.each(wrong.filter(([what]) => !what.includes('JWT')))(
    '%s in the options is refused by the constructor',
    (_what, give, named) => {
      const clock = new VirtualClock();
      const tokenDetails = give(clock.now()) as TokenDetails;
      expect(() => new Auth({ clock, tokenDetails })).toThrow(
        expect.objectContaining({ code: 40003, message: expect.stringMatching(named) as string }),
      );
    },
  );

  it.each([1_800, 3_600, 7_200, 14_400, 21_600, 28_800, 43_200, 86_400])(
    'a lifetime of %i ms is refused as seconds, and one ms more or less is not',
    (lifeMs) => {
      const clock = new VirtualClock();
      const make = (ms: number) => () => {
        const tokenDetails = { token: 'a', issued: clock.now(), expires: clock.now() + ms };
        new Auth({ clock, tokenDetails }).dispose();
      };
      expect(make(lifeMs)).toThrow(/as if seconds were added to ms/);
      expect(make(lifeMs - 1)).not.toThrow();
      expect(make(lifeMs + 1)).not.toThrow();
    },
  );

  const FIFTY_YEARS = 1.6e12;
  it.each<[what: string, now: number, expires: number, isRefused: boolean]>([
    ['the first second of 2001', 1.9e12, 1e9, true],
    ['a second before', 1.9e12, 1e9 - 1, false],
    ['the last second of 2286', 1.9e12, 1e10 - 1, true],
    ['a second after', 1.9e12, 1e10, false],
    ['a clock that may be set', 1e11, 1e9, true],
    ['a clock that was never set', 1e11 - 1, 1e9, false],
    ['less than fifty years away in microseconds', 1e12, (1e12 + FIFTY_YEARS - 1) * 1_000, true],
    ['fifty years away in microseconds', 1e12, (1e12 + FIFTY_YEARS) * 1_000, false],
    ['too few digits for microseconds', 1e11, 1e14, false],
    ['enough digits for microseconds', 1e11, 1e14 + 1_000, true],
  ])('the unit of expires is decided at its limits: %s', (_what, now, expires, isRefused) => {
    const make = () => new Auth({ clock: new VirtualClock(now), tokenDetails: { token: 'a', expires } });
    if (isRefused) expect(make).toThrow(expect.objectContaining({ code: 40003 }));
    else make().dispose();
  });

  it.each([
    [60_000, 60, true],
    [59_999, 59.999, false],
    [1, 1_000, true],
  ])('a token requested for %i ms that lives for %i ms: refused: %s', async (ttl, lifeMs, isRefused) => {
    const { auth } = setUp((now) => ({ token: 'a', issued: now, expires: now + lifeMs }));
    const call = auth.authorize({ ttl });
    if (isRefused) await expect(call).rejects.toMatchObject({ code: 40170 });
    else await expect(call).resolves.toMatchObject({ token: 'a' });
  });

  it('the lifetime that was requested shows the wrong unit', async () => {
    const ask = (lifeMs: number, params: TokenParams) =>
      setUp((now) => ({ token: 'a', issued: now, expires: now + lifeMs })).auth.authorize(params);
    await expect(ask(600, { ttl: 600_000 })).rejects.toMatchObject({ code: 40170 });
    await expect(ask(600_000_000, { ttl: 600_000 })).rejects.toMatchObject({ code: 40170 });
    await expect(ask(600_000, { ttl: 600_000 })).resolves.toMatchObject({ token: 'a' });
    await expect(ask(300_000, { ttl: 600_000 })).resolves.toMatchObject({ token: 'a' });
  });

  it.each([
    [
      'a JWT of an hour',
      (now: number) => jwt({ iat: Math.round(now / 1_000), exp: Math.round(now / 1_000) + 3_600 }),
    ],
    ['a token of five seconds', (now: number) => ({ token: 'a', issued: now, expires: now + 5_000 })],
    ['a token of ten years', (now: number) => ({ token: 'a', issued: now, expires: now + 87_600 * HOUR })],
    ['a token that says nothing', () => 'a'],
  ])('%s is taken', async (_what, give) => {
    const { auth } = setUp(give);
    await expect(auth.getToken()).resolves.toBeDefined();
  });
});
