import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { RealtimeConnection } from '../../../src/connection/index.js';
import { Auth, type ClientOptions } from '../../../src/index.js';
import { scriptedSource } from '../../../src/testing/scripted-source.js';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';
import { ScriptedServer } from '../../kit/connection-server.js';
import { json, MockHttp, text } from '../../uts/mock-http.js';

const HOUR = 3_600_000;
const signedOut = {
  code: 80017,
  message: 'the user signed out',
  remediation: 'Call authorize() when a user signs in.',
};

function setUp(options: Partial<ClientOptions> = {}) {
  const clock = new VirtualClock();
  const source = scriptedSource(clock, { ttl: HOUR });
  const http = new MockHttp(() => json(['fine']));
  const auth = new Auth({
    clock,
    authCallback: source.authCallback,
    random: () => 0,
    fetch: http.fetch,
    ...options,
  });
  onTestFinished(() => auth.dispose());
  return { auth, clock, http, source };
}

describe('a client whose user signed out', () => {
  it('the client is idle, for the reason "signed out", and stays so', async () => {
    const { auth, clock, source } = setUp();
    await auth.authorize();
    auth.forget();
    expect(auth.state).toMatchObject({ value: 'idle', reason: 'signed out', error: null });
    await clock.advance(24 * HOUR);
    expect(auth.state).toMatchObject({ value: 'idle', reason: 'signed out' });
    expect([source.calls, clock.pending]).toEqual([1, 0]);
  });

  it('getToken(), fetch() and require() reject at once, and the source is not asked', async () => {
    const { auth, http, source } = setUp();
    await auth.authorize();
    auth.forget();
    const asked = [
      () => auth.getToken(),
      () => auth.fetch('/time'),
      () => auth.require({ 'chat:a': ['subscribe'] }),
    ];
    for (const ask of asked) await expect(ask()).rejects.toMatchObject(signedOut);
    expect([source.calls, http.requests.length]).toEqual([1, 0]);
  });

  it('getToken() rejects also when the user signed out before the first token', async () => {
    const { auth, source } = setUp();
    auth.forget();
    await expect(auth.getToken()).rejects.toMatchObject(signedOut);
    expect([source.calls, auth.state.reason]).toEqual([0, 'signed out']);
  });

  it('subscribers and listeners are informed, and a new subscriber causes no request', async () => {
    const { auth, source } = setUp();
    const states: string[] = [];
    const tokens: string[] = [];
    auth.state$.subscribe(({ value, reason }) => states.push(`${value}: ${reason}`));
    await auth.authorize();
    auth.forget();
    auth.token$.subscribe(({ token }) => tokens.push(token));
    await settle();
    expect(states.at(-1)).toBe('idle: signed out');
    expect([tokens, source.calls]).toEqual([[], 1]);
    await auth.authorize();
    expect(tokens).toEqual(['scripted-token-2']);
  });

  it('a connection that is to connect fails, and opens again with the token of the next user', async () => {
    const server = new ScriptedServer();
    const clock = new VirtualClock();
    const connection = new RealtimeConnection({
      clock,
      autoConnect: false,
      fallbackHosts: [],
      WebSocket: server.WebSocket,
    });
    const { auth, source } = setUp({ clock, connection });
    onTestFinished(() => connection.dispose());
    await auth.authorize();
    await clock.advance(0);
    expect(connection.state).toBe('connected');
    auth.forget();
    await clock.advance(0);
    connection.connect();
    await clock.advance(0);
    expect(connection.state).toBe('failed');
    expect(connection.errorReason).toMatchObject({ code: 80017, message: 'the user signed out' });
    expect(source.calls).toBe(1);
    const authorized = auth.authorize();
    await clock.advance(0);
    await authorized;
    expect(connection.state).toBe('connected');
    expect(server.tokens.at(-1)).toBe(auth.tokenDetails?.token);
  });

  it('the client asks with the options of its constructor: what authorize() stored and what was required is gone', async () => {
    const asked: unknown[] = [];
    const authCallback = vi.fn(async (params: object) => {
      asked.push({ ...params });
      return 'a-token';
    });
    const other = vi.fn(async () => 'another-token');
    const { auth } = setUp({ authCallback, defaultTokenParams: { ttl: 5_000 } });
    await auth.authorize({ ttl: 7_000, clientId: 'ada' });
    await auth.require({ 'chat:a': ['subscribe'] });
    await auth.authorize({ clientId: 'ada' }, { authCallback: other });
    auth.forget();
    await auth.authorize();
    expect(other).toHaveBeenCalledTimes(1);
    expect(asked.at(-1)).toEqual({ ttl: 5_000 });
  });

  it('the client has no literal token and no learned clientId any more', async () => {
    const { auth } = setUp({ token: 'literal-token', authCallback: null });
    expect(await auth.getToken()).toMatchObject({ token: 'literal-token' });
    auth.forget();
    await expect(auth.authorize()).rejects.toMatchObject({ code: 40171 });
    const named = setUp({ authCallback: async () => ({ token: 'a', clientId: 'ada' }) });
    await named.auth.authorize();
    expect(named.auth.clientId).toBe('ada');
    named.auth.forget();
    expect(named.auth.clientId).toBeNull();
  });

  it('the client forgets a host that the service named', async () => {
    const hosts: string[] = [];
    const http = new MockHttp(({ url }, index) => {
      hosts.push(url.hostname);
      return index === 0 ? json({}, 500) : json([1_000]);
    });
    const { auth } = setUp({ fetch: http.fetch });
    await auth.time();
    auth.forget();
    await auth.time();
    expect(hosts.map((host) => host.includes('fallback'))).toEqual([false, true, false]);
  });

  it('the client reads the headers of the next user from their function', async () => {
    let user = 'ada';
    const http = new MockHttp(({ headers }) => text(`token-of-${headers.get('x-user')}`));
    const { auth } = setUp({
      authCallback: null,
      authUrl: 'https://example.com/token',
      authHeaders: () => ({ 'x-user': user }),
      fetch: http.fetch,
    });
    await auth.authorize();
    auth.forget();
    user = 'bob';
    expect((await auth.authorize()).token).toBe('token-of-bob');
  });

  it('waiting calls reject, and calls that come while a user signs in wait', async () => {
    const { auth, source } = setUp();
    source.script('hang');
    const waiting = [auth.authorize(), auth.getToken()].map((call) =>
      expect(call).rejects.toMatchObject(signedOut),
    );
    await settle();
    auth.forget();
    await Promise.all(waiting);
    const calls = await Promise.all([auth.authorize(), auth.getToken()]);
    expect(calls.map(({ token }) => token)).toEqual(['scripted-token-1', 'scripted-token-1']);
  });

  it('a client with a key uses the key again only after the next authorize()', async () => {
    const http = new MockHttp(() => json(['fine']));
    const { auth } = setUp({ authCallback: null, key: 'appId.keyId:secret', fetch: http.fetch });
    await auth.fetch('/stats');
    auth.forget();
    await expect(auth.fetch('/stats')).rejects.toMatchObject(signedOut);
    expect(http.requests).toHaveLength(1);
  });
});
