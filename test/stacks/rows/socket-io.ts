import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { io, type Socket } from 'socket.io-client';
import { Auth } from '../../../src/auth.js';
import { socketIo } from '../../../src/connection/socket-io/index.js';
import type { Row } from '../row.js';
import { versionOf } from '../version.js';
import { NEWS_MS, type World } from '../world.js';

const expired = { code: 40142, statusCode: 401, message: 'the token expired' };

/** The real server of `socket.io`. Its middleware checks tokens; it takes new ones in place from clients that send them. */
async function server(world: World): Promise<{ url: string; stop: () => Promise<void> }> {
  const http = createServer();
  const sockets = new Server(http, { serveClient: false });
  sockets.use((socket, next) => {
    if (world.accepts(socket.handshake.auth.token)) next();
    else next(Object.assign(new Error('not authorized'), { data: expired }));
  });
  sockets.on('connection', (socket) => {
    const { token, attempt } = socket.handshake.auth;
    const seat = world.admit(token, {
      drop: () => socket.conn.close(true),
      refuse: () => {
        socket.emit('latchkey:refused', expired);
        socket.disconnect(true);
      },
    });
    const news = setInterval(() => socket.emit('news'), NEWS_MS);
    socket.on('disconnect', () => {
      clearInterval(news);
      seat.leave();
    });
    socket.on('latchkey:token', (next: string, answer: (verdict: object) => void) => {
      const isGood = world.accepts(next);
      if (isGood) seat.renew(next);
      answer(isGood ? {} : { refused: expired });
    });
    socket.emit('latchkey:accepted', { attempt });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    stop: () => sockets.close(),
  };
}

function subscribe(world: World, socket: Socket): void {
  const subscription = world.subscribe();
  socket.on('news', () => subscription.received());
}

/** For both ways, so that chance decides nothing: how long a socket waits before it connects again. */
const steady = { forceNew: true, randomizationFactor: 0 };

const stack = versionOf('socket.io-client');

export const socketIoRows: readonly Row[] = [
  {
    stack,
    way: 'latchkey',
    async start(world) {
      const { url, stop } = await server(world);
      const connection = socketIo(io(url, { ...steady, autoConnect: false }));
      const auth = new Auth({ authCallback: world.fetchToken, connection, logLevel: 'none' });
      subscribe(world, connection.socket);
      connection.connect();
      return async () => {
        auth.dispose();
        connection.dispose();
        await stop();
      };
    },
  },
  {
    stack,
    way: 'documentation',
    page: { url: 'https://socket.io/docs/v4/client-socket-instance/#connect_error', date: '2026-11-30' },
    // "If the auth attribute is a function", which here fetches a token at each connect; and "io server disconnect".
    async start(world) {
      const { url, stop } = await server(world);
      const socket = io(url, {
        ...steady,
        auth: (cb) => {
          world.fetchToken().then(
            ({ token }) => cb({ token }),
            () => cb({}),
          );
        },
      });
      socket.on('connect_error', () => {
        setTimeout(() => {
          socket.connect();
        }, 1_000);
      });
      socket.on('disconnect', (reason) => {
        if (reason === 'io server disconnect') socket.connect();
      });
      subscribe(world, socket);
      return async () => {
        socket.disconnect();
        await stop();
      };
    },
  },
];
