import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { useServer } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { NEWS_MS, type Seat, type World } from '../world.js';

const { buildSchema }: typeof import('graphql') = createRequire(import.meta.url)('graphql');

/** The real server of `graphql-ws`. It closes with 4403, as its documentation does. */
export async function graphqlServer(world: World): Promise<{ url: string; stop: () => Promise<void> }> {
  const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(sockets, 'listening');
  const schema = buildSchema('type Query { a: Int } type Subscription { news: Int }');
  const seats = new WeakMap<WebSocket, Seat>();
  const server = useServer<{ token?: string }, { socket: WebSocket }>(
    {
      schema,
      roots: {
        subscription: {
          news: async function* () {
            for (let n = 0; ; n += 1) {
              yield { news: n };
              await new Promise((resolve) => setTimeout(resolve, NEWS_MS));
            }
          },
        },
      },
      onConnect: ({ connectionParams, extra: { socket } }) => {
        const token = connectionParams?.token;
        if (!world.accepts(token)) return false;
        const seat = world.admit(String(token), {
          drop: () => socket.terminate(),
          refuse: () => socket.close(4403, 'Forbidden'),
        });
        seats.set(socket, seat);
        socket.on('close', () => seat.leave());
        return true;
      },
    },
    sockets,
  );
  return {
    url: `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`,
    stop: async () => {
      for (const socket of sockets.clients) socket.terminate();
      await server.dispose();
      sockets.close();
    },
  };
}
