/**
 * The official SDK's client as a connection.
 *
 * @module latchkey/connection/ably-js
 */

import type { AblyAuthCallback, AblyJsConnection, AblyJsOptions, AblyRealtime } from './client.js';
import { AblyJs } from './effects.js';

export type {
  AblyAuthCallback,
  AblyJsConnection,
  AblyJsOptions,
  AblyRealtime,
  AblyStateChange,
  AblyTokenDetails,
  AblyTokenError,
} from './client.js';

/**
 * The official SDK's `Realtime` client as a connection: Latchkey owns the token, the SDK owns the
 * socket. The SDK is not imported here; it is yours, of whatever version.
 *
 * @param client makes the SDK's client, with the `authCallback` it is given as its only means to
 *   authenticate; or a client that is there already, made with `autoConnect: false`. From the moment it is attached to an
 *   Auth, it has no other means.
 * @throws {ErrorInfo} 40003 for something that is no such client, or an option that cannot be
 *
 * @example
 * ```ts
 * import * as Ably from 'ably';
 * import { Auth } from 'latchkey';
 * import { ablyJs } from 'latchkey/connection/ably-js';
 *
 * const connection = ablyJs((authCallback) => new Ably.Realtime({ authCallback }));
 * const auth = new Auth({ authUrl: 'https://example.com/api/token', connection });
 * await connection.client.channels.get('chat:lobby').publish('greeting', 'hello');
 * console.log(auth.clientId);
 * ```
 */
export function ablyJs<Client extends AblyRealtime>(
  client: Client | ((authCallback: AblyAuthCallback) => Client),
  options: AblyJsOptions = {},
): AblyJsConnection<Client> {
  return new AblyJs(client, options);
}
