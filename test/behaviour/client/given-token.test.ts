import { describe, expect, it } from 'vitest';
import { Auth, type ClientOptions } from '../../../src/index.js';
import { fakeConnection, Scenario, scriptedSource } from '../../../src/testing/index.js';

const MINUTE = 60_000;

function setUp(more: Partial<ClientOptions> = {}) {
  const device = new Scenario();
  const source = scriptedSource(device.clock, { ttl: MINUTE });
  const issued = device.clock.now();
  const auth = new Auth({
    ...device.options,
    random: () => 0,
    authCallback: source.authCallback,
    tokenDetails: { token: 'given', issued, expires: issued + MINUTE },
    ...more,
  });
  return { device, clock: device.clock, source, auth };
}

/** The first uses of a client that need no other token. */
const interests: readonly [string, (auth: Auth) => unknown][] = [
  ['token$', (auth) => auth.token$.subscribe()],
  ['state$', (auth) => auth.state$.subscribe()],
  ['an event', (auth) => auth.on('expiring', () => {})],
  ['getToken()', (auth) => auth.getToken()],
];

describe('a client that was made with a token', () => {
  it('the client does nothing before its first call, subscriber or listener', async () => {
    const { clock, auth } = setUp();
    expect([auth.tokenDetails?.token, auth.state.value, clock.pending]).toEqual(['given', 'authorized', 0]);
    await clock.advance(MINUTE);
    expect([auth.tokenDetails, clock.pending]).toEqual([null, 0]);
    auth.dispose();
  });

  it.each(interests)(
    'the client renews its token before it expires once there is %s',
    async (_what, take) => {
      const { clock, source, auth } = setUp();
      take(auth);
      const heard: string[] = [];
      auth.on('renewed', () => heard.push('renewed'));
      auth.on('expired', () => heard.push('expired'));
      await clock.advance(0.9 * MINUTE);
      expect([source.calls, heard, auth.tokenDetails?.token]).toEqual([1, ['renewed'], 'scripted-token-1']);
      auth.dispose();
    },
  );

  it.each(interests)('the client plans by the remaining lifetime if %s comes late', async (_what, take) => {
    const { clock, source, auth } = setUp();
    await clock.advance(0.6 * MINUTE);
    take(auth);
    await clock.advance(0.3 * MINUTE);
    expect([source.calls, auth.state.value, auth.tokenDetails?.token]).toEqual([
      1,
      'authorized',
      'scripted-token-1',
    ]);
    auth.dispose();
  });

  it('the client notices sleep from before its first call', async () => {
    const { device, source, auth } = setUp();
    await device.sleepFor(2 * MINUTE);
    expect(auth.tokenDetails).toBeNull();
    expect((await auth.getToken()).token).toBe('scripted-token-1');
    expect(source.calls).toBe(1);
    auth.dispose();
  });

  it.each([false, true])(
    'the client counts sleep once, even if other code shares its clock (made before it: %s)',
    async (isBefore) => {
      const device = new Scenario();
      const other = new Auth({
        ...device.options,
        authCallback: () => ({ token: 't', issued: 0, expires: 1e9 }),
      });
      await other.authorize();
      const make = () => {
        const issued = device.clock.now();
        return new Auth({
          ...device.options,
          tokenDetails: { token: 'given', issued, expires: issued + MINUTE },
        });
      };
      const early = isBefore ? make() : null;
      await device.sleepFor(0.7 * MINUTE, false);
      const auth = early ?? make();
      expect((await auth.getToken()).token).toBe('given');
      await device.clock.advance(0.2 * MINUTE);
      expect(auth.tokenDetails?.token).toBe('given');
      for (const one of [auth, other]) one.dispose();
    },
  );

  it('the client returns no token that expired before the first subscription', async () => {
    const { device, auth } = setUp();
    await device.sleepFor(2 * MINUTE, false);
    const tokens: string[] = [];
    auth.token$.subscribe(({ token }) => tokens.push(token));
    await device.clock.advance(0);
    expect(tokens).toEqual(['scripted-token-1']);
    auth.dispose();
  });

  it('the client renews the token in time for a connection that asks late', async () => {
    const connection = fakeConnection();
    const { clock, auth } = setUp({ connection });
    await clock.advance(0.5 * MINUTE);
    connection.connect();
    await clock.advance(0.4 * MINUTE);
    expect(connection.pushes.map(({ type }) => type)).toEqual(['connection.open', 'connection.upgrade']);
    expect(auth.tokenDetails?.token).toBe('scripted-token-1');
    auth.dispose();
  });
});

describe('unreported sleep', () => {
  it('the client notices unreported sleep when the first listener is added', async () => {
    const { device, auth } = setUp();
    await auth.authorize();
    await device.sleepFor(2 * MINUTE, false);
    const tokens: string[] = [];
    auth.token$.subscribe(({ token }) => tokens.push(token));
    await device.clock.advance(0);
    expect(tokens).toEqual(['scripted-token-2']);
    auth.dispose();
  });
});
