import * as Ably from 'ably';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AblyAuthCallback, ablyJs } from '../../src/connection/ably-js/index.js';
import { Auth, type ConnectionAdapter, type TokenParams } from '../../src/index.js';
import { ClientOwner } from '../../src/react/client-owner.js';
import { createSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { eventually } from '../kit/eventually.js';

describe('a provider of React whose connection is the official SDK, against the sandbox', () => {
  let sandbox: Sandbox;
  let issuer: Auth;
  let sdk: (more: Ably.ClientOptions) => Ably.Realtime;
  let clients: Ably.Realtime[];

  beforeEach(async () => {
    sandbox = createSandbox();
    const { host, port } = await sandbox.listen();
    const [key] = sandbox.createApp().keys;
    issuer = new Auth({ key: key?.keyStr ?? '', fetch: sandbox.fetch });
    clients = [];
    sdk = (more) => {
      const address = { endpoint: host, port, tls: false, useBinaryProtocol: false };
      const client = new Ably.Realtime({ ...address, logLevel: 0, ...more });
      clients.push(client);
      return client;
    };
  });

  afterEach(async () => {
    for (const client of clients) client.close();
    issuer.dispose();
    await sandbox.dispose();
  });

  const auth = (connection: ConnectionAdapter) =>
    new Auth({ authCallback: (params) => issuer.requestToken({ ...params } as TokenParams), connection });

  /** The connected ones: the SDK may have left one while it connected, which can still be resumed. */
  const up = () => sandbox.connections.filter(({ isConnected }) => isConnected);

  /** Mounts the provider until it is connected, then unmounts it. */
  async function live(create: () => Auth): Promise<void> {
    const owner = new ClientOwner(create);
    const [unplace, unmount] = [owner.place(), owner.mount()];
    await owner.auth.authorize();
    await eventually(() => expect(owner.auth.connection?.state).toBe('connected'));
    expect(up()).toHaveLength(1);
    unplace();
    unmount();
  }

  it('the provider closes the SDK that create made', async () => {
    for (let round = 0; round < 3; round += 1) {
      await live(() => auth(ablyJs((authCallback: AblyAuthCallback) => sdk({ authCallback }))));
      await eventually(() => expect(up()).toEqual([]));
    }
    expect(clients.map(({ connection }) => connection.state)).toEqual(['closed', 'closed', 'closed']);
  });

  it('the provider does not close an SDK that was made before', async () => {
    const client = sdk({ autoConnect: false, authCallback: (_params, give) => give('not asked', null) });
    await live(() => auth(ablyJs(client)));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(client.connection.state).toBe('connected');
    expect(up()).toHaveLength(1);
  });
});
