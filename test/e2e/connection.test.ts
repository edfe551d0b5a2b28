import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket as WsWebSocket } from 'ws';
import {
  type ConnectionReport,
  type ConnectionStateChange,
  RealtimeConnection,
  type WebSocketClass,
} from '../../src/connection/index.js';
import { createSandbox, type KeyInfo, type Listening, type Sandbox } from '../../src/sandbox/index.js';
import type { TokenDetails } from '../../src/token/token-details.js';
import { eventually } from '../kit/eventually.js';

const { signal } = new AbortController();

/** The WebSockets of platforms: `ws` everywhere, and Node's own if it has one. */
const makes = [
  ['ws', WsWebSocket as unknown as WebSocketClass],
  ...(globalThis.WebSocket === undefined ? [] : [['the platform’s', globalThis.WebSocket] as const]),
] as const;

describe.each(makes)('a realtime connection over real sockets, by %s', (_make, WebSocket) => {
  let sandbox: Sandbox;
  let server: Listening;
  let key: KeyInfo;
  let connection: RealtimeConnection;
  let reports: ConnectionReport[];
  let changes: string[];
  let heard: (report: ConnectionReport) => void;

  beforeEach(async () => {
    sandbox = createSandbox();
    server = await sandbox.listen();
    key = sandbox.createApp({ keys: [{ revocableTokens: true }] }).keys[0] as KeyInfo;
    reports = [];
    changes = [];
    heard = () => {};
    connection = make();
  });

  afterEach(async () => {
    connection.dispose();
    await sandbox.dispose();
  });

  const make = (more: { port?: number; realtimeRequestTimeout?: number } = {}) => {
    const made = new RealtimeConnection({
      endpoint: server.host,
      port: server.port,
      tls: false,
      autoConnect: false,
      WebSocket,
      ...more,
    });
    made.attach((report) => {
      reports.push(report);
      heard(report);
    });
    made.onStateChange(({ event, reason }) => changes.push(reason ? `${event} ${reason.code}` : event));
    return made;
  };

  /** Unsigned, with the key itself, as an issuer does. */
  const requestToken = async (params: Record<string, unknown> = {}): Promise<TokenDetails> => {
    const response = await sandbox.fetch(`http://sandbox/keys/${key.keyName}/requestToken`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(key.keyStr).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ keyName: key.keyName, timestamp: Date.now(), ...params }),
    });
    expect(response.ok).toBe(true);
    return (await response.json()) as TokenDetails;
  };

  const open = async (params = {}) => {
    const token = await requestToken(params);
    await connection.push({ type: 'connection.open', token }, signal);
    changes.length = 0;
    reports.length = 0;
    return token;
  };

  const nextReport = (type: ConnectionReport['type']) =>
    new Promise<void>((resolve) => {
      heard = (report) => {
        if (report.type === type) resolve();
      };
    });

  const next = (event: ConnectionStateChange['event']) =>
    new Promise<ConnectionStateChange>((resolve) => {
      const stop = connection.onStateChange((change) => {
        if (change.event !== event) return;
        stop();
        resolve(change);
      });
    });

  it('the connection connects with a token and knows its clientId', async () => {
    const token = await requestToken({ clientId: 'ada' });
    await connection.push({ type: 'connection.open', token }, signal);
    expect(changes).toEqual(['connecting', 'connected']);
    expect(reports).toContainEqual({ type: 'identity.confirmed', clientId: 'ada' });
    expect(sandbox.connections).toMatchObject([{ connectionId: connection.id, isConnected: true }]);
  });

  it('the connection is re-authenticated in place with the new token, with the same id', async () => {
    await open({ ttl: 60_000 });
    const { id } = connection;
    const token = await requestToken({ ttl: 3_600_000 });
    await connection.push({ type: 'connection.upgrade', token }, signal);
    expect([changes, connection.id]).toEqual([['update'], id]);
    expect(sandbox.connections).toMatchObject([{ connectionId: id, tokenExpires: token.expires }]);
  });

  it('the connection reconnects with the same id when its transport is cut', async () => {
    await open();
    const { id, key: before } = connection;
    const back = next('connected');
    sandbox.cutConnections();
    await back;
    expect(changes).toEqual(['disconnected 80003', 'connecting', 'connected']);
    expect([connection.id, connection.errorReason, connection.key]).toEqual([id, null, before]);
  });

  it('the connection reports that the server asks for a token', async () => {
    await open();
    const asked = nextReport('token.asked');
    sandbox.askForReauth();
    await asked;
    expect([connection.state, changes]).toEqual(['connected', []]);
  });

  it('the connection resumes with the next token when its own expired', async () => {
    await open();
    const { id } = connection;
    const refused = next('disconnected');
    sandbox.expireTokens();
    expect((await refused).reason).toMatchObject({ code: 40142, statusCode: 401 });
    expect(reports[0]).toMatchObject({ type: 'token.refused', error: { code: 40142 } });
    await connection.push({ type: 'connection.open', token: await requestToken() }, signal);
    expect([connection.state, connection.id]).toEqual(['connected', id]);
  });

  it('an unknown token is rejected and reported, and the next one is accepted', async () => {
    const push = connection.push({ type: 'connection.open', token: { token: 'app.unknown' } }, signal);
    await expect(push).rejects.toMatchObject({ code: 40143, statusCode: 401 });
    expect(reports.at(-1)).toMatchObject({ type: 'token.refused', error: { code: 40143 } });
    await connection.push({ type: 'connection.open', token: await requestToken() }, signal);
    expect(changes).toEqual(['connecting', 'connected']);
  });

  it('a token for another client is rejected, and the connection fails', async () => {
    await open({ clientId: 'ada' });
    const token = await requestToken({ clientId: 'bob' });
    const push = connection.push({ type: 'connection.upgrade', token }, signal);
    await expect(push).rejects.toMatchObject({ code: 40102 });
    expect([connection.state, connection.errorReason?.code]).toEqual(['failed', 40102]);
  });

  it('the connection is replaced for another client', async () => {
    await open({ clientId: 'ada' });
    const { id } = connection;
    const token = await requestToken({ clientId: 'bob' });
    await connection.push({ type: 'connection.replace', token }, signal);
    expect(connection.id).not.toBe(id);
    expect(reports).toContainEqual({ type: 'identity.confirmed', clientId: 'bob' });
  });

  it('the connection closes properly: the server has nothing left to resume', async () => {
    await open();
    const closed = next('closed');
    connection.close();
    await closed;
    expect(changes).toEqual(['closing', 'closed']);
    expect(sandbox.connections).toEqual([]);
  });

  it('channels can be built on the messages it passes on', async () => {
    await open();
    const attached = new Promise((resolve) => connection.onMessage(resolve));
    connection.send({ action: 10, channel: 'chat' });
    expect(await attached).toMatchObject({ action: 11, channel: 'chat' });
  });

  it('the reason says what is wrong if no server answers, without a token', async () => {
    connection.dispose();
    const { port } = server;
    await server.close();
    connection = make({ port });
    const token = { token: 'short' };
    const disconnected = next('disconnected');
    connection.push({ type: 'connection.open', token }, signal).catch(() => {});
    const { reason, retryIn } = await disconnected;
    expect(reason).toMatchObject({ code: 80003 });
    expect(retryIn).toBeGreaterThanOrEqual(12_000);
    expect(JSON.stringify(reason)).not.toContain('short');
  });

  it('the connection stops waiting for a server that accepts the socket and sends nothing', async () => {
    connection.dispose();
    connection = make({ realtimeRequestTimeout: 50 });
    sandbox.setFault({ connect: 'hang' });
    const disconnected = next('disconnected');
    connection.push({ type: 'connection.open', token: await requestToken() }, signal).catch(() => {});
    expect((await disconnected).reason).toMatchObject({ code: 80014 });
  });

  it('a disposed connection leaves no socket behind, and the server forgets it', async () => {
    await open();
    connection.dispose();
    await eventually(() => expect(sandbox.connections).toEqual([]));
    expect([changes, reports]).toEqual([[], [{ type: 'connection.changed', state: 'closed' }]]);
  });
});
