import { once } from 'node:events';
import { createServer, type Server, request as send } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import * as Ably from 'ably';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RealtimeConnection } from '../../src/connection/index.js';
import { Auth } from '../../src/index.js';
import { createSandbox, type KeyInfo, type Listening, type Sandbox } from '../../src/sandbox/index.js';
import {
  refuse,
  type TokenEndpointOptions,
  type TokenFormat,
  tokenEndpoint,
} from '../../src/server/index.js';
import { nodeListener } from '../../src/server/listener.node.js';

const formats: readonly TokenFormat[] = ['token-request', 'token', 'jwt'];
const CHAT = { 'chat:*': ['publish', 'subscribe'] };

/** Over real sockets: the service, the endpoint in front of it, and the clients. */
describe('a token endpoint on node:http', () => {
  let sandbox: Sandbox;
  let service: Listening;
  let key: KeyInfo;
  let server: Server | undefined;
  let clients: { close(): void }[];

  beforeEach(async () => {
    sandbox = createSandbox();
    service = await sandbox.listen();
    key = sandbox.createApp({ keys: [{ revocableTokens: true }] }).keys[0] as KeyInfo;
    clients = [];
  });

  afterEach(async () => {
    for (const client of clients) client.close();
    server?.close();
    server?.closeAllConnections();
    await sandbox.dispose();
  });

  const hosts = () => ({ endpoint: service.host, port: service.port, tls: false });

  /** @returns the endpoint's address */
  async function serve(options: Partial<TokenEndpointOptions> = {}): Promise<string> {
    const auth = new Auth({ key: key.keyStr, useTokenAuth: true, ...hosts() });
    const grant = () => ({ clientId: 'ada', capability: CHAT });
    server = createServer(nodeListener(tokenEndpoint({ auth, grant, ...options })));
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  }

  function ably(options: Ably.ClientOptions): Ably.Realtime {
    const client = new Ably.Realtime({ ...hosts(), useBinaryProtocol: false, logLevel: 0, ...options });
    clients.push(client);
    return client;
  }

  const state = (client: Ably.Realtime, wanted: Ably.ConnectionState) =>
    new Promise<Ably.ConnectionStateChange>((resolve) => client.connection.once(wanted, resolve));

  describe.each(formats)('a token endpoint with the format %s', (format) => {
    it.each(['GET', 'POST'] as const)(
      'the endpoint works as an authUrl of Latchkey by %s',
      async (authMethod) => {
        const authUrl = await serve({ format });
        const connection = new RealtimeConnection({ ...hosts() });
        const auth = new Auth({ authUrl, authMethod, clientId: 'ada', connection, ...hosts() });
        clients.push({ close: () => auth.dispose() }, connection);
        await auth.authorize();
        const { id } = connection;
        await auth.authorize({ capability: { 'chat:*': ['*'], admin: ['*'] }, ttl: 60_000 });
        expect([connection.state, connection.id]).toEqual(['connected', id]);
        expect(sandbox.connections).toMatchObject([{ clientId: 'ada' }]);
      },
    );

    it.each(['GET', 'POST'] as const)(
      'the endpoint works as an authUrl of Ably’s SDK by %s',
      async (authMethod) => {
        const client = ably({ authUrl: await serve({ format }), authMethod, clientId: 'ada' });
        await state(client, 'connected');
        expect(client.auth.clientId).toBe('ada');
        await client.channels.get('chat:lobby').publish('greeting', 'hello');
        await expect(client.channels.get('private').attach()).rejects.toMatchObject({ code: 40160 });
        const { id } = client.connection;
        const updated = new Promise((resolve) => client.connection.once('update', resolve));
        await client.auth.authorize({ capability: '{"chat:lobby":["subscribe"],"admin":["*"]}' });
        await updated;
        expect(client.connection.id).toBe(id);
      },
    );
  });

  it('a 403 ends the tries of both clients', async () => {
    const authUrl = await serve({ grant: () => refuse(403, 'closed for good') });
    const auth = new Auth({ authUrl });
    clients.push({ close: () => auth.dispose() });
    await expect(auth.authorize()).rejects.toMatchObject({
      code: 40300,
      statusCode: 403,
      message: 'closed for good',
    });
    expect(auth.state).toMatchObject({ value: 'failed', final: true });
    const { reason } = await state(ably({ authUrl }), 'failed');
    expect(reason).toMatchObject({ code: 80019, statusCode: 403 });
  });

  it.each([
    ['letters', 'closed for good. '.repeat(2_000)],
    ['other letters', 'fermé… 😀 '.repeat(2_000)],
    ['lines', 'closed\r\n'.repeat(20_000)],
  ])(
    'a refusal with 403 is final for both clients, however long its reason is: %s',
    async (_title, reason) => {
      const authUrl = await serve({ grant: () => refuse(403, reason) });
      const auth = new Auth({ authUrl });
      clients.push({ close: () => auth.dispose() });
      await expect(auth.authorize()).rejects.toMatchObject({
        code: 40300,
        statusCode: 403,
        message: expect.stringContaining(reason.slice(0, 6)),
      });
      expect(auth.state).toMatchObject({ value: 'failed', final: true });
      const failed = await state(ably({ authUrl }), 'failed');
      expect(failed.reason).toMatchObject({ code: 80019, statusCode: 403 });
    },
  );

  it('a 401 lets both clients try again', async () => {
    const authUrl = await serve({ grant: () => refuse(401, 'signed out') });
    const auth = new Auth({ authUrl });
    clients.push({ close: () => auth.dispose() });
    await expect(auth.authorize()).rejects.toMatchObject({
      code: 40101,
      statusCode: 401,
      message: 'signed out',
    });
    const { reason } = await state(ably({ authUrl }), 'disconnected');
    expect(reason).toMatchObject({ code: 80019, statusCode: 401 });
    expect(reason?.cause).toMatchObject({ code: 40101, message: 'signed out' });
  });

  it('a JWT can be revoked by its revocation key', async () => {
    const grant = () => ({ clientId: 'ada', capability: CHAT, revocationKey: 'ward-7' });
    const client = ably({ authUrl: await serve({ format: 'jwt', grant }) });
    await state(client, 'connected');
    const away = state(client, 'disconnected');
    await fetch(`${service.url}/keys/${key.keyName}/revokeTokens`, {
      method: 'POST',
      body: JSON.stringify({ targets: ['revocationKey:ward-7'] }),
      headers: { authorization: `Basic ${btoa(key.keyStr)}`, 'content-type': 'application/json' },
    });
    expect((await away).reason?.code).toBe(40141);
  });

  it('the endpoint answers invalid HTTP on the socket, and continues', async () => {
    const authUrl = await serve();
    const { port } = new URL(authUrl);
    const raw = (bytes: string | Uint8Array) =>
      new Promise<string>((resolve) => {
        const socket = connect(Number(port), '127.0.0.1', () => socket.end(bytes));
        let text = '';
        socket.setEncoding('latin1').on('data', (chunk: string) => {
          text += chunk;
        });
        socket.on('close', () => resolve(text)).on('error', () => {});
      });
    const status = async (bytes: string | Uint8Array) => (await raw(bytes)).slice(9, 12);
    expect(await status('nonsense\r\n\r\n')).toBe('400');
    expect(await status(new Uint8Array(256).map((_, index) => index))).toBe('400');
    expect(await status(`GET /token HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(1_000_000)}\r\n\r\n`)).toMatch(
      /431|^$/,
    );
    expect(await status('GET http://[::bad/ HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')).toBe('200');
    expect(await status('GET /token HTTP/1.1\r\nhost: <>^\r\nconnection: close\r\n\r\n')).toBe('200');
    expect(await status('GET /%ff%fe?ttl=%ff HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')).toBe('400');
    expect(await status('POST /token HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab')).toMatch(/400|^$/);
    expect((await fetch(authUrl)).status).toBe(200);
  });

  it('the endpoint answers a body that is too long, or too slow, and keeps neither', async () => {
    const authUrl = await serve({ timeout: 100 });
    const ask = (headers: Record<string, string>, write: (write: (text: string) => void) => void) =>
      new Promise<number | undefined>((resolve, reject) => {
        const request = send(authUrl, { method: 'POST', headers }, (response) => {
          response.resume();
          request.destroy();
          resolve(response.statusCode);
        });
        request.on('error', reject);
        write((text) => request.write(text));
      });
    const json = { 'content-type': 'application/json' };
    expect(await ask({ ...json, 'content-length': '100000000' }, (write) => write('{'))).toBe(413);
    expect(await ask(json, (write) => write('x'.repeat(100_000)))).toBe(413);
    expect(await ask(json, (write) => write('{"ttl":'))).toBe(408);
    expect((await fetch(authUrl)).status).toBe(200);
  });

  it.each([
    ['a body that is too long', 'POST', '', 413],
    ['the body of a refused method', 'PUT', '', 405],
    ['the body of a refused destination', 'POST', 'sec-fetch-dest: script\r\n', 403],
    ['the body of a GET', 'GET', '', 200],
  ])(
    'the listener reads a body to its end before it answers: %s',
    async (_title, method, headers, status) => {
      const { port } = new URL(await serve());
      const socket = connect(Number(port), '127.0.0.1');
      const part = 'x'.repeat(100_000);
      let received = '';
      socket.setEncoding('latin1').on('data', (text: string) => {
        received += text;
      });
      // nginx speaks HTTP/1.0: the connection ends with the answer.
      socket.write(`${method} /token HTTP/1.0\r\n${headers}content-type: application/json\r\n`);
      socket.write(`content-length: ${2 * part.length}\r\n\r\n${part}`);
      // A proxy that is still sending when the connection closes counts that as a failure of the server.
      await Promise.race([once(socket, 'data'), new Promise((resolve) => setTimeout(resolve, 200))]);
      expect(received).toBe('');
      socket.write(part);
      await once(socket, 'close');
      expect(received).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    },
  );
});
