import { describe, expect, it } from 'vitest';
import { Auth, type ClientOptions, ErrorInfo } from '../../../src/index.js';
import { Refusal, tokenEndpoint } from '../../../src/server/index.js';
import { fakeConnection } from '../../../src/testing/fake-connection.js';
import { scriptedSource } from '../../../src/testing/scripted-source.js';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';
import { ConnectionHarness } from '../../kit/connection-harness.js';
import { MockHttp, text } from '../../uts/mock-http.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
const KEY = 'app.key:secret';

/** The real time at the servers. */
const TRUE_NOW = Date.UTC(2030, 0, 1);
const date = (ms: number) => new Date(ms).toUTCString();
const unavailable = (headers: Record<string, string>) => text('', 'text/html', 503, headers);

/** A kind of source. It counts its calls, and always asks for a long wait. */
type Door = (clock: VirtualClock, asked: () => void) => ClientOptions;

const authUrl = (headers: Record<string, string>): Door => {
  return (_clock, asked) => ({
    authUrl: 'https://example.com/token',
    fetch: async () => {
      asked();
      return unavailable(headers);
    },
  });
};

const service = (headers: Record<string, string>): Door => {
  return (_clock, asked) => ({
    key: KEY,
    useTokenAuth: true,
    fallbackHosts: [],
    fetch: async () => {
      asked();
      return unavailable(headers);
    },
  });
};

const authCallback = (retryAfterMs: unknown): Door => {
  return (_clock, asked) => ({
    authCallback: () => {
      asked();
      throw new ErrorInfo({ code: 40170, message: 'not now', retryAfterMs: retryAfterMs as number });
    },
  });
};

const changedLater: Door = (_clock, asked) => ({
  authCallback: () => {
    asked();
    throw Object.assign(new ErrorInfo({ code: 40170, message: 'not now' }), { retryAfterMs: 10 * YEAR });
  },
});

const adapter: Door = (_clock, asked) => ({
  authCallback: async () => 'a-token',
  connection: {
    state: 'connected',
    attach: () => () => {},
    push: async ({ type }) => {
      if (type === 'connection.fail') return;
      asked();
      throw new ErrorInfo({ code: 80014, message: 'not now', retryAfterMs: 10 * YEAR });
    },
  },
});

const doors: readonly [what: string, door: Door][] = [
  ['a token endpoint with seconds', authUrl({ 'retry-after': '315360000' })],
  ['a token endpoint with more seconds than a number holds', authUrl({ 'retry-after': '9'.repeat(400) })],
  ['a token endpoint with a date', authUrl({ 'retry-after': date(TRUE_NOW + 10 * YEAR) })],
  [
    'a token endpoint with a date of its own as well',
    authUrl({ 'retry-after': date(TRUE_NOW + 10 * YEAR), date: date(TRUE_NOW) }),
  ],
  ['the service with seconds', service({ 'retry-after': '315360000' })],
  ['the service with a date', service({ 'retry-after': date(TRUE_NOW + 10 * YEAR) })],
  ['an authCallback', authCallback(10 * YEAR)],
  ['an authCallback for ever', authCallback(Number.POSITIVE_INFINITY)],
  ['an authCallback with a text', authCallback('315360000')],
  ['an authCallback with no number', authCallback(Number.NaN)],
  ['an authCallback that writes it into its error', changedLater],
  ['a connection that refuses a token', adapter],
];

async function failing(door: Door, now = TRUE_NOW) {
  const clock = new VirtualClock(now);
  const seen = { asked: 0 };
  const auth = new Auth({
    clock,
    random: () => 0.5,
    ...door(clock, () => {
      seen.asked += 1;
    }),
  });
  await expect(auth.authorize()).rejects.toThrow(ErrorInfo);
  return { auth, clock, seen, waitMs: (auth.state.next?.at ?? Number.NaN) - clock.now() };
}

describe('a client that is asked to wait', () => {
  it.each(doors)('a client that is asked to wait by %s tries again within an hour', async (_what, door) => {
    const { auth, clock, seen, waitMs } = await failing(door);
    expect(auth.state).toMatchObject({ value: 'failed', final: false });
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(HOUR);
    await clock.advance(HOUR);
    expect(seen.asked).toBeGreaterThan(1);
    auth.dispose();
  });

  it.each([
    ['ten years behind', TRUE_NOW - 10 * YEAR],
    ['ten years ahead', TRUE_NOW + 10 * YEAR],
    ['of 1970', 0],
  ])(
    'a client that is asked to wait until a date waits as long as the server means, by a clock that is %s',
    async (_what, now) => {
      const headers = { 'retry-after': date(TRUE_NOW + 90_000), date: date(TRUE_NOW) };
      expect((await failing(authUrl(headers), now)).waitMs).toBe(90_000);
      expect((await failing(service(headers), now)).waitMs).toBe(90_000);
    },
  );

  it('a client whose clock is wrong waits at most an hour for a date in an answer without its own Date', async () => {
    const headers = { 'retry-after': date(TRUE_NOW + 90_000) };
    expect((await failing(authUrl(headers), 0)).waitMs).toBe(HOUR);
  });

  it('a token endpoint passes on a wait of at most an hour', async () => {
    const http = new MockHttp(() => unavailable({ 'retry-after': '315360000' }));
    const auth = new Auth({ key: KEY, useTokenAuth: true, fetch: http.fetch, fallbackHosts: [] });
    const ask = (endpoint: ReturnType<typeof tokenEndpoint>) =>
      endpoint(new Request('https://example.com/t'));
    const grant = () => ({ capability: { a: ['subscribe'] } });
    const passedOn = await ask(tokenEndpoint({ auth, grant, format: 'token', onError: () => {} }));
    const own = new ErrorInfo({ code: 40101, statusCode: 401, message: 'no', retryAfterMs: 10 * YEAR });
    const refused = await ask(tokenEndpoint({ auth, grant: () => new Refusal(own) }));
    expect([passedOn, refused].map(({ headers }) => headers.get('retry-after'))).toEqual(['3600', '3600']);
  });
});

describe('a client with a token that lives for a day', () => {
  /** A client whose renewal is due, and failed so often that the next try is hours away. */
  const waiting = async (error?: ErrorInfo) => {
    const clock = new VirtualClock(TRUE_NOW);
    const source = scriptedSource(clock, { ttl: DAY });
    const connection = fakeConnection({ state: 'connected' });
    const { authCallback } = source;
    // The earliest place in the wide spread of first renewals.
    const chances = [0.999];
    const auth = new Auth({ authCallback, connection, clock, random: () => chances.shift() ?? 0.5 });
    await auth.authorize();
    source.goDown(error);
    await clock.advance(HOUR);
    return { auth, clock, source, connection };
  };
  const revoked = () => new ErrorInfo({ code: 40141, statusCode: 401, message: 'revoked' });
  const nextIn = (auth: Auth, clock: VirtualClock) => (auth.state.next?.at ?? Number.NaN) - clock.now();

  it('a refusal between two tries makes the client request another token as soon as a client without one', async () => {
    const { auth, clock, source, connection } = await waiting();
    expect(auth.state).toMatchObject({ value: 'renewing', next: { step: 'retry' } });
    expect(nextIn(auth, clock)).toBeGreaterThan(12 * HOUR);
    connection.report({ type: 'token.refused', error: revoked() });
    await settle();
    expect(auth.state).toMatchObject({ value: 'failed', final: false });
    expect(nextIn(auth, clock)).toBeLessThan(HOUR / 2);
    source.comeUp();
    await clock.advance(HOUR / 2);
    expect(auth.state.value).toBe('authorized');
    auth.dispose();
  });

  it('a refusal does not make the client ask a source that wants to be left alone', async () => {
    const notNow = new ErrorInfo({ code: 40170, message: 'not now', retryAfterMs: 40 * 60_000 });
    const { auth, clock, connection } = await waiting(notNow);
    expect(nextIn(auth, clock)).toBeGreaterThan(12 * HOUR);
    connection.report({ type: 'token.refused', error: revoked() });
    await settle();
    expect(auth.state.value).toBe('failed');
    // What is left of the wait that the source asked for; a client without a token would try within six minutes.
    expect(nextIn(auth, clock)).toBe(597_000);
    auth.dispose();
  });
});

describe('a connection with received times', () => {
  it.each([['1e15'], ['1e999'], ['31536000000']])(
    'a connection whose server announces a silence of %s ms is checked within an hour',
    async (ms) => {
      const one = new ConnectionHarness();
      one.server.onOpen = 'silence';
      one.push('connection.open', 'token-1');
      await one.clock.advance(0);
      one.server.line.sendText(
        `{"action":4,"connectionId":"a","connectionDetails":{"connectionKey":"k","maxIdleInterval":${ms},"connectionStateTtl":${ms}}}`,
      );
      await one.clock.advance(0);
      expect(one.connection.state).toBe('connected');
      one.server.onOpen = 'accept';
      await one.clock.advance(HOUR + 10_000);
      expect(one.changes).toContain('disconnected 80003 in 0');
      one.connection.dispose();
    },
  );

  it.each(['-1', '1e999', '"soon"', 'null'])(
    'a connection whose server keeps it for %s ms uses its own limit',
    async (ms) => {
      const one = new ConnectionHarness();
      one.server.onOpen = 'silence';
      one.push('connection.open', 'token-1');
      await one.clock.advance(0);
      one.server.line.sendText(
        `{"action":4,"connectionId":"a","connectionDetails":{"connectionKey":"k","connectionStateTtl":${ms}}}`,
      );
      await one.clock.advance(0);
      one.server.onOpen = 'break';
      one.server.line.break();
      await one.clock.advance(119_000);
      expect(one.changes.filter((change) => change.startsWith('suspended'))).toEqual([]);
      await one.clock.advance(2_000);
      expect(one.changes.filter((change) => change.startsWith('suspended'))).toHaveLength(1);
      one.connection.dispose();
    },
  );
});
