import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RealtimeConnection } from '../../src/connection/index.js';
import { Auth, type ClientOptions } from '../../src/index.js';
import { createSandbox, type KeyInfo, type Sandbox } from '../../src/sandbox/index.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';

const MINUTE = 60_000;

describe('a client and its connection, against the sandbox on a virtual clock', () => {
  let clock: VirtualClock;
  let sandbox: Sandbox;
  let key: KeyInfo;
  let connection: RealtimeConnection;
  let auth: Auth;
  let told: string[];

  const setUp = (more: Partial<ClientOptions> = {}) => {
    connection = new RealtimeConnection({
      clock,
      random: () => 0,
      fallbackHosts: [],
      WebSocket: sandbox.WebSocket,
    });
    auth = new Auth({
      key: key.keyStr,
      defaultTokenParams: { ttl: 10 * MINUTE },
      clock,
      random: () => 0,
      fetch: sandbox.fetch,
      connection,
      ...more,
    });
    connection.onStateChange(({ event, reason }) => told.push(reason ? `${event} ${reason.code}` : event));
    for (const name of [
      'authorized',
      'renewed',
      'expired',
      'failed',
      'connection.upgrade',
      'connection.replace',
    ] as const) {
      auth.on(name, () => told.push(`auth: ${name}`));
    }
  };

  beforeEach(() => {
    clock = new VirtualClock();
    sandbox = createSandbox({ clock });
    key = sandbox.createApp().keys[0] as KeyInfo;
    told = [];
  });

  afterEach(async () => {
    auth.dispose();
    connection.dispose();
    await sandbox.dispose();
    expect(clock.pending).toBe(0);
  });

  it('the client connects by itself with a token', async () => {
    setUp();
    await clock.advance(0);
    expect(connection.state).toBe('connected');
    expect(connection.id).toBe(sandbox.connections[0]?.connectionId);
    expect(told).toEqual(['connecting', 'auth: authorized', 'connected']);
  });

  it('each renewal upgrades the connection in place, for a day', async () => {
    setUp();
    await clock.advance(0);
    const { id } = connection;
    told.length = 0;
    await clock.advance(24 * 60 * MINUTE);
    expect(connection.id).toBe(id);
    const renewals = told.filter((what) => what === 'auth: renewed').length;
    expect(renewals).toBeGreaterThan(144);
    expect(new Set(told)).toEqual(new Set(['auth: connection.upgrade', 'update', 'auth: renewed']));
  });

  it('authorize() resolves when the server accepted the token, on the same connection', async () => {
    setUp();
    await clock.advance(0);
    const { id } = connection;
    const promise = auth.authorize({ capability: { 'chat:*': ['subscribe'] } });
    await clock.advance(0);
    expect((await promise).capability).toBe('{"chat:*":["subscribe"]}');
    expect(connection.id).toBe(id);
  });

  it('authorize() opens a connection that is not up', async () => {
    setUp();
    connection.close();
    await clock.advance(0);
    expect(connection.state).toBe('closed');
    const promise = auth.authorize();
    await clock.advance(0);
    await promise;
    expect(connection.state).toBe('connected');
  });

  it('the server that asks for a new token gets one', async () => {
    setUp({ renewal: 'server' });
    await clock.advance(0);
    told.length = 0;
    await clock.advance(9.5 * MINUTE);
    expect(told).toEqual(['auth: connection.upgrade', 'update', 'auth: renewed']);
  });

  it('the client gets another token when its token expires early, and resumes', async () => {
    setUp();
    await clock.advance(0);
    const { id } = connection;
    told.length = 0;
    sandbox.expireTokens();
    await clock.advance(0);
    expect(connection.state).toBe('connected');
    expect(connection.id).toBe(id);
    expect(told).toEqual([
      'auth: expired',
      'disconnected 40142',
      'connecting',
      'auth: authorized',
      'connected',
    ]);
  });

  it('the client gets another token when its token is revoked', async () => {
    setUp();
    await clock.advance(0);
    sandbox.revokeTokens();
    await clock.advance(0);
    expect(connection.state).toBe('connected');
    expect(auth.state.value).toBe('authorized');
  });

  it('the connection returns with the same token after its transport broke', async () => {
    setUp();
    await clock.advance(0);
    const [id, token] = [connection.id, auth.tokenDetails];
    sandbox.cutConnections();
    await clock.advance(1);
    expect([connection.state, connection.id, auth.tokenDetails]).toEqual(['connected', id, token]);
  });

  it('the client fails for good, with the cause, when the source answers 403', async () => {
    setUp();
    await clock.advance(0);
    sandbox.setFault({ requestToken: { status: 403, code: 40300, message: 'signed out' } });
    await clock.advance(10 * MINUTE);
    expect(connection.state).toBe('failed');
    expect(connection.errorReason).toMatchObject({ code: 80019, statusCode: 403, cause: { code: 40300 } });
  });

  it('the connection stays up through failures of the source, until the token expires', async () => {
    setUp();
    await clock.advance(0);
    const { id } = connection;
    sandbox.setFault({ requestToken: { status: 500 } });
    await clock.advance(9.5 * MINUTE);
    expect([auth.state.value, connection.state, connection.id]).toEqual(['renewing', 'connected', id]);
    sandbox.setFault(null);
    await clock.advance(MINUTE);
    expect([auth.state.value, connection.state, connection.id]).toEqual(['authorized', 'connected', id]);
  });

  it('authorize() rejects when the server does not answer AUTH, and the client stays as it was', async () => {
    setUp();
    await clock.advance(0);
    const token = auth.tokenDetails;
    sandbox.setFault({ auth: 'silence' });
    const rejection = expect(auth.authorize()).rejects.toMatchObject({ code: 80014 });
    await clock.advance(10_000);
    await rejection;
    expect([connection.state, auth.tokenDetails]).toEqual(['connected', token]);
  });

  it('authorize() rejects with the error when the server refuses the token', async () => {
    setUp();
    await clock.advance(0);
    sandbox.setFault({ auth: { status: 401, code: 40102, message: 'not you' } });
    const rejection = expect(auth.authorize()).rejects.toMatchObject({ code: 40102 });
    await clock.advance(0);
    await rejection;
    expect(connection.state).toBe('failed');
  });

  it('authorize() rejects when the connection is closed meanwhile', async () => {
    setUp();
    await clock.advance(0);
    sandbox.setFault({ auth: 'silence' });
    const rejection = expect(auth.authorize()).rejects.toMatchObject({ code: 80017 });
    await clock.advance(1);
    connection.close();
    await clock.advance(1);
    await rejection;
    expect(connection.state).toBe('closed');
  });

  it('the connection is replaced when a later token is for another client', async () => {
    let clientId = 'ada';
    const issuer = new Auth({ key: key.keyStr, clock });
    setUp({ authCallback: () => issuer.createTokenRequest({ clientId }) });
    await clock.advance(0);
    const { id } = connection;
    clientId = 'bob';
    const promise = auth.authorize();
    await clock.advance(0);
    await promise;
    expect([auth.clientId, connection.state]).toEqual(['bob', 'connected']);
    expect(connection.id).not.toBe(id);
    expect(told).toContain('auth: connection.replace');
  });

  it('the client connects when the source is back', async () => {
    sandbox.setFault({ requestToken: { status: 500 } });
    setUp();
    await clock.advance(5 * MINUTE);
    expect(auth.state.value).toBe('failed');
    sandbox.setFault(null);
    await clock.advance(MINUTE);
    expect([auth.state.value, connection.state]).toEqual(['authorized', 'connected']);
  });

  it('the client connects when the service is back', async () => {
    sandbox.setFault({ connect: { status: 503, code: 50003 } });
    setUp();
    connection.connect();
    await clock.advance(1);
    expect(connection.state).toBe('failed');
    sandbox.setFault({ connect: 'hang' });
    connection.connect();
    await clock.advance(5 * MINUTE);
    expect(connection.state).toBe('suspended');
    sandbox.setFault(null);
    await clock.advance(MINUTE);
    expect(connection.state).toBe('connected');
  });
});
