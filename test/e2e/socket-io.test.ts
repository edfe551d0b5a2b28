import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errors, jwtVerify, SignJWT } from 'jose';
import { io, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChatServer, chatServer, type Identity } from '../../examples/socket-io/server.js';
import { type SocketIoConnection, socketIo } from '../../src/connection/socket-io/index.js';
import { Auth } from '../../src/index.js';

const secret = new TextEncoder().encode('a secret of the backend, and of nobody else');

const issue = (clientId: string, seconds: number) =>
  new SignJWT()
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(clientId)
    .setIssuedAt()
    .setExpirationTime(`${seconds} s`)
    .setJti(crypto.randomUUID())
    .sign(secret);

async function verify(token: string): Promise<Identity> {
  try {
    const { payload } = await jwtVerify(token, secret);
    return { clientId: payload.sub ?? 'nobody', expires: (payload.exp ?? 0) * 1_000 };
  } catch (error) {
    const code = error instanceof errors.JWTExpired ? 40142 : 40144;
    throw { code, statusCode: 401, message: code === 40142 ? 'the token expired' : 'no token of ours' };
  }
}

describe('socket.io behind a Latchkey Auth, for real', () => {
  let http: HttpServer;
  let server: ChatServer;
  let connection: SocketIoConnection<Socket>;
  let auth: Auth;
  let told: string[];

  beforeEach(async () => {
    http = createServer();
    server = chatServer(http, verify);
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    connection = socketIo(io(url, { autoConnect: false, forceNew: true, reconnectionDelay: 10 }));
    told = [];
  });

  afterEach(async () => {
    auth.dispose();
    connection.dispose();
    await server.io.close();
  });

  const attach = (authCallback: () => Promise<string>, more: object = {}) => {
    auth = new Auth({ authCallback, connection, ...more });
    for (const name of ['renewed', 'connection.upgrade', 'connection.replace'] as const)
      auth.on(name, () => told.push(name));
    auth.on('connection.changed', ({ state }) => told.push(state));
  };

  const connected = async () => {
    connection.connect();
    await until(() => connection.state === 'connected' && auth.tokenDetails !== null);
    told.length = 0;
    return connection.socket.id;
  };

  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('a client without a token is refused, and one with a token is accepted', async () => {
    attach(() => issue('ada', 60));
    await connected();
    expect(auth.clientId).toBe('ada');
    const said = new Promise((resolve) =>
      connection.socket.on('said', (clientId, text) => resolve([clientId, text])),
    );
    connection.socket.emit('say', 'hello');
    expect(await said).toEqual(['ada', 'hello']);
  });

  it('the token is renewed in place before it expires, on the same socket', async () => {
    // The times of a JWT are whole seconds, so the first one may be over already.
    attach(() => issue('ada', 4), { renewal: { share: 0.5, spread: 0 } });
    const id = await connected();
    await until(() => told.filter((what) => what === 'renewed').length === 2);
    expect(new Set(told)).toEqual(new Set(['connection.upgrade', 'renewed']));
    expect(connection.socket.id).toBe(id);
  });

  it('the server that asks for a token gets one, in place', async () => {
    attach(() => issue('ada', 60));
    const id = await connected();
    server.askForTokens();
    await until(() => told.includes('renewed'));
    expect(told).toEqual(['connection.upgrade', 'renewed']);
    expect(connection.socket.id).toBe(id);
  });

  it('the client gets another token when its token is refused, and reconnects', async () => {
    attach(() => issue('ada', 60));
    const id = await connected();
    server.dropTokens({ code: 40141, statusCode: 401, message: 'revoked' });
    await until(() => told.includes('connected'));
    expect(connection.socket.id).not.toBe(id);
  });

  it('the client reconnects by itself when its transport breaks, with its token', async () => {
    let issued = 0;
    attach(() => {
      issued += 1;
      return issue('ada', 60);
    });
    await connected();
    for (const socket of server.io.sockets.sockets.values()) socket.conn.close(true);
    await until(() => told.includes('connected'));
    expect([told, issued]).toEqual([['disconnected', 'connecting', 'connected'], 1]);
  });

  it('the client reconnects after a while when the server disconnects it without a reason', async () => {
    let issued = 0;
    attach(() => {
      issued += 1;
      return issue('ada', 60);
    });
    await connected();
    server.io.disconnectSockets(true);
    await until(() => told.includes('connected'));
    expect([told, issued]).toEqual([['disconnected', 'connecting', 'connected'], 1]);
  });

  it('the client stays closed when it is closed before it has reconnected', async () => {
    attach(() => issue('ada', 60));
    await connected();
    server.io.disconnectSockets(true);
    await until(() => told.includes('disconnected'));
    connection.close();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(told).toEqual(['disconnected', 'closed']);
  });

  it('the client fails with the error of a server that does not know its tokens, and recovers with a known one', async () => {
    let token = 'made up';
    attach(async () => token);
    await expect(auth.authorize()).rejects.toMatchObject({ code: 40144 });
    token = await issue('ada', 60);
    await auth.authorize();
    expect(connection.state).toBe('connected');
  });

  it('the server refuses a token for another client in place', async () => {
    let clientId = 'ada';
    attach(() => issue(clientId, 60));
    await connected();
    clientId = 'bob';
    await expect(auth.authorize()).rejects.toMatchObject({ code: 40102 });
    expect(connection.state).toBe('failed');
    await auth.authorize();
    expect([connection.state, auth.clientId]).toEqual(['connected', 'bob']);
  });
});
