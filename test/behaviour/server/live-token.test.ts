import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import type { ErrorInfo } from '../../../src/index.js';
import { LiveToken, type LiveTokenOptions } from '../../../src/server/live-token.js';
import { refuse, type VerifiedToken } from '../../../src/server/ws/index.js';
import { settle, VirtualClock } from '../../../src/testing/index.js';

/** A token is a text `identity:lifeMs`; without a number it never expires. */
function live(options: Partial<LiveTokenOptions> = {}) {
  const clock = (options.clock as VirtualClock) ?? new VirtualClock();
  const reports: string[] = [];
  const errors: ErrorInfo[] = [];
  const token = new LiveToken({
    clock,
    verify: (text) => {
      const [identity = '', life] = text.split(':');
      return { identity, ...(life === undefined ? {} : { expires: clock.now() + Number(life) }) };
    },
    askBeforeMs: 30_000,
    timeoutMs: 10_000,
    maxTokenLength: 100,
    onError: (error) => errors.push(error),
    ask: (ms) => reports.push(`ask, ${ms} ms before`),
    expire: () => reports.push('expired'),
    ...options,
  });
  return { clock, reports, errors, token };
}
const codeOf = async (answer: ReturnType<LiveToken['present']>) => {
  const settled = await answer;
  return settled === undefined ? undefined : 'error' in settled ? settled.error.code : 'accepted';
};

describe('the token of a live connection', () => {
  it('the client is asked for the next token a fifth of the life before the expiry', async () => {
    const { clock, reports, token } = live();
    expect(await token.present('ada:60000')).toEqual({ expiresInMs: 60_000 });
    await clock.advance(47_999);
    expect(reports).toEqual([]);
    await clock.advance(1);
    expect(reports).toEqual(['ask, 12000 ms before']);
    await clock.advance(12_000);
    expect(reports).toEqual(['ask, 12000 ms before', 'expired']);
    expect(clock.pending).toBe(0);
  });

  it('the client is asked for the next token 30 s before the expiry of a long token', async () => {
    const { clock, reports, token } = live();
    await token.present('ada:3600000');
    await clock.advance(3_570_000);
    expect(reports).toEqual(['ask, 30000 ms before']);
  });

  it('a successor that is accepted moves the expiry', async () => {
    const { clock, reports, token } = live();
    await token.present('ada:60000');
    await clock.advance(50_000);
    await token.present('ada:60000');
    await clock.advance(47_999);
    expect(reports).toEqual(['ask, 12000 ms before']);
    expect(clock.pending).toBe(1);
  });

  it('a token for another identity is refused, and changes nothing', async () => {
    const { clock, reports, token } = live();
    await token.present('ada:60000');
    expect(await codeOf(token.present('bob:90000'))).toBe(40102);
    expect(token.current?.identity).toBe('ada');
    await clock.advance(60_000);
    expect(reports.at(-1)).toBe('expired');
  });

  it('a token without an expiry needs no timer', async () => {
    const { clock, token } = live();
    expect(await token.present('ada')).toEqual({ expiresInMs: Number.POSITIVE_INFINITY });
    expect(clock.pending).toBe(0);
    await clock.advance(10 * 365 * 86_400_000);
    expect(token.isLive).toBe(true);
  });

  it('a token of a hundred days expires after a hundred days', async () => {
    const { clock, reports, token } = live();
    await token.present(`ada:${100 * 86_400_000}`);
    await clock.advance(100 * 86_400_000 - 1);
    expect(reports).toEqual(['ask, 30000 ms before']);
    await clock.advance(1);
    expect(reports.at(-1)).toBe('expired');
  });

  it('a clock that is behind makes no token live longer than its issuer said', async () => {
    const clock = new VirtualClock();
    const issued = clock.now() + 3_600_000;
    const verify = () => ({ identity: 'ada', issued, expires: issued + 60_000 });
    const { token, reports } = live({ clock, verify });
    expect(await token.present('a')).toEqual({ expiresInMs: 60_000 });
    await clock.advance(60_000);
    expect(reports.at(-1)).toBe('expired');
  });

  it('the timers of a token keep no process alive', async () => {
    const alive = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = alive();
    const verify = () => ({ identity: 'ada', expires: Date.now() + 3_600_000 });
    const { token } = live({ clock: systemClock as VirtualClock, verify });
    expect(await codeOf(token.present('a'))).toBe('accepted');
    expect(alive()).toBe(before);
    token.end();
  });

  it('a token that a machine slept through is not live, although its timer is late', async () => {
    const { clock, token } = live();
    await token.present('ada:60000');
    clock.sleep(120_000);
    expect(token.isLive).toBe(false);
  });

  it.each([
    ['expires within 30 s if the machine slept through its expiry', 3_600_000, ['expired']],
    ['is asked for if the machine slept until just before its expiry', 3_590_000, ['ask, 10000 ms before']],
  ])('a token %s', async (_title, slept, expected) => {
    const { clock, reports, token } = live();
    await token.present('ada:3630000');
    await clock.advance(1_000);
    clock.sleep(slept);
    await clock.advance(29_000);
    expect(reports).toEqual(expected);
  });

  it.each<[string, unknown, number]>([
    ['a token that has expired', 'ada:0', 40142],
    ['an empty token', '', 40144],
    ['a token that is too long', 'a'.repeat(101), 40144],
    ['a number', 7, 40144],
    ['an object', { toString: () => 'ada:60000' }, 40144],
    ['nothing', undefined, 40144],
    ['a deep list', JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`), 40144],
  ])('%s is refused by code', async (_title, given, code) => {
    const { clock, token, errors } = live();
    expect(await codeOf(token.present(given))).toBe(code);
    expect([token.current, clock.pending, errors]).toEqual([undefined, 0, []]);
  });

  it.each<[string, LiveTokenOptions['verify'], number]>([
    ['null', () => null, 40140],
    ['refuse(401)', () => refuse(401), 40140],
    ['refuse(403)', () => refuse(403), 40300],
    ['a thrown refuse(403)', () => Promise.reject(refuse(403)), 40300],
  ])('a token is refused by the code of %s', async (_title, verify, code) => {
    expect(await codeOf(live({ verify }).token.present('a'))).toBe(code);
  });

  it.each<[string, unknown]>([
    ['a text', 'ada'],
    ['an empty identity', { identity: '' }],
    ['an identity that is a number', { identity: 7 }],
    ['an expiry that is a text', { identity: 'ada', expires: '2030-01-01' }],
    ['an expiry that is not a number', { identity: 'ada', expires: Number.NaN }],
  ])('a verification that returns %s is an error of the application', async (_title, found) => {
    const { token, errors } = live({ verify: () => found as VerifiedToken });
    expect(await codeOf(token.present('a'))).toBe(50003);
    expect(errors.map(({ code }) => code)).toEqual([50000]);
  });

  it('an error of the verification is no refusal, and shows no token', async () => {
    const verify = (token: string) => Promise.reject(new Error(`cannot reach https://id/?t=${token}`));
    const { token, errors } = live({ verify });
    expect(await codeOf(token.present('short-one'))).toBe(50003);
    expect(errors).toHaveLength(1);
    expect(String(errors[0]?.cause)).toContain('cannot reach');
    expect(JSON.stringify(errors) + String(errors[0]?.cause)).not.toContain('short-one');
  });

  it('a refusal that repeats the token is answered without it', async () => {
    const { token } = live({ verify: (text) => refuse(401, `no user has ${text}`) });
    const answer = await token.present('short-one');
    expect(answer).toMatchObject({ error: { message: expect.not.stringContaining('short-one') } });
  });

  it('a verification that hangs ends at its time limit, and its signal aborts', async () => {
    let signal: AbortSignal | undefined;
    const { clock, token } = live({
      verify: (_token, context) => {
        ({ signal } = context);
        return new Promise(() => {});
      },
    });
    const answer = codeOf(token.present('a'));
    await clock.advance(10_000);
    expect(await answer).toBe(50003);
    expect([signal?.aborted, clock.pending]).toEqual([true, 0]);
  });

  it.each(['before', 'after'])(
    'a connection that closes just %s its token is verified starts no timer',
    async (when) => {
      let verified = (_token: VerifiedToken) => {};
      const { clock, token, errors } = live({
        verify: () =>
          new Promise((resolve) => {
            verified = resolve;
          }),
      });
      const answers = [token.present('a'), token.present('b')];
      await settle();
      const steps = [() => token.end(), () => verified({ identity: 'ada', expires: clock.now() + 60_000 })];
      for (const step of when === 'before' ? steps : steps.reverse()) step();
      expect(await Promise.all(answers)).toEqual([undefined, undefined]);
      expect([token.current, clock.pending, errors]).toEqual([undefined, 0, []]);
    },
  );

  it('a connection that has ended verifies nothing', async () => {
    let calls = 0;
    const { token } = live({
      verify: () => {
        calls += 1;
        return null;
      },
    });
    token.end();
    expect([await token.present('a'), calls]).toEqual([undefined, 0]);
  });

  it('of many tokens at once the first and the newest are verified, one after the other', async () => {
    const verified: string[] = [];
    let running = 0;
    const { token } = live({
      verify: async (text) => {
        running += 1;
        expect(running).toBe(1);
        await settle();
        running -= 1;
        verified.push(text);
        return { identity: 'ada' };
      },
    });
    const answers = Array.from({ length: 1_000 }, (_, index) => codeOf(token.present(`t${index}`)));
    const codes = await Promise.all(answers);
    expect(verified).toEqual(['t0', 't999']);
    expect(codes.filter((code) => code === 42910)).toHaveLength(998);
  });
});
