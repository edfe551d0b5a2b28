import { afterEach, describe, expect, it, vi } from 'vitest';
import { RealtimeConnection } from '../../../src/connection/index.js';
import { Auth, type ConnectionAdapter } from '../../../src/index.js';
import { ClientOwner } from '../../../src/react/client-owner.js';
import { createSandbox } from '../../../src/sandbox/index.js';
import { fakeConnection, scriptedSource, settle, VirtualClock } from '../../../src/testing/index.js';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of undo.splice(0)) await stop();
});

/** A service with its clients. */
function service() {
  const clock = new VirtualClock();
  const sandbox = createSandbox({ clock });
  const [key] = sandbox.createApp().keys;
  const connect = () => new RealtimeConnection({ WebSocket: sandbox.WebSocket, clock });
  const client = (connection: ConnectionAdapter) =>
    new Auth({ key: key?.keyStr ?? '', fetch: sandbox.fetch, clock, connection });
  undo.push(() => sandbox.dispose());
  return { clock, sandbox, connect, client };
}

/** Another adapter, unknown to the library. */
function adapter(members: object = {}, state?: 'connected') {
  return Object.assign(fakeConnection(state === undefined ? {} : { state }), members);
}

const withAdapter = (connection: ConnectionAdapter) => {
  const clock = new VirtualClock();
  return new Auth({ authCallback: scriptedSource(clock).authCallback, clock, connection });
};

/** The life of a provider: mounted, used, unmounted. */
async function live(create: () => Auth): Promise<void> {
  const owner = new ClientOwner(create);
  const [unplace, unmount] = [owner.place(), owner.mount()];
  await owner.auth.getToken();
  // The connection is opened with the token.
  await settle();
  unplace();
  unmount();
  await settle();
}

describe('a connection that create makes', () => {
  it('a connection made in create is closed at the service and disposed of at unmount', async () => {
    const { clock, sandbox, connect, client } = service();
    const connections: RealtimeConnection[] = [];
    const ends = vi.fn();
    const create = () => {
      const connection = connect();
      connections.push(connection);
      connection.state$.subscribe({ complete: ends });
      return client(connection);
    };
    for (let round = 1; round <= 3; round += 1) {
      await live(create);
      await clock.advance(0);
      expect(sandbox.connections).toEqual([]);
      expect(ends).toHaveBeenCalledTimes(round);
    }
    expect(connections.map(({ state }) => state)).toEqual(['closed', 'closed', 'closed']);
    await clock.advance(60_000);
    expect(sandbox.connections).toEqual([]);
  });

  it('a connection made in create is closed at the service when it was still connecting at unmount', async () => {
    const { clock, sandbox, connect, client } = service();
    const owner = new ClientOwner(() => client(connect()));
    const [unplace, unmount] = [owner.place(), owner.mount()];
    owner.auth.getToken().catch(() => {});
    unplace();
    unmount();
    await clock.advance(30_000);
    expect(sandbox.connections).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it.each(['close', 'dispose', Symbol.dispose])('another adapter is ended by its %s()', async (name) => {
    const end = vi.fn();
    await live(() => withAdapter(adapter({ [name]: end })));
    expect(end).toHaveBeenCalledTimes(1);
  });

  it('an adapter that has no end, or throws in it, does not keep its client alive', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    undo.push(() => logged.mockRestore());
    const broken = new Error('the adapter breaks');
    const breaks = () => {
      throw broken;
    };
    const clients: Auth[] = [];
    for (const members of [{}, { close: breaks }]) {
      await live(() => {
        const client = withAdapter(adapter(members));
        clients.push(client);
        return client;
      });
    }
    expect(clients.map(({ state }) => state.reason)).toEqual([
      'the client was disposed of',
      'the client was disposed of',
    ]);
    expect(logged.mock.calls.flat().join()).toContain('the adapter breaks');
  });
});

describe('a connection that existed before create', () => {
  it('a connection made before stays connected, and the next client uses it', async () => {
    const { clock, sandbox, connect, client } = service();
    const connection = connect();
    undo.push(() => connection.dispose());
    const ids = new Set<string | null>();
    for (let round = 0; round < 3; round += 1) {
      await live(() => client(connection));
      await clock.advance(0);
      expect(connection.state).toBe('connected');
      ids.add(connection.id);
    }
    expect([ids.size, sandbox.connections.length]).toEqual([1, 1]);
  });

  it('the next provider gets the connection in the turn in which the last provider unmounts', async () => {
    const { connect, client } = service();
    const connection = connect();
    undo.push(() => connection.dispose());
    const [last, next] = [
      new ClientOwner(() => client(connection)),
      new ClientOwner(() => client(connection)),
    ];
    const [unplace, unmount] = [last.place(), last.mount()];
    await last.auth.getToken();
    // React runs the effects of the next tree before the last effects of the old one when a key changes.
    unplace();
    const [end, leave] = [next.place(), next.mount()];
    const token = next.auth.getToken();
    unmount();
    await expect(token).resolves.toBeDefined();
    await settle();
    expect([last.auth.state.reason, next.auth.state.value]).toEqual([
      'the client was disposed of',
      'authorized',
    ]);
    end();
    leave();
    await settle();
    expect(next.auth.state.reason).toBe('the client was disposed of');
  });

  it('another adapter that is used already stays as it is', async () => {
    const end = vi.fn();
    const connection = adapter({ close: end, dispose: end }, 'connected');
    await live(() => withAdapter(connection));
    expect(end).not.toHaveBeenCalled();
  });
});

describe('a client while React renders', () => {
  it('a client that is only read while rendering is not made', () => {
    const create = vi.fn();
    const { auth } = new ClientOwner(create);
    const { clientId, error, state, tokenDetails } = auth;
    expect({ clientId, error, state, tokenDetails }).toMatchObject({
      clientId: null,
      error: null,
      state: { value: 'idle', attempts: 0 },
      tokenDetails: null,
    });
    expect(create).not.toHaveBeenCalled();
  });

  it('a client made by a call while rendering is disposed of when the render is discarded', async () => {
    const { clock, sandbox, connect, client } = service();
    const owner = new ClientOwner(() => client(connect()), clock);
    await owner.auth.getToken();
    await settle();
    expect(sandbox.connections).toHaveLength(1);
    await clock.advance(10_000);
    expect(sandbox.connections).toEqual([]);
    await expect(owner.auth.getToken()).rejects.toMatchObject({ code: 80017 });
    // React mounts the render after all.
    const [unplace, unmount] = [owner.place(), owner.mount()];
    await expect(owner.auth.getToken()).resolves.toBeDefined();
    unplace();
    unmount();
    await clock.advance(0);
    expect(sandbox.connections).toEqual([]);
  });

  it('a client made by a call while rendering stays when the render is mounted', async () => {
    const { clock, sandbox, connect, client } = service();
    const owner = new ClientOwner(() => client(connect()), clock);
    await owner.auth.getToken();
    owner.place();
    owner.mount();
    await clock.advance(60_000);
    expect(owner.auth.state.value).toBe('authorized');
    expect(sandbox.connections).toHaveLength(1);
    owner.auth.dispose();
  });
});
