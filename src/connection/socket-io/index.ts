/**
 * A socket of `socket.io-client` as a connection.
 *
 * @module latchkey/connection/socket-io
 */

import { flag } from '../../checks/option-checks.js';
import type { StackConnection, StackOptions } from '../stack/stack-connection.js';
import type { SocketIoSocket } from './socket.js';
import { SocketIo } from './socket-io.js';

export type { StackConnection, StackOptions } from '../stack/stack-connection.js';
export type { SocketIoSocket } from './socket.js';

/** The options of {@link socketIo}. */
export interface SocketIoOptions extends StackOptions {
  /**
   * Whether the server takes a new token in place: it answers `latchkey:token`, and acknowledges each connection with
   * `latchkey:accepted`. Default: true. With false the socket connects again with each new token, and its `connect` counts
   * as the answer: any server works whose middleware checks `handshake.auth.token`.
   */
  readonly inPlace?: boolean;
}

/** A socket of `socket.io-client` as a connection adapter. */
export interface SocketIoConnection<Socket extends SocketIoSocket> extends StackConnection {
  /** The socket. Listen to it, and emit your own events. Open and close it with the connection. */
  readonly socket: Socket;
}

/**
 * A socket of `socket.io-client` 3.1 or newer as a connection: Latchkey owns the token, the socket owns the transport and
 * your events. The library is not imported here.
 *
 * The socket sends the token each time it connects, beside what its own `auth` gives. The server refuses a token with
 * `next(error)`, where `error.data` is `{ code, statusCode, message }`. Without these numbers another token is requested.
 *
 * @param socket of one Auth; made with `autoConnect: false`, or right before this call
 * @throws {ErrorInfo} 40003 if `socket` is not a socket, is of an older release, or an option has a wrong value
 *
 * @example
 * ```ts
 * import { io } from 'socket.io-client';
 * import { Auth } from 'latchkey';
 * import { socketIo } from 'latchkey/connection/socket-io';
 *
 * const connection = socketIo(io('https://example.com', { autoConnect: false }));
 * const auth = new Auth({ authUrl: 'https://example.com/token', connection });
 * connection.socket.on('said', (who, text) => console.log(who, text));
 * connection.connect();
 * console.log(auth.state.value);
 * ```
 */
export function socketIo<Socket extends SocketIoSocket>(
  socket: Socket,
  options: SocketIoOptions = {},
): SocketIoConnection<Socket> {
  const isInPlace = flag('inPlace', options?.inPlace ?? undefined) ?? true;
  return new SocketIo(socket, options, isInPlace);
}
