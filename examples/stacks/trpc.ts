import { createWSClient, type TRPCWebSocketClient, type WebSocketClientOptions } from '@trpc/client';
import {
  type ReconnectingConnection,
  type ReconnectingOptions,
  reconnecting,
} from 'latchkey/connection/reconnecting';

/**
 * A WebSocket client of tRPC. Its server closes with 4401 if it refuses the token.
 *
 * @param greet calls a procedure of the server. It answers only if the token was accepted
 */
export function trpcWebSocket(
  options: Omit<WebSocketClientOptions, 'url' | 'connectionParams'> & { readonly url: string },
  greet: (client: TRPCWebSocketClient) => Promise<unknown>,
  tokens: ReconnectingOptions = {},
): { readonly connection: ReconnectingConnection; readonly client: TRPCWebSocketClient } {
  let token = '';
  let left = 0;
  const reconnect = () => {
    if (client.connection === null || client.connection.state === 'closed') return;
    left += 1;
    client.connection.ws.close();
  };
  const connection = reconnecting({ open: reconnect, close: reconnect, comesBack: true }, tokens);
  const client = createWSClient({
    ...options,
    url: async () => {
      token = await connection.nextToken();
      return options.url;
    },
    connectionParams: () => ({ token }),
    onOpen: () =>
      void greet(client).then(
        () => connection.accepted(),
        () => {},
      ),
    // It also reports the closes above.
    onClose: (close) => {
      if (left === 0) connection.closed(close);
      else left -= 1;
    },
  });
  return { connection, client };
}
