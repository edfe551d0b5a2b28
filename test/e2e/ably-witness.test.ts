import * as Ably from 'ably';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Auth } from '../../src/index.js';
import { createSandbox, type KeyInfo, type Listening, type Sandbox } from '../../src/sandbox/index.js';

/** The real SDK, unchanged, as an oracle for the sandbox and for the TokenRequests that Latchkey signs. */
describe('the real ably package, against the sandbox', () => {
  let sandbox: Sandbox;
  let server: Listening;
  let key: KeyInfo;
  let clients: Ably.Realtime[];

  beforeEach(async () => {
    sandbox = createSandbox();
    server = await sandbox.listen();
    key = sandbox.createApp().keys[0] as KeyInfo;
    clients = [];
  });

  afterEach(async () => {
    for (const client of clients) client.close();
    await sandbox.dispose();
  });

  const options = (): Ably.ClientOptions => ({
    endpoint: server.host,
    port: server.port,
    tls: false,
    useBinaryProtocol: false,
    logLevel: 0,
  });
  const realtime = (more: Ably.ClientOptions) => {
    const client = new Ably.Realtime({ ...options(), ...more });
    clients.push(client);
    return client;
  };
  const state = (client: Ably.Realtime, wanted: Ably.ConnectionState) =>
    new Promise<Ably.ConnectionStateChange>((resolve) => client.connection.once(wanted, resolve));
  const update = (client: Ably.Realtime) =>
    new Promise<Ably.ConnectionStateChange>((resolve) => client.connection.once('update', resolve));
  const issuer = () =>
    new Auth({ key: key.keyStr, endpoint: server.host, port: server.port, tls: false, useTokenAuth: true });
  /** An authCallback that calls Latchkey's createTokenRequest. */
  const byLatchkey = (params: object = {}): NonNullable<Ably.ClientOptions['authCallback']> => {
    const auth = issuer();
    return (asked, callback) => {
      auth.createTokenRequest({ ...asked, ...params } as never).then(
        (request) => callback(null, request as never),
        (error) => callback(error, null),
      );
    };
  };

  it('the SDK connects with a key, and asks for the time', async () => {
    const client = realtime({ key: key.keyStr });
    await state(client, 'connected');
    expect(client.connection.id).toBe(sandbox.connections[0]?.connectionId);
    expect(Math.abs((await client.time()) - Date.now())).toBeLessThan(60_000);
  });

  it('the SDK connects with a TokenRequest of Latchkey, and is re-authenticated in place', async () => {
    const client = realtime({ authCallback: byLatchkey({ clientId: 'ada' }) });
    await state(client, 'connected');
    const { id } = client.connection;
    const updated = update(client);
    const first = await client.auth.authorize();
    await updated;
    const second = await client.auth.authorize();
    expect(client.connection.id).toBe(id);
    expect(second.token).not.toBe(first.token);
    expect(client.auth.clientId).toBe('ada');
    expect(sandbox.connections).toHaveLength(1);
  });

  it('the SDK answers when the server asks for a new token', async () => {
    const client = realtime({ authCallback: byLatchkey() });
    await state(client, 'connected');
    const { id } = client.connection;
    const updated = update(client);
    sandbox.askForReauth();
    await updated;
    expect(client.connection.id).toBe(id);
  });

  it('the SDK is disconnected when its token expires, and resumes with a new one', async () => {
    const client = realtime({ authCallback: byLatchkey() });
    await state(client, 'connected');
    const { id } = client.connection;
    const away = state(client, 'disconnected');
    sandbox.expireTokens();
    expect((await away).reason?.code).toBe(40142);
    await state(client, 'connected');
    expect(client.connection.id).toBe(id);
  });

  it('the SDK resumes after its transport broke', async () => {
    const client = realtime({ key: key.keyStr });
    await state(client, 'connected');
    const { id } = client.connection;
    const back = state(client, 'connected');
    sandbox.cutConnections();
    await back;
    expect(client.connection.id).toBe(id);
  });

  it('the SDK gets its own tokens, with the requested rights', async () => {
    const rest = new Ably.Rest({ ...options(), key: key.keyStr });
    const token = await rest.auth.requestToken({
      ttl: 60_000,
      clientId: 'ada',
      capability: '{"chat:*":["subscribe"]}',
    });
    expect(token).toMatchObject({ clientId: 'ada', capability: '{"chat:*":["subscribe"]}' });
    expect(token.expires - token.issued).toBe(60_000);
  });

  it('the SDK is refused with a wrong secret', async () => {
    const rest = new Ably.Rest({ ...options(), key: `${key.keyName}:wrong` });
    await expect(rest.auth.requestToken()).rejects.toMatchObject({ code: 40101, statusCode: 401 });
  });

  it('the SDK connects with a JWT signed by the key', async () => {
    const jwt = await new SignJWT({ 'x-ably-clientId': 'ada' })
      .setProtectedHeader({ alg: 'HS256', kid: key.keyName })
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(key.keySecret));
    const client = realtime({ token: jwt });
    await state(client, 'connected');
    expect(client.auth.clientId).toBe('ada');
  });

  it('the SDK publishes and receives with the right to do so, and is refused without it', async () => {
    const client = realtime({
      authCallback: byLatchkey({ capability: { 'chat:*': ['publish', 'subscribe'] } }),
    });
    const channel = client.channels.get('chat:lobby');
    const message = new Promise<Ably.InboundMessage>((resolve) => {
      channel.subscribe(resolve).catch(() => {});
    });
    await channel.attach();
    await channel.publish('greeting', 'hello');
    expect((await message).data).toBe('hello');
    await expect(client.channels.get('private').attach()).rejects.toMatchObject({ code: 40160 });
  });
});
