import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { RealtimeConnection } from '../../../src/connection/index.js';
import { Auth, type ClientOptions, type ConnectionAdapter, type ErrorInfo } from '../../../src/index.js';
import { createSandbox } from '../../../src/sandbox/index.js';
import { fakeConnection, VirtualClock } from '../../../src/testing/index.js';

/** Clients of an embedded service, which knows who is there. */
function service() {
  const clock = new VirtualClock();
  const sandbox = createSandbox({ clock });
  onTestFinished(() => sandbox.dispose());
  const [key] = sandbox.createApp().keys;
  const said: string[] = [];
  sandbox.subscribe(({ type }) => said.push(type));
  const made: RealtimeConnection[] = [];
  const connect = (more: object = {}) => {
    const one = new RealtimeConnection({ WebSocket: sandbox.WebSocket, clock, logLevel: 'none', ...more });
    made.push(one);
    return one;
  };
  const client = (more: Partial<ClientOptions>) =>
    new Auth({
      key: key?.keyStr ?? '',
      useTokenAuth: true,
      fetch: sandbox.fetch,
      clock,
      logLevel: 'none',
      ...more,
    });
  return { clock, sandbox, said, made, connect, client };
}

const attempt = (run: () => unknown): ErrorInfo => {
  try {
    run();
  } catch (thrown) {
    return thrown as ErrorInfo;
  }
  throw new Error('nothing was thrown');
};

describe('a connection that a function makes for a client', () => {
  it('a connection is made once, with the client, and can be had from it', () => {
    const { made, connect } = service();
    const auth = new Auth({
      authCallback: async () => 'a token',
      connection: () => connect({ autoConnect: false }),
    });
    expect(auth.connection).toBe(made[0]);
    expect(auth.connection?.state).toBe('initialized');
    expect([auth.connection, auth.connection]).toEqual([made[0], made[0]]);
    expect(made).toHaveLength(1);
    auth.dispose();
    expect(made[0]?.state).toBe('closed');
  });

  it.each(['dispose', Symbol.dispose] as const)(
    '%s of its client says goodbye to the service, and is the end',
    async (end) => {
      const { clock, sandbox, said, connect, client } = service();
      const auth = client({ connection: () => connect() });
      const ends = vi.fn();
      await auth.getToken();
      await clock.advance(0);
      expect(sandbox.connections.map(({ isConnected }) => isConnected)).toEqual([true]);
      const connection = auth.connection as RealtimeConnection;
      connection.messages$.subscribe({ complete: ends });
      auth[end]();
      auth[end]();
      await clock.advance(0);
      expect([sandbox.connections, connection.state, ends.mock.calls.length]).toEqual([[], 'closed', 1]);
      expect(said.filter((type) => type === 'closed')).toHaveLength(1);
      expect(clock.pending).toBe(0);
    },
  );

  it('a connection is disposed of with its client although the application removed every listener', async () => {
    const { clock, connect, client } = service();
    const auth = client({ connection: () => connect() });
    await auth.getToken();
    await clock.advance(0);
    const connection = auth.connection as RealtimeConnection;
    const ends = vi.fn();
    connection.messages$.subscribe({ complete: ends });
    connection.on('closing', () => connection.off());
    auth.dispose();
    connection.off();
    await clock.advance(0);
    expect([connection.state, ends.mock.calls.length, clock.pending]).toEqual(['closed', 1, 0]);
  });

  it('a client that is disposed of while it connects leaves no connection behind', async () => {
    for (let turns = 0; turns < 12; turns += 1) {
      const { clock, sandbox, connect, client } = service();
      const auth = client({ connection: () => connect() });
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      auth.dispose();
      await clock.advance(0);
      expect(sandbox.connections, `after ${turns} turns`).toEqual([]);
      await clock.advance(60_000);
      expect([sandbox.connections, clock.pending], `after ${turns} turns`).toEqual([[], 0]);
    }
  });

  it('a client that is disposed of while its connection waits to connect again ends it', async () => {
    const { clock, sandbox, connect, client, made } = service();
    const auth = client({ connection: () => connect() });
    await auth.getToken();
    await clock.advance(0);
    await sandbox.dispose();
    await clock.advance(1_000);
    expect(made[0]?.state).not.toBe('connected');
    auth.dispose();
    await clock.advance(60_000);
    expect([made[0]?.state, clock.pending]).toEqual(['closed', 0]);
  });

  it('a listener that disposes of the client once more, as its connection closes, does no harm', async () => {
    const { clock, sandbox, connect, client } = service();
    const auth = client({ connection: () => connect() });
    await auth.getToken();
    await clock.advance(0);
    auth.on('connection.changed', () => auth.dispose());
    auth.dispose();
    await clock.advance(0);
    expect([sandbox.connections, auth.state.value]).toEqual([[], 'idle']);
  });

  it('a connection that was given stays connected when its client is disposed of', async () => {
    const { clock, sandbox, connect, client } = service();
    const connection = connect();
    const auth = client({ connection });
    await auth.getToken();
    await clock.advance(0);
    auth.dispose();
    await clock.advance(1_000);
    expect([connection.state, sandbox.connections.length]).toEqual(['connected', 1]);
    connection.dispose();
  });

  it('no connection is made where another option cannot be, and one that does not fit is ended', () => {
    const { made, connect } = service();
    const connection = () => connect({ clientId: 'grace' });
    const fit = { authCallback: async () => 'a token', connection };
    for (const unfit of [
      { renewal: 5 },
      { clock: {} },
      { logLevel: 'loud' },
      { keepAlive: 1 },
      { inspect: 1 },
    ])
      attempt(() => new Auth({ ...fit, ...unfit } as never));
    expect(made).toEqual([]);
    expect(attempt(() => new Auth({ ...fit, clientId: 'ada' })).code).toBe(40102);
    expect(made.map(({ state }) => state)).toEqual(['closed']);
  });

  it.each([
    ['undefined', () => undefined],
    ['null', () => null],
    ['a number', () => 7],
    ['a string', () => 'a connection'],
    ['an empty object', () => ({})],
    ['an array', () => []],
    ['half an adapter', () => ({ push() {} })],
    ['a promise', async () => fakeConnection()],
    [
      'an error of its own',
      () => {
        throw new Error('no socket');
      },
    ],
    [
      'a thrown string',
      () => {
        throw 'no socket';
      },
    ],
    ['a class', RealtimeConnection],
  ])('a function that gives %s is refused by name', (_what, connection) => {
    const error = attempt(() => new Auth({ authCallback: async () => 'a', connection: connection as never }));
    expect([error.name, error.code]).toEqual(['ErrorInfo', 40003]);
    expect(error.message).toMatch(/the function connection/);
  });

  it('an error of the connection itself is passed on', () => {
    const connection = () => new RealtimeConnection({ port: -1 });
    expect(attempt(() => new Auth({ authCallback: async () => 'a', connection })).message).toMatch(
      /^port is -1/,
    );
  });

  it.each([
    ['close', ['close']],
    ['dispose', ['dispose']],
    [Symbol.dispose, [String(Symbol.dispose)]],
    ['nothing', []],
  ] as const)('an adapter of another make is ended by its %s', (name, wanted) => {
    const called: string[] = [];
    const members = Object.fromEntries([[name, () => called.push(String(name))]]);
    const connection = () => Object.assign(fakeConnection(), members) as ConnectionAdapter;
    const auth = new Auth({ authCallback: async () => 'a token', connection });
    auth.dispose();
    expect(called).toEqual(wanted);
  });

  it('an adapter whose end throws is logged, and its client is disposed of all the same', () => {
    const logged: string[] = [];
    const close = () => {
      throw new Error('stuck');
    };
    const auth = new Auth({
      authCallback: async () => 'a token',
      connection: () => Object.assign(fakeConnection(), { close }),
      logHandler: (message) => logged.push(message),
    });
    auth.dispose();
    expect(auth.state.reason).toMatch(/disposed/);
    expect(logged.join()).toMatch(/the connection adapter failed: Error: stuck/);
  });
});

/** ada is present, as her own client or another adapter connected her; grace watches. */
async function adaIsPresent(isOwned: boolean) {
  const one = service();
  const { clock, sandbox, connect, client } = one;
  const given = isOwned ? connect : connect();
  const auth = client({ connection: given });
  await auth.authorize({ clientId: 'ada' });
  const connection = auth.connection as RealtimeConnection;
  connection.send({ action: 10, channel: 'lobby' });
  connection.send({ action: 14, channel: 'lobby', presence: [{ action: 2 }] });
  await clock.advance(0);
  const watcher = connect();
  const presence: unknown[] = [];
  const watching = client({ connection: watcher, clientId: 'watcher' });
  watcher.onMessage((message) => presence.push(...((message.presence ?? []) as unknown[])));
  await watching.getToken();
  await clock.advance(0);
  watcher.send({ action: 10, channel: 'lobby' });
  await clock.advance(0);
  expect(presence).toMatchObject([{ clientId: 'ada' }]);
  /** Who was connected when another user connected. */
  const there: unknown[] = [];
  sandbox.subscribe(({ type }) => {
    if (type === 'connected') there.push(sandbox.connections.map(({ clientId }) => clientId).sort());
  });
  onTestFinished(() => {
    for (const made of one.made) made.dispose();
    auth.dispose();
    watching.dispose();
  });
  return { ...one, auth, connection, presence, there };
}

type Present = Awaited<ReturnType<typeof adaIsPresent>>;

describe('a user leaves presence at once', () => {
  it.each<[string, (one: Present) => unknown, isOwned: boolean, isConnectedAfter: boolean]>([
    ['when the connection is closed', ({ connection }) => connection.close(), false, false],
    ['when the connection is disposed of', ({ connection }) => connection.dispose(), false, false],
    ['when its client, which made it, is disposed of', ({ auth }) => auth.dispose(), true, false],
    ['when the user signs out', ({ auth }) => auth.forget(), false, false],
    ['when another user signs in', ({ auth }) => auth.authorize({ clientId: 'grace' }), false, true],
    [
      'when another user signs in after a sign-out, in one turn',
      ({ auth }) => {
        auth.forget();
        return auth.authorize({ clientId: 'grace' });
      },
      false,
      true,
    ],
    [
      'when another client takes the connection for another user',
      ({ auth, connection, client }) => {
        auth.dispose();
        const next = client({ connection });
        onTestFinished(() => next.dispose());
        return next.authorize({ clientId: 'grace' });
      },
      false,
      true,
    ],
    [
      'when another client with a connection of its own follows one that is disposed of',
      ({ auth, connect, client }) => {
        auth.dispose();
        const next = client({ connection: connect });
        onTestFinished(() => next.dispose());
        return next.authorize({ clientId: 'grace' });
      },
      true,
      true,
    ],
  ])('%s', async (_what, end, isOwned, isConnectedAfter) => {
    const one = await adaIsPresent(isOwned);
    const ended = Promise.resolve(end(one));
    await one.clock.advance(0);
    await ended;
    await one.clock.advance(0);
    expect(one.presence.slice(1)).toMatchObject([{ action: 3, clientId: 'ada' }]);
    // A close comes before the connection of the next user.
    expect(one.there).toEqual(isConnectedAfter ? [['grace', 'watcher']] : []);
    expect(one.sandbox.connections).toHaveLength(isConnectedAfter ? 2 : 1);
  });

  it('not when its client, which was given the connection, is disposed of: its owner ends it', async () => {
    const one = await adaIsPresent(false);
    one.auth.dispose();
    await one.clock.advance(60_000);
    expect([one.presence.length, one.connection.state]).toEqual([1, 'connected']);
    one.connection.close();
    await one.clock.advance(0);
    expect(one.presence.slice(1)).toMatchObject([{ action: 3, clientId: 'ada' }]);
  });
});
