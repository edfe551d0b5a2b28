import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { RealtimeConnection, type RealtimeConnectionOptions } from '../../../src/connection/index.js';
import { Auth, type ClientOptions, ErrorInfo } from '../../../src/index.js';
import {
  type FakeConnection,
  fakeConnection,
  scriptedSource,
  VirtualClock,
} from '../../../src/testing/index.js';
import { ScriptedServer } from '../../kit/connection-server.js';

/** A clock that counts the holders that keep the process alive. */
class CountingClock extends VirtualClock {
  held = 0;

  hold(): () => void {
    this.held += 1;
    let letGo = () => {
      this.held -= 1;
      letGo = () => {};
    };
    return () => letGo();
  }
}

let clock = new CountingClock();

afterEach(() => {
  clock = new CountingClock();
});

function client(options: Partial<ClientOptions> = {}) {
  const source = scriptedSource(clock, { ttl: 60_000 });
  const { authCallback } = source;
  const auth = new Auth({ authCallback, clock, random: () => 0.5, logLevel: 'none', ...options });
  onTestFinished(() => {
    auth.dispose();
    expect([clock.held, clock.pending]).toEqual([0, 0]);
  });
  return { auth, source };
}

describe('a client keeps its process alive', () => {
  it('the client keeps the process alive while any call is pending, and not longer', async () => {
    const { auth, source } = client();
    source.script({ late: 500 });
    const calls = [auth.getToken(), auth.getToken(), auth.getToken()];
    expect(clock.held).toBe(1);
    await clock.advance(499);
    expect(clock.held).toBe(1);
    await clock.advance(1);
    await Promise.all(calls);
    expect(clock.held).toBe(0);
  });

  it('the client keeps the process alive while requests run that change nothing, until the last one ends', async () => {
    const { auth, source } = client();
    source.script({ late: 100 }, { late: 300 });
    const calls = [auth.requestToken(), auth.requestToken()];
    await clock.advance(200);
    expect(clock.held).toBe(1);
    await clock.advance(100);
    await Promise.all(calls);
    expect(clock.held).toBe(0);
  });

  it('the client keeps the process alive for a subscriber without a token, and not for one with a token', async () => {
    const { auth, source } = client();
    source.goDown();
    const subscription = auth.token$.subscribe();
    expect(clock.held).toBe(1);
    await clock.advance(5_000);
    expect([auth.state.value, clock.held]).toEqual(['failed', 1]);
    source.comeUp();
    await clock.advance(30_000);
    expect([auth.state.value, clock.held]).toEqual(['authorized', 0]);
    source.goDown();
    await clock.advance(59_000);
    expect([auth.tokenDetails, clock.held]).toEqual([null, 1]);
    subscription.unsubscribe();
    expect(clock.held).toBe(0);
  });

  it('the client does not keep the process alive for listeners or a failed renewal', async () => {
    const { auth, source } = client();
    auth.state$.subscribe();
    auth.on('failed', () => {});
    await auth.getToken();
    auth.token$.subscribe();
    source.goDown();
    for (let second = 0; second < 59; second += 1) {
      await clock.advance(1_000);
      expect([auth.tokenDetails === null, clock.held]).toEqual([false, 0]);
    }
    expect(auth.state.value).toBe('renewing');
  });

  it('the client does not keep the process alive if no further try follows', async () => {
    const { auth, source } = client();
    source.goDown(new ErrorInfo({ code: 40300, message: 'no' }));
    auth.token$.subscribe();
    await clock.advance(0);
    expect([auth.state.final, clock.held]).toEqual([true, 0]);
  });

  it.each<[string, (auth: Auth, connection: FakeConnection) => void]>([
    ['it is closed', (_auth, connection) => connection.setState('closed')],
    ['the user signs out', (auth) => auth.forget()],
    ['the client is disposed of', (auth) => auth.dispose()],
  ])(
    'the client keeps the process alive while its connection waits for a token, until %s',
    async (_what, end) => {
      const connection = fakeConnection();
      const { auth, source } = client({ connection });
      source.goDown();
      connection.connect();
      await clock.advance(0);
      expect([auth.state.value, clock.held]).toEqual(['failed', 1]);
      end(auth, connection);
      expect(clock.held).toBe(0);
    },
  );

  it('a client with keepAlive: false never keeps the process alive', async () => {
    const connection = fakeConnection();
    const { auth, source } = client({ connection, keepAlive: false });
    source.script('hang');
    connection.connect();
    auth.token$.subscribe();
    for (const call of ['authorize', 'getToken', 'requestToken'] as const) auth[call]().catch(() => {});
    await clock.advance(5_000);
    expect(clock.held).toBe(0);
  });
});

describe('a realtime connection keeps its process alive', () => {
  function connected(options: RealtimeConnectionOptions = {}) {
    const server = new ScriptedServer();
    const { WebSocket } = server;
    const connection = new RealtimeConnection({ clock, WebSocket, fallbackHosts: [], ...options });
    onTestFinished(() => {
      connection.dispose();
      expect([clock.held, clock.pending]).toEqual([0, 0]);
    });
    return { connection, server };
  }

  it.each<[string, (connection: RealtimeConnection) => void]>([
    ['it is closed', (connection) => connection.close()],
    ['it is disposed of', (connection) => connection.dispose()],
    ['the user signs out', (connection) => connection.forget()],
  ])('the connection keeps the process alive while it reconnects, until %s', async (_what, end) => {
    const { connection, server } = connected();
    connection.attach(() => {});
    connection.push({ type: 'connection.open', token: { token: 'a' } }, new AbortController().signal);
    await clock.advance(0);
    expect([connection.state, clock.held]).toEqual(['connected', 0]);
    server.onOpen = 'break';
    server.line.break();
    await clock.advance(20_000);
    expect([connection.state, clock.held]).toEqual(['disconnected', 1]);
    await clock.advance(200_000);
    expect([connection.state, clock.held]).toEqual(['suspended', 1]);
    end(connection);
    expect([connection.state, clock.held]).toEqual(['closed', 0]);
  });

  it('the connection does not keep the process alive after its Auth was disposed of', async () => {
    const { connection } = connected();
    const { auth, source } = client({ connection });
    source.goDown();
    await clock.advance(0);
    expect([connection.state, clock.held]).toEqual(['disconnected', 2]);
    auth.dispose();
    expect(clock.held).toBe(0);
  });

  it('the connection keeps the process alive while a ping has no answer', async () => {
    const { connection } = connected();
    connection.connect();
    expect([connection.state, clock.held]).toEqual(['connecting', 0]);
    const pings = [connection.ping(), connection.ping()];
    expect(clock.held).toBe(1);
    await clock.advance(10_000);
    expect((await Promise.allSettled(pings)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(clock.held).toBe(0);
  });

  it('a connection with keepAlive: false never keeps the process alive', async () => {
    const { connection, server } = connected({ keepAlive: false, key: 'app.key:secret' });
    server.onOpen = 'break';
    connection.connect();
    connection.ping().catch(() => {});
    await clock.advance(20_000);
    expect([connection.state, clock.held]).toEqual(['disconnected', 0]);
  });
});
