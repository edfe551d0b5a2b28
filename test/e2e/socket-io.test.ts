import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errors, jwtVerify, SignJWT } from 'jose';
import { Server, type Socket as ServerSocket } from 'socket.io';
import { io, Manager, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ChatServer, chatServer, type Identity } from '../../examples/socket-io/server.js';
import {
  type SocketIoConnection,
  type SocketIoOptions,
  socketIo,
} from '../../src/connection/socket-io/index.js';
import { Auth } from '../../src/index.js';
import { eventually } from '../kit/eventually.js';

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

  it('the messages that a user did not send, and the session that the server would continue, are not given to the next user', async () => {
    server.io.disconnectSockets(true);
    await server.io.close();
    http = createServer();
    server = chatServer(http, verify, {
      connectionStateRecovery: { maxDisconnectionDuration: 60_000, skipMiddlewares: true },
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    connection = socketIo(io(url, { autoConnect: false, forceNew: true, reconnectionDelay: 50 }));
    let clientId = 'ada';
    attach(() => issue(clientId, 60));
    const said: unknown[] = [];
    connection.socket.on('said', (who, text) => said.push([who, text]));
    await connected();
    for (const socket of server.io.sockets.sockets.values()) socket.conn.close(true);
    await until(() => told.includes('disconnected'));
    connection.socket.emit('say', "ada's secret");
    auth.forget();
    clientId = 'bob';
    await auth.authorize();
    connection.socket.emit('say', 'hello');
    await until(() => said.length > 0);
    expect([said, connection.socket.recovered, auth.clientId]).toEqual([[['bob', 'hello']], false, 'bob']);
  });
});

describe('socket.io behind a Latchkey Auth, with a server of another kind', () => {
  const ends: (() => unknown)[] = [];

  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  /** A server whose middleware decides, and a client. Tokens are `ada 1`, `ada 2`, …. */
  const served = async (
    judge: (token: string, next: (error?: Error) => void) => void,
    {
      options = {},
      client = {},
      onSocket = () => {},
    }: {
      options?: SocketIoOptions;
      client?: { ackTimeout?: number; retries?: number };
      onSocket?: (socket: ServerSocket) => void;
    } = {},
  ) => {
    const http = createServer();
    const server = new Server(http, { serveClient: false });
    const seen: string[] = [];
    server.use((socket, next) => {
      const { token } = socket.handshake.auth;
      seen.push(token);
      judge(token, next);
    });
    server.on('connection', onSocket);
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const connection = socketIo(
      io(url, { autoConnect: false, forceNew: true, reconnectionDelay: 10, ...client }),
      options,
    );
    let issued = 0;
    const authCallback = vi.fn(async () => {
      issued += 1;
      return `ada ${issued}`;
    });
    const auth = new Auth({ authCallback, connection, logLevel: 'none' });
    const states: string[] = [];
    auth.on('connection.changed', ({ state }) => states.push(state));
    ends.push(
      () => auth.dispose(),
      () => connection.dispose(),
      () => server.close(),
    );
    return { server, connection, auth, seen, states, authCallback, url };
  };

  it('a server that only checks tokens when a socket connects gets each new token by a new connection', async () => {
    const { auth, connection, seen, states } = await served((_, next) => next(), {
      options: { inPlace: false },
    });
    await auth.authorize();
    const { id } = connection.socket;
    await auth.authorize();
    expect([seen, states]).toEqual([
      ['ada 1', 'ada 2'],
      ['connecting', 'connected', 'connecting', 'connected'],
    ]);
    expect(connection.socket.id).not.toBe(id);
  });

  it('a refusal without numbers leads to another token, and the refused one is not sent again', async () => {
    const { auth, connection, seen } = await served(
      (token, next) => next(token === 'ada 1' ? new Error('not authorized') : undefined),
      { options: { inPlace: false } },
    );
    connection.connect();
    await eventually(() => expect(connection.state).toBe('connected'));
    expect([seen, auth.tokenDetails?.token]).toEqual([['ada 1', 'ada 2'], 'ada 2']);
  });

  it('a server that refuses every token is asked more and more slowly, each time with another token', async () => {
    const { auth, connection, seen } = await served((_, next) => next(new Error('no')));
    connection.connect();
    await eventually(() => expect(auth.state.value).toBe('failed'));
    expect([new Set(seen).size, seen.length <= 3]).toEqual([seen.length, true]);
    expect(auth.error).toMatchObject({ message: expect.stringContaining('no') });
  });

  it('a refusal with an unknown code and status fails the connection with the words of the server', async () => {
    const data = { code: 4999, statusCode: 418, message: 'I am a teapot' };
    const { auth, connection } = await served((_, next) => next(Object.assign(new Error('x'), { data })));
    await expect(auth.authorize()).rejects.toMatchObject(data);
    expect(connection.state).toBe('failed');
  });

  it('a server that never acknowledges a connection ends in an error that names the remedy', async () => {
    const { auth, connection } = await served((_, next) => next(), { options: { answerTimeoutMs: 100 } });
    await expect(auth.authorize()).rejects.toMatchObject({
      code: 80014,
      remediation: expect.stringContaining('acknowledges'),
    });
    expect([connection.state, connection.socket.connected]).toEqual(['disconnected', false]);
  });

  it('an upgrade that is never answered ends in the same error, and the socket stays connected', async () => {
    const { auth, states } = await served((_, next) => next(), {
      options: { answerTimeoutMs: 100 },
      onSocket: (socket) => acknowledge(socket),
    });
    await auth.authorize();
    await expect(auth.authorize()).rejects.toMatchObject({ code: 80014 });
    expect(states).toEqual(['connecting', 'connected']);
  });

  it.each([{ ackTimeout: 20 }, { ackTimeout: 20, retries: 3 }])(
    'a silent server does not accept an upgrade when the socket has %o, and gets its token once',
    async (client) => {
      const got: unknown[] = [];
      const { auth, server, states } = await served((_, next) => next(), {
        client,
        options: { answerTimeoutMs: 200 },
        onSocket: (socket) => {
          acknowledge(socket);
          socket.on('latchkey:token', (token: unknown) => got.push(token));
        },
      });
      await auth.authorize();
      await expect(auth.authorize()).rejects.toMatchObject({ code: 80014 });
      for (const one of server.sockets.sockets.values()) one.conn.close(true);
      await eventually(() => expect(states.filter((state) => state === 'connected')).toHaveLength(2));
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(got).toEqual(['ada 2']);
    },
  );

  it.each([{ ackTimeout: 5_000 }, { ackTimeout: 5_000, retries: 3 }])(
    'the answer to an upgrade is read when the socket has %o',
    async (client) => {
      const { auth } = await served((_, next) => next(), {
        client,
        onSocket: (socket) => {
          acknowledge(socket);
          socket.on('latchkey:token', (token: string, answer: (given: object) => void) =>
            answer(token === 'ada 3' ? { refused: { code: 40102, statusCode: 401 } } : { clientId: 'ada' }),
          );
        },
      });
      await auth.authorize();
      await auth.authorize();
      await expect(auth.authorize()).rejects.toMatchObject({ code: 40102 });
    },
  );

  it('the messages that a socket with retries has not sent are not given to the next user', async () => {
    const said: unknown[] = [];
    const { auth, connection, server } = await served((_, next) => next(), {
      client: { ackTimeout: 20, retries: 3 },
      onSocket: (socket) => {
        acknowledge(socket);
        socket.on('say', (text: unknown, answer: () => void) => {
          said.push(text);
          answer();
        });
      },
    });
    await auth.authorize();
    const lost = new Promise((resolve) => connection.socket.once('disconnect', resolve));
    for (const one of server.sockets.sockets.values()) one.conn.close(true);
    await lost;
    connection.socket.emit('say', "ada's secret");
    auth.forget();
    await auth.authorize();
    connection.socket.emit('say', 'hello');
    await eventually(() => expect(said).toContain('hello'));
    expect(said).toEqual(['hello']);
  });

  it('an upgrade whose answer is not an object ends in an error, and the socket stays connected', async () => {
    const { auth, states } = await served((_, next) => next(), {
      onSocket: (socket) => {
        acknowledge(socket);
        socket.on('latchkey:token', (_: unknown, answer: (given: unknown) => void) => answer('yes'));
      },
    });
    await auth.authorize();
    await expect(auth.authorize()).rejects.toMatchObject({
      code: 80003,
      message: expect.stringContaining('latchkey:token must be an object'),
    });
    expect(states).toEqual(['connecting', 'connected']);
  });

  it('the acknowledgement of another attempt to connect is ignored', async () => {
    const { auth, connection } = await served((_, next) => next(), {
      options: { answerTimeoutMs: 100 },
      onSocket: (socket) => {
        for (const given of [{ clientId: 'eve', attempt: 7 }, { clientId: 'eve' }, 'eve', null, undefined])
          socket.emit('latchkey:accepted', given);
      },
    });
    await expect(auth.authorize()).rejects.toMatchObject({ code: 80014 });
    expect([connection.state, auth.clientId]).toEqual(['disconnected', null]);
  });

  it('a socket that the app closes while its token is fetched does not connect with it', async () => {
    const { auth, connection, seen, authCallback } = await served((_, next) => next());
    let release = (_token: string) => {};
    authCallback.mockImplementation(() => new Promise((resolve) => (release = resolve)));
    connection.connect();
    await eventually(() => expect(authCallback).toHaveBeenCalled());
    connection.close();
    release('ada 1');
    await eventually(() => expect(auth.tokenDetails).not.toBeNull());
    expect([seen, connection.state]).toEqual([[], 'closed']);
  });

  it('an app that removes every listener of its socket does not remove those of the connection', async () => {
    const { auth, connection } = await served((_, next) => next(), { options: { inPlace: false } });
    connection.socket.off();
    connection.socket.removeAllListeners('connect');
    await auth.authorize();
    expect(connection.state).toBe('connected');
    connection.socket.disconnect();
    expect(connection.state).toBe('closed');
  });

  it('a socket that connects by itself asks the Auth for its token, and sends it beside the data of the app', async () => {
    const { server, url, seen } = await served((_, next) => next());
    const sent: unknown[] = [];
    server.use((socket, next) => {
      sent.push(socket.handshake.auth);
      next();
    });
    const both = [{ room: 'lobby' }, (give: (data: object) => void) => give({ room: 'lobby' })].map(
      (data) => {
        const connection = socketIo(io(url, { forceNew: true, auth: data }), { inPlace: false });
        const auth = new Auth({ authCallback: async () => 'bob 1', connection });
        ends.unshift(
          () => auth.dispose(),
          () => connection.dispose(),
        );
        return connection;
      },
    );
    await eventually(() => expect(both.map(({ state }) => state)).toEqual(['connected', 'connected']));
    const all = { room: 'lobby', token: 'bob 1', attempt: 1 };
    expect([seen, sent]).toEqual([
      ['bob 1', 'bob 1'],
      [all, all],
    ]);
  });

  it('a socket has one connection at a time, and is left as the app made it', async () => {
    const { server, url, seen } = await served((_, next) => next());
    const data = { room: 'lobby' };
    const socket = io(url, { autoConnect: false, forceNew: true, reconnectionDelay: 10, auth: data });
    const first = socketIo(socket);
    expect(() => socketIo(socket)).toThrow(
      expect.objectContaining({ code: 40003, message: 'socket has a connection already' }),
    );
    first.dispose();
    expect([socket.auth, socket.listeners('disconnect'), Object.keys(socket)]).toEqual([
      data,
      [],
      expect.not.arrayContaining(['off']),
    ]);
    const second = socketIo(socket, { inPlace: false });
    first.dispose();
    expect(() => socketIo(socket)).toThrow('socket has a connection already');
    const auth = new Auth({ authCallback: async () => 'bob 1', connection: second });
    ends.unshift(
      () => auth.dispose(),
      () => second.dispose(),
    );
    await auth.authorize();
    for (const one of server.sockets.sockets.values()) one.conn.close(true);
    await eventually(() => expect([seen, second.state]).toEqual([['bob 1', 'bob 1'], 'connected']));
  });

  it('two namespaces of one manager have a token each', async () => {
    const { server, url } = await served((_, next) => next());
    for (const name of ['/rooms', '/news'])
      server.of(name).on('connection', (socket) => acknowledge(socket, socket.handshake.auth.token));
    const manager = new Manager(url, { autoConnect: false });
    const clients = ['/rooms', '/news'].map((name) => {
      const connection = socketIo(manager.socket(name));
      const auth = new Auth({ authCallback: async () => `token for ${name}`, connection });
      ends.unshift(
        () => auth.dispose(),
        () => connection.dispose(),
      );
      return auth;
    });
    await Promise.all(clients.map((auth) => auth.authorize()));
    expect(clients.map((auth) => auth.clientId)).toEqual(['token for /rooms', 'token for /news']);
  });

  it.each([
    ['undefined', undefined, 'socket is undefined, not a socket of socket.io-client 3.1 or newer'],
    ['a text', 'https://example.com', 'socket is a string, not a socket of socket.io-client 3.1 or newer'],
    [
      'a socket of release 2.5 or 3.0, which has no `active`',
      { io: { on() {}, reconnectionDelay() {} }, connect() {}, disconnect() {}, on() {}, emit() {} },
      'socket is not a socket of socket.io-client 3.1 or newer: it has no active',
    ],
  ])('%s is refused by name', (_, socket, message) => {
    expect(() => socketIo(socket as never)).toThrow(expect.objectContaining({ code: 40003, message }));
  });

  it('options with a wrong value are refused by name', () => {
    const socket = io('http://127.0.0.1:9', { autoConnect: false });
    expect(() => socketIo(socket, { inPlace: 1 } as never)).toThrow(/inPlace/);
    expect(() => socketIo(socket, { answerTimeoutMs: -1 })).toThrow(/answerTimeoutMs/);
  });
});

/** What a server that takes tokens in place says when a socket has connected. */
function acknowledge(socket: ServerSocket, clientId = 'ada'): void {
  socket.emit('latchkey:accepted', { clientId, attempt: socket.handshake.auth.attempt });
}
