/**
 * A client of `graphql-ws` as a connection.
 *
 * @module latchkey/connection/graphql-ws
 */

import { method, record } from '../../checks/option-checks.js';
import type { StackOptions } from '../stack/stack-connection.js';
import type { GraphqlWsClient, GraphqlWsHooks, GraphqlWsOptions, GraphqlWsTokens } from './client.js';
import { GraphqlWsConnection } from './graphql-ws-connection.js';

export type { StackOptions } from '../stack/stack-connection.js';
export type {
  GraphqlWsClient,
  GraphqlWsEvent,
  GraphqlWsHooks,
  GraphqlWsOptions,
  GraphqlWsSink,
  GraphqlWsTokens,
} from './client.js';
export type { GraphqlWsConnection } from './graphql-ws-connection.js';

/**
 * Makes a client of `graphql-ws` whose tokens come from Latchkey. The package is not imported here: it is yours, from
 * version 6 on.
 *
 * - A new token reaches the server in place, if the server takes it so. Otherwise the client connects again with it, and
 *   sends its subscriptions again.
 * - A refused token (close 4401 or 4403) is not presented again. The subscriptions wait for the next token.
 * - `close()` and a sign-out complete the subscriptions. If the connection fails, they end with its error.
 * - The client connects at `connect()`, at the first subscription, or when `authorize()` is called, and stays connected.
 *
 * @param createClient that of `graphql-ws`
 * @param options its options; `connectionParams` is sent beside the token
 * @param tokens how the token travels, and the options of the connection
 * @throws {ErrorInfo} 40003: `createClient` is not a function or is too old, or an option has a wrong value
 *
 * @example
 * ```ts
 * import { createClient } from 'graphql-ws';
 * import { Auth } from 'latchkey';
 * import { graphqlWs } from 'latchkey/connection/graphql-ws';
 *
 * const connection = graphqlWs(createClient, { url: 'wss://example.com/graphql' });
 * const auth = new Auth({ authUrl: 'https://example.com/api/token', connection });
 * for await (const { data } of connection.client.iterate({ query: 'subscription { greetings }' }))
 *   console.log(auth.clientId, data);
 * ```
 */
export function graphqlWs<const Options extends GraphqlWsOptions, Client extends GraphqlWsClient>(
  createClient: (options: Options & GraphqlWsHooks) => Client,
  options: Options,
  tokens: GraphqlWsTokens & StackOptions = {},
): GraphqlWsConnection<Client> {
  method('createClient', createClient);
  record('options', options);
  return new GraphqlWsConnection(
    (hooks) => createClient({ ...options, ...hooks }),
    options,
    record('tokens', tokens),
  );
}
