import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { docs, setupWSConnection } from '@y/websocket-server/utils';
import { WebSocket, WebSocketServer } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { yWebsocket } from '../../../examples/stacks/y-websocket.js';
import { Auth } from '../../../src/auth.js';
import type { Row } from '../row.js';
import { versionOf } from '../version.js';
import { LIFE_MS, NEWS_MS, type World } from '../world.js';

const WebSocketPolyfill: typeof globalThis.WebSocket = WebSocket as never;
let rooms = 0;

/** The real server of y-websocket, which reads the token from the address and closes with 4401. */
async function server(world: World) {
  rooms += 1;
  const room = `stacks-${rooms}`;
  const sockets = new WebSocketServer({ noServer: true });
  const http = createServer();
  http.on('upgrade', (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (opened) => {
      const token = new URL(request.url ?? '', 'ws://server').searchParams.get('access_token') ?? '';
      if (!world.accepts(token)) {
        opened.close(4401, '40142 the token expired');
        return;
      }
      const seat = world.admit(token, {
        drop: () => opened.terminate(),
        refuse: () => opened.close(4401, '40142 the token expired'),
      });
      opened.on('close', () => seat.leave());
      setupWSConnection(opened, request);
    }),
  );
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const news = setInterval(() => docs.get(room)?.getArray('news').push(['news']), NEWS_MS);
  return {
    room,
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`,
    stop: () => {
      clearInterval(news);
      for (const socket of sockets.clients) socket.terminate();
      http.close();
    },
  };
}

function listen(world: World): Y.Doc {
  const doc = new Y.Doc();
  const subscription = world.subscribe();
  doc.getArray('news').observe(() => subscription.received());
  return doc;
}

const stack = versionOf('y-websocket');
const options = { WebSocketPolyfill, disableBc: true };

export const yWebsocketRows: readonly Row[] = [
  {
    stack,
    way: 'latchkey',
    async start(world) {
      const { room, url, stop } = await server(world);
      const { connection, provider } = yWebsocket(url, room, listen(world), options);
      const auth = new Auth({ authCallback: world.fetchToken, connection, logLevel: 'none' });
      connection.connect();
      return () => {
        auth.dispose();
        connection.dispose();
        provider.destroy();
        stop();
      };
    },
  },
  {
    stack,
    way: 'documentation',
    // "wsProvider.params": if this contains an auth token, it should be updated regularly. With `shouldReconnect`, because
    // a close with 4401 ends the provider otherwise.
    page: { url: 'https://github.com/yjs/y-websocket/blob/master/README.md', date: '2026-11-30' },
    async start(world) {
      const { room, url, stop } = await server(world);
      const provider = new WebsocketProvider(url, room, listen(world), {
        ...options,
        connect: false,
        shouldReconnect: () => true,
      });
      const update = () =>
        world.fetchToken().then(
          ({ token }) => {
            provider.params = { access_token: token };
          },
          () => {},
        );
      const timer = setInterval(update, LIFE_MS / 2);
      await update();
      provider.connect();
      return () => {
        clearInterval(timer);
        provider.destroy();
        stop();
      };
    },
  },
];
