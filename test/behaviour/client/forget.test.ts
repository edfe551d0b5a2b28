import { describe, expect, it } from 'vitest';
import { Auth, type ClientOptions, type ConnectionAdapter, ErrorInfo } from '../../../src/index.js';
import {
  type FakeConnection,
  fakeConnection,
  scriptedSource,
  settle,
  VirtualClock,
} from '../../../src/testing/index.js';

const HOUR = 3_600_000;
const refusal = () => new ErrorInfo({ code: 40142, statusCode: 401, message: 'the token expired' });

function setUp(more: Partial<ClientOptions> = {}) {
  const clock = new VirtualClock();
  const source = scriptedSource(clock, { ttl: HOUR });
  const auth = new Auth({ clock, random: () => 0, authCallback: source.authCallback, ...more });
  return { clock, source, auth };
}

/** The same adapter without forget(). */
const plain = (connection: FakeConnection): ConnectionAdapter => ({
  get state() {
    return connection.state;
  },
  attach: (listener) => connection.attach(listener),
  push: (event, signal) => connection.push(event, signal),
});

describe('forget', () => {
  it('forget() is final: a connection whose token is refused afterwards does not sign the user in again', async () => {
    const connection = fakeConnection({ state: 'connected' });
    const { source, auth } = setUp({ connection });
    await auth.authorize();
    auth.forget();
    connection.report({ type: 'token.refused', error: refusal() });
    await settle();
    expect([source.calls, auth.state.value, auth.clientId]).toEqual([1, 'idle', null]);
    auth.dispose();
  });

  it('forget() tells a connection without forget() that there will be no token, unless it is closed', async () => {
    for (const [state, told] of [
      ['connected', ['connection.upgrade', 'connection.fail']],
      ['closed', []],
    ] as const) {
      const connection = fakeConnection({ state });
      const { auth } = setUp({ connection: plain(connection) });
      if (state === 'connected') await auth.authorize();
      auth.forget();
      expect(connection.pushes.map(({ type }) => type)).toEqual(told);
      auth.dispose();
    }
  });

  it('forget() does not change the error of a refusal of the next token', async () => {
    const connection = fakeConnection({ state: 'connected' });
    const { source, auth } = setUp({ connection });
    await auth.authorize();
    auth.forget();
    await auth.authorize();
    connection.report({ type: 'token.refused', error: refusal() });
    await settle();
    expect(source.calls).toBe(3);
    auth.dispose();
  });

  it('forget() ends a running request, which is not sent again for the next user', async () => {
    const { auth } = setUp({
      fetch: async () => {
        auth.forget();
        void auth.authorize();
        return Response.json(
          { error: { code: 40142, statusCode: 401, message: 'expired' } },
          { status: 401 },
        );
      },
    });
    await expect(auth.fetch('/channels/a/messages', { method: 'POST', body: '{}' })).rejects.toMatchObject({
      code: 80017,
      cause: { code: 40142 },
    });
    auth.dispose();
  });

  it('forget() drops the arguments to which a failed authorize() of another user would return', async () => {
    const { clock, source, auth } = setUp();
    await auth.authorize();
    auth.forget();
    const failing = async () => {
      throw new Error('down');
    };
    await expect(auth.authorize(null, { authCallback: failing })).rejects.toMatchObject({ code: 40170 });
    await clock.advance(HOUR);
    expect([source.calls, auth.state.value, auth.error?.code]).toEqual([1, 'idle', 40170]);
    await expect(auth.getToken()).rejects.toMatchObject({ code: 80017, message: 'the user signed out' });
    expect(source.calls).toBe(1);
    auth.dispose();
  });

  it('forget() lets the next user receive the token, even if it is the same token', async () => {
    const { source, auth } = setUp();
    const tokens: string[] = [];
    source.script('succeed', 'repeat');
    auth.token$.subscribe(({ token }) => tokens.push(token));
    await auth.getToken();
    auth.forget();
    await auth.authorize();
    expect(tokens).toEqual(['scripted-token-1', 'scripted-token-1']);
    auth.dispose();
  });
});

describe('a failed authorize() with its own arguments', () => {
  const failing = async () => {
    throw new Error('blip');
  };

  it('a failed authorize() leaves callers alone that wait for a token with the stored arguments', async () => {
    const { clock, source, auth } = setUp();
    const tokens: string[] = [];
    source.script({ fail: new Error('down') });
    auth.token$.subscribe(({ token }) => tokens.push(token));
    await expect(auth.authorize(null, { authCallback: failing })).rejects.toMatchObject({ code: 40170 });
    expect(auth.state).toMatchObject({ value: 'failed', final: false });
    await clock.advance(60_000);
    expect([tokens.length, auth.state.value]).toEqual([1, 'authorized']);
    auth.dispose();
  });

  it('a failed authorize() leaves a client without pending callers as it was, except for the error', async () => {
    const { auth } = setUp();
    await expect(auth.authorize(null, { authCallback: failing })).rejects.toMatchObject({ code: 40170 });
    expect(auth.state).toMatchObject({ value: 'idle', error: { code: 40170 } });
    expect((await auth.getToken()).token).toBe('scripted-token-1');
    expect(auth.state).toMatchObject({ value: 'authorized', error: null });
    auth.dispose();
  });

  it('a failed authorize() for another user leaves pending callers alone while the source is down', async () => {
    const { clock, source, auth } = setUp({ clientId: 'ada' });
    await auth.authorize();
    source.goDown();
    await clock.advance(2 * HOUR);
    const tokenDetails = { token: 't', clientId: 'bob' };
    await expect(auth.authorize(null, { tokenDetails })).rejects.toMatchObject({ code: 40102 });
    source.comeUp();
    await clock.advance(HOUR);
    expect(auth.state.value).toBe('authorized');
    auth.dispose();
  });
});

describe('a connection whose first token is refused', () => {
  it('the connection gets a token with the stored arguments after a call with other arguments failed', async () => {
    const connection = fakeConnection({ autoAccept: false });
    const { auth, source } = setUp({ connection });
    const call = auth.authorize({ ttl: 500_000 });
    call.catch(() => {});
    await settle();
    connection.autoAccept = true;
    connection.refuse(refusal());
    await expect(call).rejects.toMatchObject({ code: 40142 });
    await settle();
    expect([connection.state, auth.state.value, source.calls]).toEqual(['connected', 'authorized', 2]);
    auth.dispose();
  });
});
