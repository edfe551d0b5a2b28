import { describe, expect, it } from 'vitest';
import { AuthHarness, failure, type Setting } from './auth-harness.js';

const HOUR = 3_600_000;
/** A minute before its end, if clients were not spread: see the harness. */
const LATEST = HOUR - 60_000;
const seeds = [0, 0.13, 0.5, 0.87];

/** When the current token is renewed, ms after it came, in whole seconds as timers are. */
const renewIn = ({ context: { current } }: AuthHarness) =>
  (current?.renewAt ?? 0) - (current?.receivedAt ?? 0);
const whole = (ms: number) => Math.floor(ms / 1_000) * 1_000;

const wide = (seed: number) => whole(LATEST * (1 - 0.98 * seed));
const narrow = (seed: number) => whole(LATEST - (0.98 / 3) * LATEST * ((seed * 7_919) % 1));

async function authorized(setting: Setting): Promise<AuthHarness> {
  const auth = new AuthHarness(setting);
  auth.actor.send({ type: 'token.needed' });
  await auth.accept(HOUR);
  return auth;
}

/** Its renewal begins when it is due, and not before. */
async function untilRenewal(auth: AuthHarness): Promise<void> {
  const wait = (auth.context.current?.renewAt ?? 0) - auth.clock.monotonic();
  await auth.clock.advance(wait - 1);
  expect(auth.state).toBe('authorized');
  await auth.clock.advance(1);
  expect(auth.state).toBe('renewing.fetching');
}

describe('the place of a client in the spread of many', () => {
  it.each(seeds)('is wide for its first token, at the seed %d', async (seed) => {
    const auth = await authorized({ seed });
    expect(renewIn(auth)).toBe(wide(seed));
    await untilRenewal(auth);
  });

  it.each(seeds)('is wide for a token it was made with, at the seed %d', async (seed) => {
    const auth = new AuthHarness({ given: HOUR, seed });
    expect(renewIn(auth)).toBe(wide(seed));
    await untilRenewal(auth);
  });

  it.each(seeds)(
    'is the end of the life for a token that comes in its turn, at the seed %d',
    async (seed) => {
      for (const auth of [await authorized({ seed }), new AuthHarness({ given: HOUR, seed })]) {
        await untilRenewal(auth);
        await auth.accept(HOUR);
        expect(renewIn(auth)).toBe(LATEST);
        await untilRenewal(auth);
      }
    },
  );

  it.each(seeds)('is a third as wide for a token after a failed renewal, at the seed %d', async (seed) => {
    const auth = await authorized({ seed });
    await untilRenewal(auth);
    await auth.refuse(failure(40170));
    await auth.clock.advance(auth.context.retryAt - auth.clock.monotonic());
    await auth.accept(HOUR);
    expect(renewIn(auth)).toBe(narrow(seed));
  });

  it.each(seeds)(
    'is a third as wide for a token after the one before was refused, at the seed %d',
    async (seed) => {
      const auth = new AuthHarness({ given: HOUR, seed });
      await auth.clock.advance(60_000);
      auth.actor.send({ type: 'token.refused', error: failure(40142) });
      await auth.accept(HOUR);
      expect(renewIn(auth)).toBe(narrow(seed));
    },
  );

  it('a fleet that was made with tokens of the same moment is spread over most of their life', async () => {
    const fleet = Array.from(
      { length: 50 },
      (_, client) => new AuthHarness({ given: HOUR, seed: client / 50 }),
    );
    const moments = fleet.map(renewIn);
    expect(new Set(moments).size).toBe(50);
    expect(Math.max(...moments) - Math.min(...moments)).toBeGreaterThan(0.9 * LATEST);
  });
});

describe('a server that asks again and again', () => {
  const rows = [30, 170, 1_000, 2_499, 4_999, 5_000, 6_100, 11_000].flatMap((everyMs) =>
    (['client', 'server'] as const).map((by) => [everyMs, by] as const),
  );

  it.each(rows)('is answered once in each pause, asking every %d ms, renewal by %s', async (everyMs, by) => {
    const auth = await authorized({ renewal: { by } });
    const begun: number[] = [];
    const answerIfDue = async () => {
      if (auth.state === 'authorized') return;
      begun.push(auth.clock.monotonic());
      await auth.accept(HOUR);
    };
    const end = auth.clock.monotonic() + 60_000;
    for (let next = auth.clock.monotonic(); next < end; next += everyMs) {
      auth.actor.send({ type: 'token.asked' });
      await answerIfDue();
      while (auth.clock.monotonic() < next + everyMs) {
        await auth.clock.advance(Math.min(auth.clock.nextIn, next + everyMs - auth.clock.monotonic()));
        await answerIfDue();
      }
    }
    const pauses = begun.slice(1).map((at, index) => at - (begun[index] ?? 0));
    // Asked within the pause, it is answered at the end of it; asked after it, at once.
    expect(new Set(pauses)).toEqual(new Set([Math.max(5_000, everyMs)]));
    expect(begun[0]).toBe(0);
  });
});
