import * as Ably from 'ably';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ablyJs } from '../../src/connection/ably-js/index.js';
import { type ProtocolMessage, RealtimeConnection } from '../../src/connection/index.js';
import { Auth, type ConnectionAdapter, type TokenParams } from '../../src/index.js';
import { createSandbox, type Happening, type Sandbox } from '../../src/sandbox/index.js';

const ATTACH = 10;
const ATTACHED = 11;
const ERROR = 9;

describe('auth.require(), against the sandbox', () => {
  let sandbox: Sandbox;
  let issuer: Auth;
  let auth: Auth;
  let happenings: Happening['type'][];

  beforeEach(() => {
    sandbox = createSandbox();
    const [full] = sandbox.createApp({ keys: [{ capability: { 'chat:*': ['publish', 'subscribe'] } }] }).keys;
    issuer = new Auth({ key: full?.keyStr ?? '', fetch: sandbox.fetch });
    happenings = [];
    sandbox.subscribe(({ type }) => happenings.push(type));
  });

  afterEach(async () => {
    auth.dispose();
    await sandbox.dispose();
  });

  const attach = async (connection: ConnectionAdapter) => {
    auth = new Auth({
      authCallback: (params) => issuer.requestToken(params as TokenParams),
      defaultTokenParams: { capability: { 'chat:lobby': ['subscribe'] } },
      connection,
    });
    await auth.authorize();
    happenings.length = 0;
  };

  it('an app can call require() after a 40160, and the refused operation then works', async () => {
    const connection = new RealtimeConnection({ WebSocket: sandbox.WebSocket });
    await attach(connection);
    const { id } = connection;
    const answer = () => new Promise<ProtocolMessage>((resolve) => connection.onMessage(resolve));
    const refused = answer();
    connection.send({ action: ATTACH, channel: 'chat:den' });
    const { action, channel, error } = await refused;
    expect([action, (error as { code: number }).code]).toEqual([ERROR, 40160]);
    await auth.require({ [String(channel)]: ['subscribe'] });
    const attached = answer();
    connection.send({ action: ATTACH, channel: 'chat:den' });
    expect((await attached).action).toBe(ATTACHED);
    expect([connection.id, happenings.filter((what) => what !== 'request')]).toEqual([
      id,
      ['reauthenticated'],
    ]);
    connection.dispose();
  });

  it('require() names the rights that the key does not have, and connection and token stay', async () => {
    const connection = new RealtimeConnection({ WebSocket: sandbox.WebSocket });
    await attach(connection);
    const held = auth.tokenDetails;
    await expect(auth.require({ 'chat:den': ['publish'], news: ['history'] })).rejects.toMatchObject({
      code: 40160,
      message: 'the token does not allow history on "news"',
    });
    expect([auth.tokenDetails, connection.state]).toEqual([held, 'connected']);
    expect(happenings).not.toContain('reauthenticated');
    connection.dispose();
  });

  it('require() upgrades the official SDK in place, once for all channels of a page', async () => {
    const server = await sandbox.listen();
    const connection = ablyJs(
      (authCallback) =>
        new Ably.Realtime({
          authCallback,
          endpoint: server.host,
          port: server.port,
          tls: false,
          useBinaryProtocol: false,
          autoConnect: false,
          logLevel: 0,
        }),
    );
    await attach(connection);
    const names = ['chat:a', 'chat:b', 'chat:c'];
    await Promise.all(
      names.map(async (name) => {
        await auth.require({ [name]: ['publish', 'subscribe'] });
        await connection.client.channels.get(name).publish('greeting', 'hello');
      }),
    );
    expect(happenings.filter((what) => what !== 'request')).toEqual(['reauthenticated']);
    connection.client.close();
  });
});
