import { type Client, CloseCode, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { Auth } from '../../../src/auth.js';
import { graphqlWs } from '../../../src/connection/graphql-ws/index.js';
import type { Row } from '../row.js';
import { versionOf } from '../version.js';
import type { World } from '../world.js';
import { graphqlServer } from './graphql-server.js';

const SUBSCRIPTIONS = 3;

function subscribe(world: World, client: Pick<Client, 'subscribe'>): void {
  for (let n = 0; n < SUBSCRIPTIONS; n += 1) {
    const subscription = world.subscribe();
    client.subscribe(
      { query: 'subscription { news }' },
      {
        next: () => subscription.received(),
        error: () => subscription.ended(),
        complete: () => subscription.ended(),
      },
    );
  }
}

const stack = versionOf('graphql-ws');

export const graphqlRows: readonly Row[] = [
  {
    stack,
    way: 'latchkey',
    async start(world) {
      const server = await graphqlServer(world);
      const connection = graphqlWs(createClient, { url: server.url, webSocketImpl: WebSocket });
      const auth = new Auth({ authCallback: world.fetchToken, connection, logLevel: 'none' });
      subscribe(world, connection.client);
      return async () => {
        auth.dispose();
        connection.dispose();
        await server.stop();
      };
    },
  },
  {
    stack,
    way: 'documentation',
    page: { url: 'https://the-guild.dev/graphql/ws/recipes', date: '2026-11-30' },
    // "server and client auth usage with token expiration, validation and refresh", with "retry on any connection problem".
    async start(world) {
      const server = await graphqlServer(world);
      let current = await world.fetchToken().catch(() => null);
      let shouldRefreshToken = current === null;
      let tokenExpiryTimeout: ReturnType<typeof setTimeout> | undefined;
      const client = createClient({
        url: server.url,
        webSocketImpl: WebSocket,
        shouldRetry: () => true,
        retryAttempts: Number.POSITIVE_INFINITY,
        connectionParams: async () => {
          if (shouldRefreshToken) {
            current = await world.fetchToken();
            shouldRefreshToken = false;
          }
          return { token: current?.token };
        },
        on: {
          connected: (socket) => {
            clearTimeout(tokenExpiryTimeout);
            tokenExpiryTimeout = setTimeout(
              () => {
                if (socket instanceof WebSocket && socket.readyState === WebSocket.OPEN)
                  socket.close(CloseCode.Forbidden, 'Forbidden');
              },
              (current?.expires ?? 0) - Date.now(),
            );
          },
          closed: (event) => {
            if ((event as { readonly code: number }).code === CloseCode.Forbidden) shouldRefreshToken = true;
          },
        },
      });
      subscribe(world, client);
      return async () => {
        await client.dispose();
        client.terminate();
        await server.stop();
      };
    },
  },
];
