import { describe, expect, it, onTestFinished } from 'vitest';
import { Auth, type ClientOptions } from '../../../src/index.js';
import { fakeConnection } from '../../../src/testing/index.js';
import { scriptedSource } from '../../../src/testing/scripted-source.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function setUp(options: Partial<ClientOptions> = {}) {
  const clock = new VirtualClock();
  const source = scriptedSource(clock, { ttl: HOUR });
  const auth = new Auth({
    clock,
    random: () => 0,
    authCallback: source.authCallback,
    renewal: 'in use',
    ...options,
  });
  onTestFinished(() => auth.dispose());
  return { auth, clock, source };
}

/** Ends 30 s before the expiry of a token that nobody used for an hour: its renewal was due, and was put off. */
async function untilPutOff({ auth, clock }: Pick<ReturnType<typeof setUp>, 'auth' | 'clock'>): Promise<void> {
  await auth.authorize();
  // authorize() was called within the life of the first token, so that this token is renewed ahead of time.
  await clock.advance(HOUR - 1_000);
  const { expires = 0 } = auth.tokenDetails ?? {};
  await clock.advance(expires - 30_000 - clock.now());
  expect([auth.state.value, auth.tokenDetails?.expires]).toEqual(['authorized', expires]);
}

describe("renewal: 'in use'", () => {
  it('a client that is not used asks for no token after two lives', async () => {
    const { auth, clock, source } = setUp();
    await auth.authorize();
    await clock.advance(DAY);
    expect(source.calls).toBeLessThanOrEqual(2);
    expect(auth.state).toMatchObject({ value: 'idle', reason: 'the token expired, and was not in use' });
    expect((await auth.getToken()).token).toBe(`scripted-token-${source.calls}`);
  });

  it('the client renews as usual without that option', async () => {
    const { auth, clock, source } = setUp({ renewal: {} });
    await auth.authorize();
    await clock.advance(DAY);
    expect(source.calls).toBeGreaterThan(24);
  });

  it('the client renews ahead of time for a subscriber, and not after the last one has left', async () => {
    const { auth, clock, source } = setUp();
    const lost: unknown[] = [];
    auth.on('expired', (happening) => lost.push(happening));
    const subscription = auth.token$.subscribe();
    await clock.advance(DAY);
    expect(source.calls).toBeGreaterThan(24);
    expect(lost).toEqual([]);
    subscription.unsubscribe();
    const { calls } = source;
    await clock.advance(DAY);
    expect(source.calls - calls).toBeLessThanOrEqual(1);
  });

  it('the client renews ahead of time for a connection, and not after it was closed', async () => {
    const connection = fakeConnection();
    const { auth, clock, source } = setUp({ connection });
    const authorized = auth.authorize();
    await clock.advance(0);
    await authorized;
    expect(connection.state).toBe('connected');
    await clock.advance(DAY);
    expect(source.calls).toBeGreaterThan(24);
    connection.setState('closed');
    const { calls } = source;
    await clock.advance(DAY);
    expect(source.calls - calls).toBeLessThanOrEqual(1);
  });

  it('the client renews ahead of time after a call in the last life', async () => {
    const { auth, clock, source } = setUp();
    const lost: unknown[] = [];
    auth.on('expired', (happening) => lost.push(happening));
    for (let count = 0; count < 48; count += 1) {
      await auth.getToken();
      await clock.advance(HOUR / 2);
    }
    expect(source.calls).toBeGreaterThan(24);
    expect(lost).toEqual([]);
  });

  it('the client renews at once for a subscriber that comes after the renewal was put off', async () => {
    const { auth, clock, source } = setUp();
    await untilPutOff({ auth, clock });
    const { calls } = source;
    const tokens: string[] = [];
    auth.token$.subscribe(({ token }) => tokens.push(token));
    await clock.advance(0);
    expect(source.calls).toBe(calls + 1);
    expect(tokens.at(-1)).toBe(`scripted-token-${source.calls}`);
  });

  it('the client renews at once after getToken(), which returns the current token', async () => {
    const { auth, clock, source } = setUp();
    await untilPutOff({ auth, clock });
    const current = auth.tokenDetails?.token;
    const { calls } = source;
    expect((await auth.getToken()).token).toBe(current);
    expect(auth.state.value).toBe('renewing');
    await clock.advance(0);
    expect(source.calls).toBe(calls + 1);
    expect(auth.tokenDetails?.token).toBe(`scripted-token-${source.calls}`);
    await auth.getToken();
    await clock.advance(0);
    expect(source.calls).toBe(calls + 1);
  });
});
