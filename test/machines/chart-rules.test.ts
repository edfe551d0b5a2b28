import { describe, expect, it } from 'vitest';
import { Auth, type ClientOptions, ErrorInfo, type TokenDetails } from '../../src/index.js';
import { fakeConnection, Scenario, scriptedSource } from '../../src/testing/index.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const forbidden = new ErrorInfo({ code: 40300, statusCode: 403, message: 'by the test' });

function setUp(more: Partial<ClientOptions> = {}) {
  const device = new Scenario();
  const source = scriptedSource(device.clock, { ttl: HOUR });
  const auth = new Auth({
    ...device.options,
    random: () => 0,
    authCallback: source.authCallback,
    renewal: { lead: MINUTE },
    ...more,
  });
  return { device, clock: device.clock, source, auth };
}

/** Calls authorize() with other options, whose source is down. */
async function callInVain(auth: Auth): Promise<void> {
  const down = async () => {
    throw new Error('down');
  };
  await expect(auth.authorize(null, { authCallback: down })).rejects.toMatchObject({ code: 40170 });
}

describe('a client that failed for good', () => {
  it('the client does not ask its source again after a 403 when authorize() with other options fails', async () => {
    const { clock, source, auth } = setUp();
    source.script({ fail: forbidden });
    await expect(auth.authorize()).rejects.toMatchObject({ statusCode: 403 });
    await callInVain(auth);
    expect(auth.state).toMatchObject({ value: 'failed', final: true });
    await expect(auth.getToken()).rejects.toThrow();
    await clock.advance(HOUR);
    expect(source.calls).toBe(1);
    auth.dispose();
  });

  it('the client does not ask its source again after a 403 for a waiting connection when authorize() with other options fails', async () => {
    const connection = fakeConnection();
    const { clock, source, auth } = setUp({ connection });
    source.script({ fail: forbidden });
    connection.report({ type: 'token.needed' });
    await clock.advance(0);
    connection.report({ type: 'token.needed' });
    await callInVain(auth);
    await clock.advance(HOUR);
    expect([source.calls, auth.state.final]).toEqual([1, true]);
    auth.dispose();
  });

  it('the client keeps its last token and renews nothing when authorize() with other options fails', async () => {
    const { clock, source, auth } = setUp();
    const { token } = await auth.authorize();
    source.script({ fail: forbidden });
    await clock.advance(HOUR - MINUTE);
    expect(auth.state).toMatchObject({ value: 'failed', final: true });
    await callInVain(auth);
    expect(auth.state).toMatchObject({ value: 'failed', final: true });
    expect(auth.tokenDetails?.token).toBe(token);
    await clock.advance(HOUR);
    expect([source.calls, auth.tokenDetails]).toEqual([2, null]);
    auth.dispose();
  });

  it('the client tries again by itself when authorize() with its own options fails for a while', async () => {
    const { clock, source, auth } = setUp();
    source.script({ fail: forbidden }, { fail: new Error('down') });
    await expect(auth.authorize()).rejects.toMatchObject({ statusCode: 403 });
    await expect(auth.authorize()).rejects.toMatchObject({ code: 40170 });
    expect(auth.state).toMatchObject({ value: 'failed', final: false });
    await clock.advance(5_000);
    expect([source.calls, auth.state.value]).toEqual([3, 'authorized']);
    auth.dispose();
  });
});

describe('a server that asks for a new token', () => {
  async function connected(more: Partial<ClientOptions> = {}) {
    const connection = fakeConnection();
    const one = setUp({ connection, ...more });
    await one.auth.authorize();
    const ask = async () => {
      connection.report({ type: 'token.asked' });
      await one.clock.advance(0);
    };
    return { ...one, ask };
  }

  it.each(['client', 'server'] as const)(
    'a server that asks twice within five seconds is answered at their end, renewal %s',
    async (by) => {
      const { clock, source, auth, ask } = await connected(by === 'server' ? { renewal: 'server' } : {});
      await ask();
      expect(source.calls).toBe(2);
      await clock.advance(1_000);
      await ask();
      await clock.advance(3_999);
      expect(source.calls).toBe(2);
      await clock.advance(1);
      expect(source.calls).toBe(3);
      // A pause follows that answer too.
      await clock.advance(1_000);
      await ask();
      expect(source.calls).toBe(3);
      await clock.advance(4_000);
      expect(source.calls).toBe(4);
      auth.dispose();
    },
  );

  it('a server is answered within five seconds even if the next try of the renewal is far', async () => {
    const { clock, source, auth, ask } = await connected();
    const fail = new Error('down');
    source.script({ fail }, { fail }, { fail });
    await ask();
    await clock.advance(20_000);
    expect([source.calls, auth.state.value]).toEqual([4, 'renewing']);
    await ask();
    expect([source.calls, auth.state.value]).toEqual([5, 'authorized']);
    auth.dispose();
  });
});

describe('a fleet of clients with literal tokens of one age', () => {
  it.each([
    ['half gone', HOUR / 2, HOUR / 2],
    ['nearly gone', HOUR - 3 * MINUTE, 3 * MINUTE],
  ])(
    'the renewals are spread over the remaining lifetime when the clients are %s',
    async (_age, age, left) => {
      const asked: number[] = [];
      for (let client = 0; client < 40; client += 1) {
        const device = new Scenario();
        const { clock } = device;
        const from = clock.now();
        const issued = from - age;
        const auth = new Auth({
          ...device.options,
          random: () => client / 40,
          tokenDetails: { token: 'shared', issued, expires: issued + HOUR },
          authCallback: async (): Promise<TokenDetails> => {
            asked.push(clock.now() - from);
            return { token: 'next', issued: clock.now(), expires: clock.now() + HOUR };
          },
        });
        auth.state$.subscribe();
        await clock.advance(left);
        auth.dispose();
      }
      const first = asked.sort((a, b) => a - b).slice(0, 40);
      const quarters = [0, 1, 2, 3].map(
        (quarter) =>
          first.filter((ms) => Math.floor((4 * ms) / ((first.at(-1) ?? 0) + 1)) === quarter).length,
      );
      expect(Math.max(...quarters)).toBeLessThanOrEqual(12);
      expect(first.at(-1)).toBeGreaterThan(left / 4);
    },
  );
});

describe('a device that wakes up without a network', () => {
  it('a failed client waits for the network instead of asking at once', async () => {
    const { device, source, auth } = setUp({ renewal: { retry: { base: HOUR, cap: HOUR } } });
    source.goDown();
    await auth.authorize().catch(() => {});
    await device.goOffline();
    await device.sleepFor(10 * MINUTE);
    expect([source.calls, auth.state.value, auth.state.reason]).toEqual([
      1,
      'failed',
      'the network is offline',
    ]);
    source.comeUp();
    await device.goOnline();
    expect([source.calls, auth.state.value]).toEqual([2, 'authorized']);
    auth.dispose();
  });
});

describe('an event that is sent to auth.actor', () => {
  it('an event is handled at the time it is sent, whatever time it names', async () => {
    const { clock, auth } = setUp();
    await auth.authorize();
    await clock.advance(10 * MINUTE);
    auth.actor.send({ type: 'token.asked', at: 1e12 } as never);
    expect(auth.actor.getSnapshot().context.since).toBe(clock.monotonic());
    await auth.getToken();
    auth.actor.send({ type: 'token.expired' });
    expect(auth.state.value).not.toBe('authorized');
    auth.dispose();
  });

  it('an expired token counts as expired even if its timer is late', async () => {
    const { clock, source, auth } = setUp();
    await auth.authorize();
    const late = clock.monotonic() + 2 * HOUR;
    clock.monotonic = () => late;
    const told: string[] = [];
    auth.actor.on('*', ({ type }) => told.push(type));
    auth.actor.send({ type: 'token.needed' });
    await clock.advance(0);
    expect([told, source.calls]).toEqual([['token.dropped', 'token.committed'], 2]);
    auth.dispose();
  });
});
