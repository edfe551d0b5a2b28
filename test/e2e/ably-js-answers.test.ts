import { describe, expect, it } from 'vitest';
import { AblyJsHarness, TIMEOUT_MS, until } from './ably-js-harness.js';

const SECOND = 1_000;
const connected = AblyJsHarness.connected;

const swallowed = (times = 1) => ({ times, fault: 'silence' }) as const;
const late = (lateMs: number, times = 1) => ({ times, fault: { lateMs } }) as const;

/** Two calls of authorize() succeed, one after the other, on the same connection. */
async function goesOn(one: AblyJsHarness, id: string | undefined): Promise<void> {
  await one.quiet();
  one.states.length = 0;
  for (const ttl of [3_000_000, 3_100_000]) {
    expect(await one.authorize({ ttl })).toBeNull();
    expect(one.expiresAtServer).toBe(one.auth.tokenDetails?.expires);
  }
  await one.quiet();
  expect([one.state, one.client.connection.id]).toEqual(['connected', id]);
  expect(new Set(one.states)).toEqual(new Set(['update']));
  expect(one.auth.state.value).toBe('authorized');
}

describe('the official SDK behind an Auth, whose server loses an AUTH', () => {
  it.each([1, 2, 3, 7])('authorize() succeeds again after %i AUTHs in a row were lost', async (times) => {
    const one = await connected();
    const id = one.client.connection.id;
    one.fault(swallowed(times));
    for (let lost = 0; lost < times; lost += 1) expect(await one.authorizeInVain()).toBe(80014);
    await goesOn(one, id);
  });

  it('authorize() succeeds again if the timeout of the Auth is shorter than the adapter’s', async () => {
    const one = await connected({ realtimeRequestTimeout: SECOND });
    const id = one.client.connection.id;
    one.fault(swallowed());
    expect(await one.authorizeInVain({}, SECOND)).toBe(80014);
    await goesOn(one, id);
  });

  it('authorize() succeeds again if the timeout of the adapter is shorter than the Auth’s', async () => {
    const one = await connected({ realtimeRequestTimeout: 3 * TIMEOUT_MS });
    const id = one.client.connection.id;
    one.fault(swallowed());
    expect(await one.authorizeInVain()).toBe(80014);
    await goesOn(one, id);
  });

  it('renewals succeed after one renewal was lost', async () => {
    // The lifetime is so short that the server does not ask for another token by itself.
    const defaultTokenParams = { ttl: 29 * SECOND };
    const one = await connected({ defaultTokenParams, realtimeRequestTimeout: 2 * SECOND });
    const id = one.client.connection.id;
    const told: string[] = [];
    one.auth.on('renewal.failed', () => told.push('renewal.failed'));
    one.auth.on('renewed', () => told.push('renewed'));
    one.fault(swallowed());
    for (let step = 0; told.length < 4 && step < 400; step += 1) {
      await one.clock.advance(SECOND / 2);
      await new Promise((resolve) => setTimeout(resolve, 12));
    }
    expect(told).toEqual(['renewal.failed', 'renewed', 'renewed', 'renewed']);
    expect([one.state, one.client.connection.id]).toEqual(['connected', id]);
    expect(new Set(one.states)).toEqual(new Set(['update']));
    expect(one.expiresAtServer).toBe(one.auth.tokenDetails?.expires);
  });

  it('the next token is sent twice, and a later one once', async () => {
    const one = await connected();
    one.fault(swallowed());
    expect(await one.authorizeInVain()).toBe(80014);
    expect(await one.authorize()).toBeNull();
    await one.quiet();
    expect(one.count('reauthenticated')).toBe(2);
    await one.pass(2 * TIMEOUT_MS);
    expect(await one.authorize()).toBeNull();
    await one.quiet();
    expect(one.count('reauthenticated')).toBe(3);
  });

  it('a token that replaces one whose AUTH was lost is accepted', async () => {
    const one = await connected();
    const id = one.client.connection.id;
    one.fault(swallowed());
    const { value: first } = await one.unanswered(() => one.authorize({ ttl: 2_000_000 }));
    const second = one.authorize({ ttl: 2_500_000 });
    expect(await Promise.all([first, second])).toEqual([null, null]);
    expect(new Set(one.states)).toEqual(new Set(['update']));
    await goesOn(one, id);
  });

  it('a server that asks for a new token after that gets one', async () => {
    const one = await connected();
    const id = one.client.connection.id;
    one.fault(swallowed());
    expect(await one.authorizeInVain()).toBe(80014);
    const before = one.auth.tokenDetails?.token;
    one.sandbox.askForReauth();
    await until(() => one.auth.tokenDetails?.token !== before);
    expect(new Set(one.states)).toEqual(new Set(['update']));
    expect(one.expiresAtServer).toBe(one.auth.tokenDetails?.expires);
    await goesOn(one, id);
  });

  it('the adapter continues after a server asked for a token and lost it', async () => {
    const one = await connected();
    const id = one.client.connection.id;
    one.fault(swallowed());
    const failed = one.told('renewal.failed');
    await one.unanswered(() => one.sandbox.askForReauth());
    one.fault('silence');
    await one.clock.advance(TIMEOUT_MS);
    await failed;
    one.fault(null);
    await goesOn(one, id);
  });

  it('the SDK’s own authorize() works after that', async () => {
    const one = await connected();
    const id = one.client.connection.id;
    one.fault(swallowed());
    expect(await one.authorizeInVain()).toBe(80014);
    const { token } = await one.client.auth.authorize();
    await until(() => one.auth.tokenDetails?.token === token);
    expect(new Set(one.states)).toEqual(new Set(['update']));
    await goesOn(one, id);
  });

  it('nothing is expected on the next transport', async () => {
    const one = await connected();
    const id = one.client.connection.id;
    one.fault(swallowed());
    expect(await one.authorizeInVain()).toBe(80014);
    one.sandbox.cutConnections();
    await until(() => one.states.at(-1) === 'connected');
    await one.quiet();
    one.happenings.length = 0;
    expect(await one.authorize()).toBeNull();
    await one.quiet();
    expect(one.count('reauthenticated')).toBe(1);
    await goesOn(one, id);
  });
});

describe('the official SDK behind an Auth, whose server is late', () => {
  it('a late answer is dropped before the next token', async () => {
    const one = await connected();
    const id = one.client.connection.id;
    const before = one.auth.tokenDetails;
    one.fault(late(15 * SECOND));
    expect(await one.authorizeInVain()).toBe(80014);
    await one.pass(5 * SECOND);
    expect([one.states, one.auth.tokenDetails]).toEqual([['update'], before]);
    await goesOn(one, id);
    expect(one.count('reauthenticated')).toBe(3);
  });

  it('a late answer does not count for the token that is pending by then', async () => {
    const one = await connected();
    const id = one.client.connection.id;
    const before = one.auth.tokenDetails;
    one.fault(late(15 * SECOND));
    expect(await one.authorizeInVain({ ttl: 3_000_000 })).toBe(80014);
    one.fault('silence');
    const { value: outcome } = await one.unanswered(() => one.authorize({ ttl: 3_100_000 }));
    await one.pass(5 * SECOND);
    expect([one.states, one.auth.tokenDetails]).toEqual([['update'], before]);
    await one.clock.advance(5 * SECOND);
    expect(await outcome).toBe(80014);
    one.fault(null);
    await goesOn(one, id);
  });

  it('a token that the server refuses after a late answer is rejected', async () => {
    const one = await connected();
    one.fault(late(15 * SECOND));
    expect(await one.authorizeInVain()).toBe(80014);
    one.fault({ status: 401, code: 40102, lateMs: 8 * SECOND });
    const { value: outcome } = await one.unanswered(() => one.authorize({ ttl: 3_000_000 }));
    await one.pass(8 * SECOND);
    expect(await outcome).toBe(40102);
    expect(one.states).toEqual(['update', 'failed']);
    one.fault(null);
    expect(await one.authorize()).toBeNull();
    expect(one.state).toBe('connected');
  });

  it('two late answers are dropped', async () => {
    const one = await connected();
    const id = one.client.connection.id;
    one.fault(late(25 * SECOND, 2));
    expect(await one.authorizeInVain()).toBe(80014);
    expect(await one.authorizeInVain()).toBe(80014);
    await one.pass(15 * SECOND);
    expect(one.states).toEqual(['update', 'update']);
    await goesOn(one, id);
  });

  it('two late answers do not count for a third token', async () => {
    const one = await connected();
    const id = one.client.connection.id;
    const before = one.auth.tokenDetails;
    one.fault(late(25 * SECOND, 2));
    expect(await one.authorizeInVain()).toBe(80014);
    expect(await one.authorizeInVain()).toBe(80014);
    one.fault(late(16 * SECOND));
    const { value: third } = await one.unanswered(() => one.authorize({ ttl: 3_000_000 }));
    one.fault('silence');
    await one.pass(5 * SECOND);
    expect([one.states, one.auth.tokenDetails]).toEqual([['update'], before]);
    await one.clock.advance(5 * SECOND);
    expect(await third).toBe(80014);
    one.fault(null);
    await goesOn(one, id);
  });

  it('the answer to a token that the server requested does not count for a later token', async () => {
    const one = await connected();
    const before = one.auth.tokenDetails;
    one.fault(late(15 * SECOND));
    const failed = one.told('renewal.failed');
    await one.unanswered(() => one.sandbox.askForReauth());
    one.fault('silence');
    await one.clock.advance(TIMEOUT_MS);
    await failed;
    const { value: outcome } = await one.unanswered(() => one.authorize({ ttl: 2_000_000 }));
    await one.pass(5 * SECOND);
    expect([one.states, one.auth.tokenDetails]).toEqual([['update'], before]);
    await one.clock.advance(5 * SECOND);
    expect(await outcome).toBe(80014);
    one.fault(null);
    await goesOn(one, one.client.connection.id);
  });

  it('the answer to the SDK’s own authorize() does not count for a later token', async () => {
    const one = await connected();
    const id = one.client.connection.id;
    one.fault(late(2 * SECOND));
    const { value: first } = await one.unanswered(() => one.authorize({ ttl: 2_000_000 }));
    // The SDK receives the pending token and sends it once more.
    one.fault(late(4 * SECOND));
    const { value: own } = await one.unanswered(() => one.client.auth.authorize());
    await one.pass(2 * SECOND);
    expect(await first).toBeNull();
    await own;
    const before = one.auth.tokenDetails;
    one.fault('silence');
    const { value: later } = await one.unanswered(() => one.authorize({ ttl: 2_500_000 }));
    await one.pass(2 * SECOND);
    expect([one.states, one.auth.tokenDetails]).toEqual([['update', 'update'], before]);
    await one.clock.advance(8 * SECOND);
    expect(await later).toBe(80014);
    one.fault(null);
    await goesOn(one, id);
  });

  it('no answer is expected on a transport that broke', async () => {
    const one = await connected();
    const id = one.client.connection.id;
    one.fault(late(5 * SECOND));
    const { value: outcome } = await one.unanswered(() => one.authorize());
    one.sandbox.cutConnections();
    expect(await outcome).toBeNull();
    await one.pass(5 * SECOND);
    await goesOn(one, id);
  });

  it('authorize() opens the connection again after a late refusal failed it', async () => {
    const one = await connected();
    one.fault({ times: 1, fault: { lateMs: 15 * SECOND, status: 401, code: 40102 } });
    expect(await one.authorizeInVain()).toBe(80014);
    await one.pass(5 * SECOND);
    expect(one.states).toEqual(['failed']);
    expect(await one.authorize()).toBeNull();
    expect([one.state, one.expiresAtServer]).toEqual(['connected', one.auth.tokenDetails?.expires]);
  });

  it('a late refusal of one token does not count for the next, pending one', async () => {
    const one = await connected();
    one.fault({ times: 1, fault: { lateMs: 15 * SECOND, status: 401, code: 40102 } });
    expect(await one.authorizeInVain()).toBe(80014);
    one.fault('silence');
    // A new fault plan does not affect the late answer.
    const { value: outcome } = await one.unanswered(() => one.authorize({ ttl: 3_000_000 }));
    one.fault(null);
    await one.pass(5 * SECOND);
    expect(await outcome).toBeNull();
    expect([one.state, one.expiresAtServer]).toEqual(['connected', one.auth.tokenDetails?.expires]);
    expect(one.states).toEqual(['failed', 'connecting', 'connected']);
  });

  it.each([40142, 40140])(
    'the current token stays after a late DISCONNECTED %i of an aborted one',
    async (code) => {
      const one = await connected();
      const id = one.client.connection.id;
      const before = one.auth.tokenDetails;
      one.fault({ times: 1, fault: { lateMs: 15 * SECOND, status: 401, code, disconnects: true } });
      expect(await one.authorizeInVain()).toBe(80014);
      one.happenings.length = 0;
      await one.pass(5 * SECOND);
      await until(() => one.states.at(-1) === 'connected');
      await one.quiet();
      expect(one.auth.tokenDetails).toEqual(before);
      expect(one.happenings).toEqual(['dropped', 'connected']);
      await goesOn(one, id);
    },
  );
});

describe('the official SDK behind an Auth, in whatever way AUTH is answered', () => {
  it.each([
    ['ERROR for good', { status: 401, code: 40102 }, 40102, 'failed'],
    ['an ERROR of the token', { status: 401, code: 40142 }, null, 'connected'],
    ['DISCONNECTED, of the token', { status: 401, code: 40142, disconnects: true }, null, 'connected'],
    ['DISCONNECTED, for another reason', { status: 400, code: 80003, disconnects: true }, null, 'connected'],
    ['a transport that breaks', 'drop', null, 'connected'],
    ['CLOSED', 'close', 80017, 'closed'],
  ] as const)(
    'authorize() settles after %s, and the connection continues',
    async (_how, fault, code, state) => {
      const one = await connected();
      one.fault({ times: 1, fault });
      expect(await one.authorize({ ttl: 2_000_000 })).toBe(code);
      expect(one.state).toBe(state);
      expect(await one.authorize({ ttl: 2_500_000 })).toBeNull();
      expect([one.state, one.expiresAtServer]).toEqual(['connected', one.auth.tokenDetails?.expires]);
      await goesOn(one, one.client.connection.id);
    },
  );

  it('the connection returns at once with the current token after another one is refused everywhere', async () => {
    const one = await connected();
    const before = one.auth.tokenDetails;
    const refusal = { status: 401, code: 40142 };
    one.sandbox.setFault({ auth: refusal, connect: { times: 1, fault: refusal } });
    expect(await one.authorize()).toBe(40142);
    await until(() => one.states.at(-1) === 'connected');
    expect([one.auth.tokenDetails, one.expiresAtServer]).toEqual([before, before?.expires]);
  }, 10_000);

  it('a token that a request of the SDK has asked for is sent once', async () => {
    const one = await connected();
    const id = one.client.connection.id;
    const before = one.auth.tokenDetails?.token;
    one.sandbox.setFault({ history: { times: 1, fault: { status: 401, code: 40142 } } });
    await one.client.channels.get('chat').history();
    await until(() => one.auth.tokenDetails?.token !== before);
    await one.quiet();
    expect([one.count('reauthenticated'), one.expiresAtServer]).toEqual([1, one.auth.tokenDetails?.expires]);
    await goesOn(one, id);
  });
});
