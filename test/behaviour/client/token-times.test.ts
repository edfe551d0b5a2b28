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
