import type * as Ably from 'ably';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ablyJs } from '../../src/connection/ably-js/index.js';
import { Auth } from '../../src/index.js';
import { reaches, Witness } from './ably-harness.js';

/** The official SDK behind the port, against a sandbox that knows who is there. */
async function service() {
  const witness = await Witness.start(false);
  const { sandbox, key, server } = witness;
  const where = { endpoint: server.host, port: server.port, tls: false };
  const client = (more: object) => {
    const auth = new Auth({ ...where, key: key.keyStr, useTokenAuth: true, logLevel: 'none', ...more });
    onTestFinished(() => auth.dispose());
    return auth;
  };
  const sdk = (authCallback: Ably.AuthOptions['authCallback']) => witness.realtime({ authCallback } as never);
  const areThere = (...names: readonly (string | undefined)[]) =>
    vi.waitFor(() => expect(sandbox.connections.map(({ clientId }) => clientId)).toEqual(names), {
      timeout: 20_000,
    });
  return { witness, sandbox, client, sdk, areThere };
}

describe("the official SDK's client", () => {
  it('a client that a function makes for an Auth leaves the service when the Auth is disposed of', async () => {
    const { client, sdk, areThere } = await service();
    const auth = client({ connection: () => ablyJs(sdk), clientId: 'ada' });
    await auth.getToken();
    await areThere('ada');
    auth.dispose();
    await areThere();
  });

  it('a client that was there before stays connected when the Auth is disposed of', async () => {
    const { witness, client, areThere } = await service();
    const there = witness.realtime({ key: witness.key.keyStr, clientId: 'ada', autoConnect: false });
    const auth = client({ connection: () => ablyJs(there), clientId: 'ada' });
    await auth.authorize();
    await reaches(there, 'connected');
    auth.dispose();
    await new Promise((resolve) => setTimeout(resolve, 200));
    await areThere('ada');
    expect(there.connection.state).toBe('connected');
  });

  it('a client leaves presence before it connects as another user', async () => {
    const { witness, client, sdk, areThere } = await service();
    const connection = ablyJs(sdk);
    const auth = client({ connection });
    const watcher = await witness.connected({ key: witness.key.keyStr, clientId: 'watcher' });
    const present: string[] = [];
    const lobby = watcher.channels.get('lobby');
    await lobby.presence.subscribe(({ action, clientId }) => void present.push(`${action} ${clientId}`));
    await reaches(connection.client, 'connected');
    for (const clientId of ['ada', 'grace', 'ada']) {
      await auth.authorize({ clientId });
      await areThere('watcher', clientId);
      await connection.client.channels.get('lobby').attach();
      await connection.client.channels.get('lobby').presence.enter();
    }
    const all = ['enter ada', 'leave ada', 'enter grace', 'leave grace', 'enter ada'];
    await vi.waitFor(() => expect(present).toEqual(all), { timeout: 20_000 });
  });

  it('a client leaves presence when its user signs out', async () => {
    const { client, sdk, areThere } = await service();
    const auth = client({ connection: ablyJs(sdk) });
    await auth.authorize({ clientId: 'ada' });
    await areThere('ada');
    auth.forget();
    await areThere();
  });
});
