import { invalidArgument, invalidOption, method } from '../../checks/option-checks.js';
import { type LiveOptions, liveOptions } from '../live-options.js';
import { type ServerSocket, TokenConnection, type UpgradeRequest } from './token-connection.js';
import { tokenInProtocols, tokenInQuery } from './wire.js';

/** Where a client may put its first token. */
export type TokenPlace = 'message' | 'subprotocol' | 'query';

/** The options of {@link tokenSockets}. */
export interface TokenSocketsOptions<
  Socket extends ServerSocket = ServerSocket,
  Request extends UpgradeRequest = UpgradeRequest,
> extends LiveOptions {
  /** Called once a connection, when its first token was accepted. */
  readonly onConnection: (connection: TokenConnection<Socket, Request>) => void;
  /**
   * Where the first token may be. `message`: in the first message, where no log shows it. `subprotocol`: in a header,
   * which proxies may log. `query`: in the address, which most servers log. Default: the first two.
   */
  readonly from?: readonly TokenPlace[];
}

const PLACES: readonly unknown[] = ['message', 'subprotocol', 'query'];

/**
 * Makes a listener for the event `connection` of a `WebSocketServer` of the package `ws`. Each connection must present a
 * token. It lives as long as the token, is asked for the next one ahead of time, and continues with it if it has the
 * same identity. The messages are in docs/guide/server-halves.md.
 *
 * @throws {ErrorInfo} 40003: an option is invalid; the message names it
 *
 * @example
 * ```ts
 * import { jwtVerifier, tokenSockets } from 'latchkey/server/ws';
 * import { WebSocketServer } from 'ws';
 *
 * const server = new WebSocketServer({ port: 0, maxPayload: 65_536 });
 * const verify = jwtVerifier({ jwks: 'https://id.example.com/jwks.json', audience: 'chat' });
 * server.on(
 *   'connection',
 *   tokenSockets({
 *     verify,
 *     onConnection: (connection) =>
 *       connection.onMessage((data) => connection.socket.send(`${connection.identity}: ${data}`)),
 *   }),
 * );
 * server.close();
 * ```
 */
export function tokenSockets<
  Socket extends ServerSocket = ServerSocket,
  Request extends UpgradeRequest = UpgradeRequest,
>(options: TokenSocketsOptions<Socket, Request>): (socket: Socket, request: Request) => void {
  const live = liveOptions(options, ['onConnection', 'from']);
  const onConnection = method('onConnection', options.onConnection);
  if (onConnection === undefined) throw invalidOption('onConnection', 'a function', onConnection);
  const from = placesIn(options.from ?? ['message', 'subprotocol']);
  return (socket, request) => {
    const connection = new TokenConnection(socket, request, live, onConnection);
    const token =
      (from.includes('subprotocol') && tokenInProtocols(request.headers['sec-websocket-protocol'])) ||
      (from.includes('query') && tokenInQuery(request.url));
    if (token) connection.present(token);
  };
}

function placesIn(given: unknown): readonly TokenPlace[] {
  if (Array.isArray(given) && given.length > 0 && given.every((one) => PLACES.includes(one)))
    return [...given];
  throw invalidArgument("from must be a list of 'message', 'subprotocol' and 'query'");
}
