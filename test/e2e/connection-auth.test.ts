import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RealtimeConnection } from '../../src/connection/index.js';
import { Auth, type ClientOptions } from '../../src/index.js';
import { createSandbox, type KeyInfo, type Sandbox } from '../../src/sandbox/index.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';

const MINUTE = 60_000;

describe('a realtime connection with an Auth when something fails', () => {
  let clock: VirtualClock;
  let sandbox: Sandbox;
  let key: KeyInfo;
  let connection: RealtimeConnection;
  let auth: Auth;

  const attach = (more: Partial<ClientOptions> = {}) => {
    auth = new Auth({
      key: key.keyStr,
      defaultTokenParams: { ttl: 10 * MINUTE },
      clock,
      random: () => 0,
      fetch: sandbox.fetch,
      connection,
      ...more,
    });
  };

  beforeEach(() => {
    clock = new VirtualClock();
    sandbox = createSandbox({ clock });
    key = sandbox.createApp().keys[0] as KeyInfo;
    connection = new RealtimeConnection({
      clock,
      random: () => 0,
      fallbackHosts: [],
      WebSocket: sandbox.WebSocket,
    });
  });

  afterEach(async () => {
    auth.dispose();
    connection.dispose();
    await sandbox.dispose();
    expect(clock.pending).toBe(0);
  });

  it('a connect() from before the Auth was attached gets a token', async () => {
    connection.connect();
    await clock.advance(5 * MINUTE);
    expect(connection.state).toBe('connecting');
    attach();
    await clock.advance(0);
    expect([connection.state, auth.state.value]).toEqual(['connected', 'authorized']);
  });

  it('the connection fails when an Auth with another clientId is attached while it is connected', async () => {
    attach({ clientId: 'ada' });
    await clock.advance(0);
    auth.dispose();
    attach({ clientId: 'bob' });
    await clock.advance(0);
    expect([connection.state, connection.errorReason?.code]).toEqual(['failed', 40102]);
    await Promise.all([auth.authorize(), clock.advance(0)]);
    expect(sandbox.connections.at(-1)).toMatchObject({ clientId: 'bob', isConnected: true });
  });

  it('the connection serves the next user after close() and sign-out in one turn', async () => {
    let clientId = 'ada';
    const authCallback = () => new Auth({ key: key.keyStr, clock, clientId }).createTokenRequest();
    attach({ key: undefined, authCallback } as object);
    await clock.advance(0);
    const { id, key: resumeKey } = connection;
    clientId = 'bob';
    connection.close();
    auth.forget();
    expect([connection.id, connection.key]).toEqual([null, null]);
    connection.connect();
    await clock.advance(0);
    expect([auth.clientId, connection.state]).toEqual([null, 'failed']);
    const authorized = auth.authorize();
    await clock.advance(0);
    await authorized;
    expect([auth.clientId, connection.state]).toEqual(['bob', 'connected']);
    expect(sandbox.connections).toMatchObject([{ clientId: 'bob' }]);
    expect([connection.id, connection.key]).not.toEqual([id, resumeKey]);
  });

  it('the connection reports its identity to the next Auth', async () => {
    attach({ clientId: 'ada' });
    await clock.advance(0);
    auth.dispose();
    attach();
    expect(auth.clientId).toBeNull();
    await clock.advance(0);
    expect(auth.clientId).toBe('ada');
  });

  it('a connect() right after sign-out gets one token', async () => {
    attach();
    connection.connect();
    await clock.advance(0);
    expect(connection.state).toBe('connected');
    expect(sandbox.requests.filter(({ path }) => path.endsWith('/requestToken'))).toHaveLength(1);
  });

  it('the next authorize() succeeds after a server that did not answer, on the same connection id', async () => {
    attach();
    await clock.advance(0);
    const { id } = connection;
    sandbox.setFault({ auth: 'silence' });
    const rejection = expect(auth.authorize()).rejects.toMatchObject({ code: 80014 });
    await clock.advance(10_000);
    await rejection;
    sandbox.setFault(null);
    const authorized = auth.authorize();
    await clock.advance(0);
    const token = await authorized;
    expect([connection.state, connection.id, auth.tokenDetails?.issued]).toEqual([
      'connected',
      id,
      token.issued,
    ]);
    expect(sandbox.connections).toMatchObject([{ connectionId: id, tokenExpires: token.expires }]);
  });

  it('the connection does not wait for a silent server until its token expires, and resumes with the new one', async () => {
    attach();
    await clock.advance(0);
    const { id } = connection;
    const drops: (number | undefined)[] = [];
    sandbox.subscribe(({ type, ...more }) => {
      if (type === 'dropped' && 'error' in more) drops.push(more.error?.code);
    });
    const states: string[] = [];
    connection.onStateChange(({ current }) => states.push(current));
    let renewals = 0;
    auth.on('renewed', () => (renewals += 1));
    sandbox.setFault({ auth: 'silence' });
    await clock.advance(10 * MINUTE);
    expect([connection.state, connection.id, renewals]).toEqual(['connected', id, 1]);
    expect(states).toEqual(['connecting', 'connected']);
    expect(drops).toEqual([]);
  });

  it('a server that asks all the time causes few requests', async () => {
    attach();
    await clock.advance(0);
    const before = sandbox.requests.length;
    for (let turn = 0; turn < 100; turn += 1) sandbox.askForReauth();
    await clock.advance(1_000);
    expect(connection.state).toBe('connected');
    expect(sandbox.requests.length - before).toBeLessThan(5);
  });

  it('the connection waits for the next Auth when the previous one is disposed of', async () => {
    attach();
    await clock.advance(0);
    auth.dispose();
    sandbox.expireTokens();
    await clock.advance(20 * MINUTE);
    expect(connection.state).not.toBe('connected');
    attach();
    await clock.advance(MINUTE);
    expect(connection.state).toBe('connected');
  });
});
