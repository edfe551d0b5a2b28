import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Auth, ErrorInfo, type TokenDetails } from '../../../src/index.js';
import { fakeConnection } from '../../../src/testing/index.js';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';
import { ablyError, json, MockHttp } from '../../uts/mock-http.js';

const HOUR = 3_600_000;
const NIGHT = 8 * HOUR;
const DAY_OF_LIFE = 24 * HOUR;

/** A client with a token that lives for a day, or for an hour, and a connection. Its clocks are compared every 5 s. */
async function authorized(lifeMs: number) {
  const clock = new VirtualClock();
  const connection = fakeConnection();
  const http = new MockHttp(({ headers }) =>
    headers.get('authorization') === `Bearer ${btoa('token-1')}` ? ablyError(40142, 401) : json(['fine']),
  );
  let calls = 0;
  let sleepMs = 0;
  const auth = new Auth({
    clock,
    connection,
    fetch: http.fetch,
    random: () => 0,
    authCallback: async (): Promise<TokenDetails> => {
      // The machine may sleep while the source answers.
      clock.sleep(sleepMs);
      sleepMs = 0;
      calls += 1;
      return { token: `token-${calls}`, issued: clock.now(), expires: clock.now() + lifeMs };
    },
  });
  onTestFinished(() => auth.dispose());
  const first = auth.authorize();
  await clock.advance(0);
  await first;
  const losses: string[] = [];
  auth.on('expired', ({ error }) => losses.push(error.message));
  return {
    auth,
    clock,
    connection,
    losses,
    get calls() {
      return calls;
    },
    sleepDuringTheNextCall: (ms: number) => {
      sleepMs = ms;
    },
  };
}

type Setting = Awaited<ReturnType<typeof authorized>>;

const refusal = () => new ErrorInfo({ code: 40142, statusCode: 401, message: 'refused by the test' });

/** All ways into the chart from outside, but for those that tell of sleep, of the network, and of the user. */
const doors: Readonly<Record<string, (one: Setting) => unknown>> = {
  'authorize()': ({ auth }) => auth.authorize(),
  'authorize() with arguments': ({ auth }) => auth.authorize({ ttl: HOUR }),
  'getToken()': ({ auth }) => auth.getToken(),
  'require()': ({ auth }) => auth.require({ 'chat:a': ['subscribe'] }),
  'auth.fetch(), whose token is refused': ({ auth }) => auth.fetch('/channels/a/messages'),
  'a subscriber of token$': ({ auth }) => auth.token$.subscribe(),
  'the request of a server': ({ connection }) => connection.report({ type: 'token.asked' }),
  'the refusal of a server': ({ connection }) =>
    connection.report({ type: 'token.refused', error: refusal() }),
  'the need of a connection': ({ connection }) => connection.report({ type: 'token.needed' }),
  'a key that was revoked': ({ connection }) =>
    connection.setState('failed', new ErrorInfo({ code: 40131, statusCode: 401, message: 'revoked' })),
  'the answer of the source': (one) => {
    one.sleepDuringTheNextCall(NIGHT);
    return one.auth.authorize();
  },
};

describe('a sleep that no event reported', () => {
  it.each(Object.keys(doors))('%s after it: the new token is not charged with the sleep', async (name) => {
    const one = await authorized(HOUR);
    one.clock.sleep(NIGHT);
    const done = Promise.resolve(doors[name]?.(one)).catch(() => {});
    await one.clock.advance(0);
    await settle();
    await one.clock.advance(30_000);
    await done;
    // The one before has died in the night; one token came in its place, and it lives.
    expect(one.calls).toBe(2);
    expect(one.auth.tokenDetails?.token).toBe('token-2');
    expect(one.losses).toEqual(['the token expired']);
    expect(one.auth.explain().token?.diesInMs).toBeGreaterThan(HOUR - 60_000);
  });

  it.each(['getToken()', 'a subscriber of token$', 'the need of a connection'])(
    '%s after it: a token that outlives it is not fetched again',
    async (name) => {
      const one = await authorized(DAY_OF_LIFE);
      one.clock.sleep(NIGHT);
      await doors[name]?.(one);
      await one.clock.advance(30_000);
      expect([one.calls, one.auth.tokenDetails?.token, one.losses]).toEqual([1, 'token-1', []]);
      expect(one.auth.explain().token?.diesInMs).toBeLessThan(DAY_OF_LIFE - NIGHT);
    },
  );

  it('tokenDetails is null at once after it, where the token has died in it', async () => {
    const one = await authorized(HOUR);
    one.clock.sleep(NIGHT);
    expect(one.auth.tokenDetails).toBeNull();
  });

  it('the list of doors is whole: each event that the client sends into the chart goes through one of them', () => {
    const source = readFileSync(new URL('../../../src/client/client.ts', import.meta.url), 'utf8');
    const sent = [...source.matchAll(/actor\.send\(\{ type: '([\w.]+)'/g)].map(([, type]) => type);
    const told = ['time.jumped', 'network.back', 'user.back'];
    expect(new Set(sent)).toEqual(
      new Set([...told, 'authorize', 'token.needed', 'token.asked', 'token.refused', 'forget']),
    );
    const methods = source.split(/\n {2}(?=\S)/).filter((part) => part.includes('actor.send('));
    const unchecked = methods.filter(
      (part) =>
        !/#enter\(\)/.test(part) &&
        !told.some((type) => part.includes(`'${type}'`)) &&
        !['#outcome(', '#refuse('].some((name) => part.startsWith(name)) &&
        !part.startsWith('#takeReport('),
    );
    expect(unchecked.map((part) => part.split('\n')[0])).toEqual([]);
  });
});
