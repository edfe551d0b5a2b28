import { describe, expect, it, onTestFinished } from 'vitest';
import { Auth } from '../../../src/index.js';
import { fakeConnection } from '../../../src/testing/index.js';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';
import { AuthorizeHarness } from '../../kit/authorize-harness.js';
import { tokenExpired, wireError } from '../../kit/connection-server.js';

const HOUR = 3_600_000;

describe('one plan for all who need a token', () => {
  it('a source whose tokens are always refused is asked twice in the first seconds, and then slowly', async () => {
    const one = new AuthorizeHarness();
    one.server.onOpen = tokenExpired;
    one.connection.connect();
    await one.clock.advance(3_000);
    expect(one.source.calls).toBeLessThanOrEqual(2);
    await one.clock.advance(HOUR - 3_000);
    expect(one.source.calls).toBeLessThan(25);
  });

  it('one good token after refused ones makes an end of that', async () => {
    const one = new AuthorizeHarness();
    one.server.onOpen = tokenExpired;
    one.connection.connect();
    await one.clock.advance(10_000);
    one.server.onOpen = 'accept';
    await one.clock.advance(HOUR / 6);
    expect([one.connection.state, one.auth.state.value]).toEqual(['connected', 'authorized']);
    const { calls } = one.source;
    await one.clock.advance(60_000);
    expect(one.source.calls).toBe(calls);
  });

  it.each([40_130, 40_131, 40_132, 40_133])(
    'a connection that fails with %s takes the token with it',
    async (code) => {
      const one = new AuthorizeHarness();
      one.connection.connect();
      await one.clock.advance(0);
      expect(one.auth.state.value).toBe('authorized');
      one.source.goDown();
      one.server.line.send({ action: 9, error: wireError(code, 401) });
      await one.clock.advance(0);
      expect(one.connection.state).toBe('failed');
      expect(one.auth.state.value).not.toBe('authorized');
      expect(one.auth.tokenDetails).toBeNull();
    },
  );

  it('a connection that fails for another reason leaves it', async () => {
    const one = new AuthorizeHarness();
    one.connection.connect();
    await one.clock.advance(0);
    one.server.line.send({ action: 9, error: wireError(50_000, 500) });
    await one.clock.advance(0);
    expect([one.connection.state, one.auth.state.value]).toEqual(['failed', 'authorized']);
  });
});

describe('authorize() without arguments while a token is on its way', () => {
  function setUp() {
    const clock = new VirtualClock();
    const asked: { readonly answer: (token: string) => void; readonly signal: AbortSignal }[] = [];
    const auth = new Auth({
      clock,
      random: () => 0,
      authCallback: (_params, { signal }) =>
        new Promise<string>((answer) => {
          asked.push({ answer, signal });
        }),
    });
    onTestFinished(() => auth.dispose());
    return { auth, clock, asked };
  }

  it.each([
    ['a subscriber', (auth: Auth) => void auth.token$.subscribe()],
    ['getToken()', (auth: Auth) => void auth.getToken().catch(() => {})],
  ])('it joins the request that %s began', async (_who, begin) => {
    const { auth, asked } = setUp();
    begin(auth);
    const authorized = auth.authorize();
    await settle();
    expect([asked.length, asked[0]?.signal.aborted]).toEqual([1, false]);
    asked[0]?.answer('a-token');
    expect((await authorized).token).toBe('a-token');
  });

  it('it joins the request of a connection, which is then connected', async () => {
    const one = await new AuthorizeHarness().reach('connecting for a token');
    const call = one.authorize();
    await one.clock.advance(0);
    expect([one.source.calls, call.result, one.connection.state]).toEqual([
      1,
      { token: 'scripted-token-1' },
      'connected',
    ]);
  });

  it('an authorize() with arguments replaces that request', async () => {
    const { auth, asked } = setUp();
    auth.token$.subscribe();
    const authorized = auth.authorize({ ttl: 5_000 });
    await settle();
    expect([asked.length, asked[0]?.signal.aborted]).toEqual([2, true]);
    asked[1]?.answer('b-token');
    expect((await authorized).token).toBe('b-token');
  });

  it('it asks anew during a renewal, for a token was handed out', async () => {
    const one = new AuthorizeHarness();
    await one.auth.getToken();
    one.source.script('hang');
    one.auth.actor.send({ type: 'token.asked' });
    await one.clock.advance(0);
    const { calls } = one.source;
    const call = one.authorize();
    await one.clock.advance(0);
    expect(one.source.calls).toBe(calls + 1);
    expect(call.result).toHaveProperty('token');
  });

  it('it rejects at once where the user closes the connection that it joined (RTC8b1)', async () => {
    const one = await new AuthorizeHarness().reach('connecting for a token');
    one.source.script('hang');
    const call = one.authorize();
    await one.clock.advance(0);
    one.connection.close();
    await one.clock.advance(0);
    expect(call.result).toMatchObject({ code: 80017 });
    expect(one.connection.state).toBe('closed');
  });

  it('a failure is the caller’s, as of a request of its own', async () => {
    const { auth, asked } = setUp();
    auth.token$.subscribe();
    const authorized = auth.authorize();
    await settle();
    asked[0]?.answer('');
    await expect(authorized).rejects.toMatchObject({ code: 40170 });
    expect(auth.state.value).toBe('failed');
  });

  it('it opens a connection that was closed before, with the token that it waited for', async () => {
    const clock = new VirtualClock();
    const connection = fakeConnection();
    let answer: (token: string) => void = () => {};
    const auth = new Auth({
      clock,
      random: () => 0,
      connection,
      authCallback: () => new Promise<string>((resolve) => (answer = resolve)),
    });
    onTestFinished(() => auth.dispose());
    auth.token$.subscribe();
    await settle();
    const authorized = auth.authorize();
    await settle();
    answer('a-token');
    await authorized;
    expect(connection.pushes.map(({ type }) => type)).toEqual(['connection.open']);
  });
});
