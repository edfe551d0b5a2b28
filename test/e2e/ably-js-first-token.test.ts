import * as Ably from 'ably';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ablyJs } from '../../src/connection/ably-js/index.js';
import { Auth, type ClientOptions, type TokenDetails } from '../../src/index.js';
import { createSandbox } from '../../src/sandbox/index.js';

/** The sockets of the SDK. */
const { Config } = (Ably.Realtime as unknown as { Platform: { Config: { WebSocket: typeof WebSocket } } })
  .Platform;

/** A sandbox, and what the SDK opens there: the token of each transport. */
async function service() {
  const sandbox = createSandbox();
  const { host, port } = await sandbox.listen();
  const key = sandbox.createApp().keys[0]?.keyStr ?? '';
  const issuer = new Auth({ key, fetch: sandbox.fetch });
  const transports: (string | null)[] = [];
  const Sockets = Config.WebSocket;
  Config.WebSocket = class extends Sockets {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      transports.push(new URL(url).searchParams.get('access_token'));
    }
  };
  onTestFinished(async () => {
    Config.WebSocket = Sockets;
    issuer.dispose();
    await sandbox.dispose();
  });
  const request = () => issuer.requestToken({ clientId: 'ada' });
  /** An SDK that connects by itself, and its Auth. */
  const start = (means: Partial<ClientOptions>) => {
    const connection = ablyJs(
      (authCallback) =>
        new Ably.Realtime({
          authCallback,
          endpoint: host,
          port,
          tls: false,
          useBinaryProtocol: false,
          logLevel: 0,
        }),
    );
    const auth = new Auth({ ...means, connection });
    onTestFinished(() => {
      auth.dispose();
      connection.client.close();
    });
    return { auth, client: connection.client };
  };
  return { request, start, transports };
}

describe('authorize() while the official SDK connects for the first time', () => {
  it('an SDK that has not asked yet gets the new token when it asks, and not the literal one (RTC8b)', async () => {
    const { request, start, transports } = await service();
    const literal = await request();
    const authCallback = vi.fn(request);
    const { auth } = start({ tokenDetails: literal, authCallback });
    const { token } = await auth.authorize();
    expect(token).not.toBe(literal.token);
    expect([transports, authCallback.mock.calls.length]).toEqual([[token], 1]);
  });

  it('a token that is there before the SDK asks opens one transport', async () => {
    const { request, start, transports } = await service();
    const ready: TokenDetails = await request();
    // In a microtask, a source that has its token answers before the SDK starts to connect.
    const token = await Promise.resolve().then(async () => {
      const { auth } = start({ authCallback: () => ready as never });
      return (await auth.authorize()).token;
    });
    expect(transports).toEqual([token]);
  });

  it('an authorize() that fails leaves the SDK to connect with the literal token', async () => {
    const { request, start, transports } = await service();
    const literal = await request();
    const authCallback = async () => {
      throw new Error('the source is down');
    };
    const { auth, client } = start({ tokenDetails: literal, authCallback, logLevel: 'none' });
    await expect(auth.authorize()).rejects.toMatchObject({ code: 40170 });
    const { connection } = client;
    // RSA4c2: an SDK that has asked by then is disconnected, and tries again by itself after 15 s.
    if (connection.state === 'disconnected') connection.connect();
    connection.on('disconnected', () => connection.connect());
    await connection.whenState('connected');
    expect(transports).toEqual([literal.token]);
  });
});

describe('a client of the official SDK', () => {
  it('an application that removes every listener does not make the adapter deaf', async () => {
    const { request, start, transports } = await service();
    const { auth, client } = start({ authCallback: request });
    client.connection.off();
    await auth.authorize();
    (client.connection.off as (event: null) => void)(null);
    const { token } = await auth.authorize();
    expect([auth.tokenDetails?.token, transports.length]).toEqual([token, 1]);
    expect(client.connection.state).toBe('connected');
  });

  it('a client that an Auth has is refused to another, in whatever adapter, until that Auth is disposed of', () => {
    const client = new Ably.Realtime({ key: 'app.key:secret', autoConnect: false, logLevel: 0 });
    const make = (connection = ablyJs(client)) =>
      new Auth({ authCallback: async () => 'a token', connection });
    const first = make();
    expect(() => make()).toThrow(
      expect.objectContaining({ code: 40003, message: expect.stringContaining('another Auth') }),
    );
    first.dispose();
    make().dispose();
    make().dispose();
  });
});
