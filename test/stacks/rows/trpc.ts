import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createTRPCClient, createWSClient, type TRPCWebSocketClient, wsLink } from '@trpc/client';
import { initTRPC } from '@trpc/server';
import { applyWSSHandler } from '@trpc/server/adapters/ws';
import { WebSocket, WebSocketServer } from 'ws';
import { trpcWebSocket } from '../../../examples/stacks/trpc.js';
import { Auth } from '../../../src/auth.js';
import type { Row } from '../row.js';
import { versionOf } from '../version.js';
import { NEWS_MS, type World } from '../world.js';

const t = initTRPC.create();
const router = t.router({
  me: t.procedure.query(() => 'ada'),
  news: t.procedure.subscription(async function* () {
    for (;;) {
      yield 'news';
      await new Promise((resolve) => setTimeout(resolve, NEWS_MS));
    }
  }),
});

/** The real server of tRPC. It closes with 4401. */
async function server(world: World) {
  const wss = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(wss, 'listening');
  applyWSSHandler({
    wss,
    router,
    createContext: ({ info, res }) => {
      const refuse = () => res.close(4401, '40142 the token expired');
      const token = info.connectionParams?.token ?? '';
      if (!world.accepts(token)) {
        refuse();
        throw new Error('the token is refused');
      }
      const seat = world.admit(token, { drop: () => res.terminate(), refuse });
      res.on('close', () => seat.leave());
      return {};
    },
  });
  return {
    url: `ws://127.0.0.1:${(wss.address() as AddressInfo).port}`,
    stop: () => {
      for (const socket of wss.clients) socket.terminate();
      wss.close();
    },
  };
}

const proxy = (client: TRPCWebSocketClient) =>
  createTRPCClient<typeof router>({ links: [wsLink<typeof router>({ client })] });

function listen(world: World, client: TRPCWebSocketClient): void {
  for (let n = 0; n < 3; n += 1) {
    const subscription = world.subscribe();
    proxy(client).news.subscribe(undefined, {
      onData: () => subscription.received(),
      onError: () => subscription.ended(),
      onStopped: () => subscription.ended(),
    });
  }
}

const stack = versionOf('@trpc/client');
const options = { WebSocket: WebSocket as never };

export const trpcRows: readonly Row[] = [
  {
    stack,
    way: 'latchkey',
    async start(world) {
      const { url, stop } = await server(world);
      const { connection, client } = trpcWebSocket({ ...options, url }, (one) => proxy(one).me.query());
      const auth = new Auth({ authCallback: world.fetchToken, connection, logLevel: 'none' });
      listen(world, client);
      connection.connect();
      return () => {
        auth.dispose();
        connection.dispose();
        void client.close();
        stop();
      };
    },
  },
  {
    stack,
    way: 'documentation',
    // "Authentication / connection params": a function, called at each connect.
    page: { url: 'https://trpc.io/docs/server/websockets', date: '2026-11-30' },
    async start(world) {
      const { url, stop } = await server(world);
      const client = createWSClient({
        ...options,
        url,
        connectionParams: async () => ({ token: (await world.fetchToken()).token }),
      });
      listen(world, client);
      return () => {
        void client.close();
        stop();
      };
    },
  },
];
