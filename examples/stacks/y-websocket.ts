import {
  type ReconnectingConnection,
  type ReconnectingOptions,
  reconnecting,
} from 'latchkey/connection/reconnecting';
import { WebsocketProvider } from 'y-websocket';
import type { Doc } from 'yjs';

type Options = ConstructorParameters<typeof WebsocketProvider>[3];

/** A provider of y-websocket. Its server reads the token from the address, and closes with 4401 if it refuses the token. */
export function yWebsocket(
  url: string,
  room: string,
  doc: Doc,
  options: Options = {},
  tokens: ReconnectingOptions = {},
): { readonly connection: ReconnectingConnection; readonly provider: WebsocketProvider } {
  const provider = new WebsocketProvider(url, room, doc, { ...options, connect: false });
  const close = () => provider.disconnect();
  const open = (token: string) => {
    close();
    provider.params = { access_token: token };
    provider.connect();
  };
  const connection = reconnecting({ open, close }, tokens);
  // A server that refuses the token synchronizes nothing.
  provider.on('sync', (isSynced) => isSynced && connection.accepted());
  // Without an event the provider was disconnected above. Otherwise it is still at work on the close.
  provider.on('connection-close', (close) => close && queueMicrotask(() => connection.closed(close)));
  return { connection, provider };
}
