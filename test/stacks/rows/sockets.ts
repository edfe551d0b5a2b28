import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { WebSocket as PartyWebSocket } from 'partysocket';
import type Rws from 'reconnecting-websocket';
import { WebSocket, WebSocketServer } from 'ws';
import { type ReconnectingSocket, reconnectingSocket } from '../../../examples/stacks/reconnecting-socket.js';
import { Auth } from '../../../src/auth.js';
import { fieldOf } from '../../../src/redaction/received.js';
import type { Row } from '../row.js';
import { versionOf } from '../version.js';
import { NEWS_MS, type World } from '../world.js';

const ReconnectingWebSocket: typeof Rws.default = createRequire(import.meta.url)('reconnecting-websocket');

/** A `ws` server with the messages of `latchkey/server/ws`. It closes with 4401. */
async function server(world: World) {
  const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(sockets, 'listening');
  sockets.on('connection', (socket, { url = '' }) => {
    const token = new URL(url, 'ws://server').searchParams.get('access_token') ?? '';
    if (!world.accepts(token)) {
      socket.close(4401, '40142 the token expired');
      return;
    }
    const seat = world.admit(token, {
      drop: () => socket.terminate(),
      refuse: () => socket.close(4401, '40142 the token expired'),
    });
    const news = setInterval(() => socket.send('{"type":"news"}'), NEWS_MS);
    socket.send('{"type":"accepted"}');
    socket.on('close', () => {
      clearInterval(news);
      seat.leave();
    });
    socket.on('message', (data) => {
      const { id, token: next } = JSON.parse(String(data)) as { readonly id: number; readonly token: string };
      const isGood = world.accepts(next);
      if (isGood) seat.renew(next);
      socket.send(JSON.stringify(isGood ? { type: 'accepted', id } : { type: 'refused', id, code: 40142 }));
    });
  });
  return {
    url: `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}/`,
    stop: () => {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    },
  };
}

function listen(world: World, socket: Pick<ReconnectingSocket, 'addEventListener'>): void {
  const subscription = world.subscribe();
  socket.addEventListener('message', (event) => {
    if (fieldOf(event, 'data') === '{"type":"news"}') subscription.received();
  });
}

type Make = (
  address: () => Promise<string>,
  options: { readonly startClosed: boolean },
) => ReconnectingSocket;

const rowsOf = (name: string, url: string, make: Make): readonly Row[] => [
  {
    stack: versionOf(name),
    way: 'latchkey',
    async start(world) {
      const { url, stop } = await server(world);
      const { connection, socket } = reconnectingSocket(url, (address) =>
        make(address, { startClosed: true }),
      );
      const auth = new Auth({ authCallback: world.fetchToken, connection, logLevel: 'none' });
      listen(world, socket);
      connection.connect();
      return () => {
        auth.dispose();
        connection.dispose();
        stop();
      };
    },
  },
  {
    stack: versionOf(name),
    way: 'documentation',
    // "async url provider": a new token at each connect.
    page: { url, date: '2026-11-30' },
    async start(world) {
      const { url, stop } = await server(world);
      const address = async () => `${url}?access_token=${(await world.fetchToken()).token}`;
      const socket = make(address, { startClosed: false });
      listen(world, socket);
      return () => {
        socket.close();
        stop();
      };
    },
  },
];

export const socketRows: readonly Row[] = [
  ...rowsOf(
    'partysocket',
    'https://github.com/cloudflare/partykit/blob/main/packages/partysocket/README.md',
    (address, options) =>
      new PartyWebSocket(address, [], { WebSocket, minReconnectionDelay: 250, ...options }),
  ),
  ...rowsOf(
    'reconnecting-websocket',
    'https://github.com/pladaria/reconnecting-websocket/blob/master/README.md',
    (address, options) =>
      new ReconnectingWebSocket(address, [], { WebSocket, minReconnectionDelay: 250, ...options }),
  ),
];
