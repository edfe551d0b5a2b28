import * as Ably from 'ably';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AblyAuthCallback, type AblyJsConnection, ablyJs } from '../../src/connection/ably-js/index.js';
import { Auth, type ClientOptions, type TokenParams } from '../../src/index.js';
import {
  createSandbox,
  type Happening,
  type KeyInfo,
  type Listening,
  type Sandbox,
} from '../../src/sandbox/index.js';

describe('the official SDK behind a Latchkey Auth, against the sandbox over real sockets', () => {
  let sandbox: Sandbox;
  let server: Listening;
  let key: KeyInfo;
  let issuer: Auth;
  let connection: AblyJsConnection<Ably.Realtime>;
  let auth: Auth;
  let states: string[];
  let happenings: Happening['type'][];

  beforeEach(async () => {
    sandbox = createSandbox();
    server = await sandbox.listen();
    key = sandbox.createApp().keys[0] as KeyInfo;
    issuer = new Auth({ key: key.keyStr, fetch: sandbox.fetch });
    states = [];
    happenings = [];
    sandbox.subscribe(({ type }) => happenings.push(type));
  });

  afterEach(async () => {
    auth.dispose();
    connection.client.close();
    await sandbox.dispose();
  });

  const sdk = (authCallback: AblyAuthCallback, more: Ably.ClientOptions = {}) =>
    new Ably.Realtime({
      authCallback,
      endpoint: server.host,
      port: server.port,
      tls: false,
      useBinaryProtocol: false,
      logLevel: 0,
      ...more,
    });

  const attach = (more: Partial<ClientOptions> = {}) => {
    auth = new Auth({
      authCallback: (params) => issuer.requestToken({ clientId: 'ada', ...params } as TokenParams),
      connection,
      ...more,
    });
    connection.client.connection.on(({ current, previous }) => {
      states.push(current === previous ? 'update' : current);
    });
  };

  const setUp = (more: Partial<ClientOptions> = {}, own: Ably.ClientOptions = {}) => {
    connection = ablyJs((authCallback) => sdk(authCallback, own));
    attach(more);
  };

  const connected = async () => {
    await connection.client.connection.whenState('connected');
    await until(() => auth.tokenDetails !== null);
    states.length = 0;
    happenings.length = 0;
    return connection.client.connection.id;
  };

  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('the SDK connects by itself, with the token of the Auth', async () => {
    setUp();
    await connected();
    expect(sandbox.connections).toMatchObject([
      { clientId: 'ada', tokenExpires: auth.tokenDetails?.expires },
    ]);
    expect([auth.clientId, connection.client.auth.clientId]).toEqual(['ada', 'ada']);
    expect(auth.state.value).toBe('authorized');
  });

  it('the adapter takes over an existing client with its own source', async () => {
    const own = new Ably.Realtime({
      key: key.keyStr,
      endpoint: server.host,
      port: server.port,
      tls: false,
      useBinaryProtocol: false,
      autoConnect: false,
      logLevel: 0,
    });
    connection = ablyJs(own);
    attach();
    await auth.authorize();
    expect(own.connection.state).toBe('connected');
    expect(sandbox.connections).toMatchObject([
      { clientId: 'ada', tokenExpires: auth.tokenDetails?.expires },
    ]);
  });

  it('tokens are renewed before expiry, again and again, without a disconnect', async () => {
    setUp({ defaultTokenParams: { ttl: 600 } });
    const id = await connected();
    const renewals: number[] = [];
    auth.on('renewed', (token) => renewals.push(token.expires ?? 0));
    await until(() => renewals.length === 4);
    expect(connection.client.connection.id).toBe(id);
    expect(new Set(states)).toEqual(new Set(['update']));
    expect(happenings.filter((what) => what === 'reauthenticated')).toHaveLength(4);
    expect(happenings).not.toContain('dropped');
    expect(sandbox.connections).toMatchObject([{ connectionId: id, tokenExpires: renewals.at(-1) }]);
  });

  it('the server that asks for a new token gets one, in place', async () => {
    setUp();
    const id = await connected();
    const before = auth.tokenDetails?.token;
    sandbox.askForReauth();
    await until(() => auth.tokenDetails?.token !== before);
    expect(connection.client.connection.id).toBe(id);
    expect(states).not.toContain('disconnected');
    expect(sandbox.connections).toMatchObject([{ tokenExpires: auth.tokenDetails?.expires }]);
  });

  it('the SDK reconnects at once when it is cut while it waits for a token that the server requested', async () => {
    let answer = () => {};
    const slow = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let calls = 0;
    setUp({
      authCallback: async (params) => {
        calls += 1;
        if (calls === 2) await slow;
        return await issuer.requestToken({ clientId: 'ada', ...params } as TokenParams);
      },
    });
    await connected();
    sandbox.askForReauth();
    await until(() => calls === 2);
    sandbox.cutConnections();
    await until(() => states.includes('connected'));
    answer();
    await until(() => auth.state.value === 'authorized');
    expect([calls, connection.client.connection.state]).toEqual([2, 'connected']);
  });

  it('an authorize() of the SDK itself gets a new token of the Auth', async () => {
    setUp();
    const id = await connected();
    const before = auth.tokenDetails?.token;
    const { token } = await connection.client.auth.authorize();
    await until(() => auth.tokenDetails?.token !== before);
    expect(token).toBe(auth.tokenDetails?.token);
    expect(connection.client.connection.id).toBe(id);
  });

  it('the SDK gets more rights in place and uses them at once', async () => {
    setUp({ defaultTokenParams: { capability: { 'chat:lobby': ['subscribe'] } } });
    const id = await connected();
    const channel = connection.client.channels.get('chat:lobby');
    await channel.attach();
    await expect(channel.publish('greeting', 'hello')).rejects.toMatchObject({ code: 40160 });
    await auth.authorize({ capability: { 'chat:*': ['publish', 'subscribe'] } });
    await channel.publish('greeting', 'hello');
    expect([connection.client.connection.id, channel.state]).toEqual([id, 'attached']);
  });

  it('the same client connects again when a token is for another client', async () => {
    let clientId = 'ada';
    setUp({ authCallback: () => issuer.requestToken({ clientId }) });
    const id = await connected();
    const told: string[] = [];
    auth.on('connection.replace', () => told.push('replace'));
    auth.on('connection.changed', ({ state }) => told.push(state));
    clientId = 'bob';
    await auth.authorize();
    expect(told).toEqual(['replace', 'connecting', 'connected']);
    expect([auth.clientId, connection.client.auth.clientId]).toEqual(['bob', 'bob']);
    expect(connection.client.connection.id).not.toBe(id);
    expect(sandbox.connections).toMatchObject([{ clientId: 'bob', isConnected: true }]);
    await connection.client.channels.get('chat').publish('greeting', 'as somebody else');
  });

  it('the same client connects without resumption for another client if it is not connected', async () => {
    let clientId = 'ada';
    setUp({ authCallback: () => issuer.requestToken({ clientId }) });
    const id = await connected();
    sandbox.setFault({ connect: 'refuse' });
    sandbox.cutConnections();
    await until(() => states.at(-1) === 'disconnected');
    sandbox.setFault(null);
    clientId = 'bob';
    await auth.authorize();
    expect([auth.clientId, connection.client.auth.clientId]).toEqual(['bob', 'bob']);
    expect(connection.client.connection.id).not.toBe(id);
  });

  it('nothing is left of a user who signed out, for the connection and for requests', async () => {
    let clientId = 'ada';
    setUp({ authCallback: () => issuer.requestToken({ clientId }) });
    const id = await connected();
    const channel = connection.client.channels.get('chat');
    await channel.attach();
    auth.forget();
    expect(connection.state).toBe('closed');
    clientId = 'bob';
    await expect(channel.history()).rejects.toThrow();
    expect(auth.tokenDetails).toBeNull();
    await auth.authorize();
    await channel.history();
    expect(auth.tokenDetails?.clientId).toBe('bob');
    await connection.client.connection.whenState('connected');
    expect([auth.clientId, connection.client.auth.clientId]).toEqual(['bob', 'bob']);
    expect(connection.client.connection.id).not.toBe(id);
  });

  it('the SDK comes back with the token that it was told to use next', async () => {
    setUp();
    await connected();
    const { auth: ofSdk } = connection.client as unknown as { auth: { tokenDetails: { token: string } } };
    const before = ofSdk.tokenDetails.token;
    connection.useNext?.({ token: 'the-next-token' });
    expect(ofSdk.tokenDetails.token).toBe('the-next-token');
    expect(before).not.toBe('the-next-token');
    connection.useNext?.(null);
    expect(ofSdk.tokenDetails).toBeNull();
  });

  it('the SDK that is away while the token expires does not try it again, and comes back with the next', async () => {
    let isDown = false;
    setUp(
      {
        authCallback: async () => {
          if (isDown) throw new Error('down');
          return await issuer.requestToken({ clientId: 'ada', ttl: 2_000 });
        },
      },
      { disconnectedRetryTimeout: 100 },
    );
    await connected();
    isDown = true;
    sandbox.setFault({ connect: 'refuse' });
    sandbox.cutConnections();
    await until(() => auth.tokenDetails === null);
    sandbox.setFault(null);
    const errors: unknown[] = [];
    sandbox.subscribe((happening) => happening.type === 'refused' && errors.push(happening.error?.code));
    await new Promise((resolve) => setTimeout(resolve, 500));
    isDown = false;
    await connected();
    expect(errors).toEqual([]);
  });

  it('the SDK comes back after an outage with the token that was renewed meanwhile, at the first try', async () => {
    let calls = 0;
    setUp(
      {
        authCallback: () => {
          calls += 1;
          return issuer.requestToken({ clientId: 'ada' });
        },
      },
      { disconnectedRetryTimeout: 100 },
    );
    const id = await connected();
    const before = auth.tokenDetails;
    await server.close();
    await until(() => states.includes('disconnected'));
    auth.actor.send({ type: 'token.asked' });
    await until(() => auth.tokenDetails?.token !== before?.token);
    expect(connection.client.connection.state).not.toBe('connected');
    happenings.length = 0;
    server = await sandbox.listen({ port: server.port });
    await until(() => states.includes('connected'));
    expect([calls, connection.client.connection.id]).toEqual([2, id]);
    expect(happenings).not.toContain('refused');
    expect(sandbox.connections).toMatchObject([{ tokenExpires: auth.tokenDetails?.expires }]);
    expect(auth.tokenDetails?.expires).not.toBe(before?.expires);
  });

  it.each(['ada', 'bob'])(
    'the SDK stays closed when the user signs out while a token for %s is pushed',
    async (who) => {
      let clientId = 'ada';
      setUp({ authCallback: () => issuer.requestToken({ clientId }) });
      await connected();
      clientId = who;
      const forget = () => queueMicrotask(() => connection.forget?.());
      auth.on('connection.upgrade', forget);
      auth.on('connection.replace', forget);
      await expect(auth.authorize()).rejects.toMatchObject({ code: 80017 });
      await pause();
      expect([connection.state, connection.client.connection.state]).toEqual(['closed', 'closed']);
    },
  );

  it('authorize() rejects when the client is closed before the server answers', async () => {
    setUp();
    await connected();
    const token = auth.tokenDetails;
    sandbox.setFault({ auth: 'silence' });
    const rejection = expect(auth.authorize()).rejects.toMatchObject({ code: 80017 });
    auth.on('connection.upgrade', () => queueMicrotask(() => connection.client.close()));
    await rejection;
    await pause();
    expect([connection.state, auth.tokenDetails]).toEqual(['closed', token]);
  });

  it('the SDK stays closed when it is closed in the middle of a push', async () => {
    setUp();
    await connected();
    auth.on('connection.upgrade', () => connection.client.close());
    await expect(auth.authorize()).rejects.toMatchObject({ code: 80017 });
    await pause();
    expect(connection.client.connection.state).toBe('closed');
  });

  it('the SDK connects at the first connect() after it was closed in the middle of a push', async () => {
    setUp();
    await connected();
    auth.on('connection.upgrade', () => queueMicrotask(() => connection.client.close()));
    await expect(auth.authorize()).rejects.toMatchObject({ code: 80017 });
    await pause();
    expect(connection.client.connection.state).toBe('closed');
    connection.client.connect();
    await connection.client.connection.whenState('connected');
    await pause();
    expect(connection.client.connection.state).toBe('connected');
  });

  it('the SDK stays closed when it is closed while several calls wait for a token', async () => {
    let give = () => {};
    setUp({
      authCallback: () =>
        new Promise((resolve) => {
          give = () => resolve(issuer.requestToken({ clientId: 'ada' }));
        }),
    });
    await until(() => auth.state.value === 'requesting');
    give();
    await connected();
    const calls = [1, 2, 3].map(() => connection.client.auth.authorize().catch(({ code }) => code));
    await pause();
    auth.on('connection.upgrade', () => queueMicrotask(() => connection.client.close()));
    give();
    await until(() => connection.client.connection.state === 'closed');
    await pause();
    expect(connection.client.connection.state).toBe('closed');
    connection.client.connect();
    await connection.client.connection.whenState('connected');
    await Promise.all(calls);
  });

  it('the SDK connects after close() and connect() in one turn', async () => {
    setUp();
    await connected();
    sandbox.setFault({ auth: 'silence' });
    const rejection = expect(auth.authorize()).rejects.toMatchObject({ code: 80017 });
    await pause();
    connection.client.close();
    connection.client.connect();
    await rejection;
    await connection.client.connection.whenState('connected');
    await pause();
    expect(connection.client.connection.state).toBe('connected');
  });

  it('authorize() rejects when the server does not answer, and the SDK keeps its token', async () => {
    connection = ablyJs((authCallback) => sdk(authCallback), { realtimeRequestTimeout: 50 });
    attach();
    const id = await connected();
    const token = auth.tokenDetails;
    sandbox.setFault({ auth: 'silence' });
    await expect(auth.authorize()).rejects.toMatchObject({ code: 80014 });
    sandbox.setFault(null);
    sandbox.cutConnections();
    await until(() => states.includes('connected'));
    expect([auth.tokenDetails, connection.client.connection.id]).toEqual([token, id]);
    expect(sandbox.connections).toMatchObject([{ tokenExpires: token?.expires }]);
  });

  it('authorize() rejects with the error of a server that refuses, and the SDK fails', async () => {
    setUp();
    await connected();
    sandbox.setFault({ auth: { status: 401, code: 40102, message: 'not you' } });
    await expect(auth.authorize()).rejects.toMatchObject({ code: 40102, statusCode: 401 });
    expect(connection.client.connection.state).toBe('failed');
    sandbox.setFault(null);
    await auth.authorize();
    expect(connection.client.connection.state).toBe('connected');
  });

  it('the SDK gets another token when its token expires early, and resumes', async () => {
    setUp();
    const id = await connected();
    const before = auth.tokenDetails?.token;
    sandbox.expireTokens();
    await until(() => states.includes('connected'));
    expect(connection.client.connection.id).toBe(id);
    expect(states).toEqual(['disconnected', 'connecting', 'connected']);
    expect(auth.tokenDetails?.token).not.toBe(before);
  });

  it('the SDK fails, with the cause, when the source answers 403', async () => {
    let isForbidden = false;
    setUp({
      authCallback: async () => {
        if (isForbidden) throw Object.assign(new Error('signed out'), { statusCode: 403, code: 40300 });
        return await issuer.requestToken();
      },
    });
    await connected();
    isForbidden = true;
    await expect(auth.authorize()).rejects.toMatchObject({ code: 40300, statusCode: 403 });
    await until(() => connection.client.connection.state === 'failed');
    expect(connection.client.connection.errorReason).toMatchObject({ code: 80019, statusCode: 403 });
  });

  it('an authorize() right after a 403 opens the SDK’s connection', async () => {
    let isForbidden = false;
    setUp({
      authCallback: async () => {
        if (isForbidden) throw Object.assign(new Error('not now'), { statusCode: 403, code: 40300 });
        return await issuer.requestToken({ clientId: 'ada' });
      },
    });
    await connected();
    isForbidden = true;
    await expect(auth.authorize()).rejects.toMatchObject({ code: 40300 });
    isForbidden = false;
    await auth.authorize();
    expect(connection.client.connection.state).toBe('connected');
    expect(auth.state.value).toBe('authorized');
  });

  it('the client stays as it is when the Auth is disposed of', async () => {
    setUp();
    const id = await connected();
    const told: string[] = [];
    auth.on('connection.changed', ({ state }) => told.push(state));
    const rejection = expect(auth.authorize()).rejects.toMatchObject({ code: 80017 });
    auth.dispose();
    await rejection;
    expect([connection.client.connection.state, connection.client.connection.id]).toEqual(['connected', id]);
    sandbox.expireTokens();
    await until(() => connection.client.connection.errorReason?.code === 80019);
    expect(told).toEqual([]);
    connection.client.close();
  });

  it('the client serves the next Auth when the previous one is disposed of', async () => {
    setUp();
    await connected();
    auth.dispose();
    attach({ authCallback: () => issuer.requestToken({ clientId: 'ada', ttl: 60_000 }) });
    await auth.authorize();
    expect(sandbox.connections).toMatchObject([
      { isConnected: true, tokenExpires: auth.tokenDetails?.expires },
    ]);
  });

  it('the client fails when an Auth with another clientId is attached while it is connected', async () => {
    setUp();
    await connected();
    auth.dispose();
    attach({ clientId: 'bob', authCallback: () => issuer.requestToken({ clientId: 'bob' }) });
    await until(() => connection.client.connection.state === 'failed');
    await auth.authorize();
    expect([connection.state, connection.client.auth.clientId]).toEqual(['connected', 'bob']);
  });

  it('the adapter refuses an invalid client and unknown options', () => {
    setUp({}, { autoConnect: false });
    expect(() => ablyJs({} as never)).toThrow(expect.objectContaining({ code: 40003 }));
    expect(() => ablyJs(connection.client, { timeout: 5 } as never)).toThrow(
      expect.objectContaining({ code: 40003 }),
    );
    expect(() => new Auth({ token: 'a', connection })).toThrow(
      expect.objectContaining({ code: 40003, message: expect.stringContaining('belongs to another Auth') }),
    );
  });

  const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
});
