import {
  type ReconnectingConnection,
  type ReconnectingOptions,
  reconnecting,
  type WatchedSocket,
} from 'latchkey/connection/reconnecting';

/** A socket of partysocket or of reconnecting-websocket. */
export interface ReconnectingSocket extends WatchedSocket {
  reconnect(): void;
  close(): void;
  send(text: string): unknown;
}

/**
 * A socket that connects again by itself, for a server of `latchkey/server/ws` that reads the first token from the address.
 *
 * @param make makes the socket, with `startClosed: true`
 */
export function reconnectingSocket<Socket extends ReconnectingSocket>(
  url: string,
  make: (address: () => Promise<string>) => Socket,
  options: ReconnectingOptions = {},
): { readonly connection: ReconnectingConnection; readonly socket: Socket } {
  const socket = make(async () => `${url}?access_token=${encodeURIComponent(await connection.nextToken())}`);
  const open = () => socket.reconnect();
  const close = () => socket.close();
  const send = (text: string) => void socket.send(text);
  const connection = reconnecting({ open, close, send, comesBack: true }, options);
  return { connection: connection.watch(socket), socket };
}
