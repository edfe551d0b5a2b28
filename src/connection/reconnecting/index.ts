/**
 * A stack that asks for its address or parameters at each connect, as a connection.
 *
 * @module latchkey/connection/reconnecting
 */

import { method, record } from '../../checks/option-checks.js';
import {
  ReconnectingConnection,
  type ReconnectingOptions,
  type ReconnectingStack,
} from './reconnecting-connection.js';

export type { StackOptions } from '../stack/stack-connection.js';
export type {
  ReconnectingConnection,
  ReconnectingOptions,
  ReconnectingStack,
  WatchedSocket,
} from './reconnecting-connection.js';

/**
 * Makes a connection of two functions of your stack: one that connects with a token, and one that closes. Your code reports
 * what the stack does, or has the connection `watch()` a socket.
 *
 * - A refused token (close 4401 or 4403) is not presented again.
 * - After a loss the connection opens the stack again: at once, then after 1 s, which doubles, up to 30 s. A stack that does
 *   so by itself has `comesBack: true`, and asks `nextToken()` each time.
 * - With `send`, the server answers each token in a message, as `latchkey/server/ws` does, and takes a new one in place. With
 *   `firstToken: 'message'` too, no address shows a token.
 *
 * @throws {ErrorInfo} 40003: a function is missing, or an option has a wrong value
 *
 * @example
 * ```ts
 * import { Auth } from 'latchkey';
 * import { reconnecting } from 'latchkey/connection/reconnecting';
 * import { WebSocket } from 'partysocket';
 *
 * let token = '';
 * const socket = new WebSocket(() => `wss://example.com/?access_token=${encodeURIComponent(token)}`, [], { startClosed: true });
 * const connection = reconnecting({
 *   open: (next) => {
 *     token = next;
 *     socket.reconnect();
 *   },
 *   close: () => socket.close(),
 * }).watch(socket);
 * const auth = new Auth({ authUrl: 'https://example.com/api/token', connection });
 * connection.connect();
 * console.log(auth.state.value);
 * ```
 */
export function reconnecting(
  stack: ReconnectingStack,
  options: ReconnectingOptions = {},
): ReconnectingConnection {
  const { open, close, send } = record('stack', stack);
  for (const [name, given] of Object.entries({ open, close })) method(`stack.${name}`, given ?? null);
  method('stack.send', send);
  return new ReconnectingConnection(stack, record('options', options ?? {}));
}
