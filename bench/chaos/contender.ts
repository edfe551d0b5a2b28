import * as Ably from 'ably';
import { RealtimeConnection } from '../../src/connection/index.js';
import { Auth } from '../../src/index.js';
import type { Listening } from '../../src/sandbox/index.js';
import type { TokenDetails } from '../../src/token/token-details.js';

/** Returns a token, or fails. */
export type Source = () => Promise<TokenDetails>;

/** A client that must stay connected. */
export interface Contender {
  readonly name: 'latchkey' | 'ably';
  readonly isConnected: boolean;
  /** Called by the application: resolves or rejects when the call is settled. */
  authorize(): Promise<unknown>;
  /** Called by the application at the end. */
  close(): void;
}

/** A contender with the default options of both. */
export function latchkey(server: Listening, source: Source, random: () => number): Contender {
  const { host: endpoint, port } = server;
  const connection = new RealtimeConnection({ endpoint, port, tls: false, random });
  const auth = new Auth({ authCallback: source, connection, random, logLevel: 'none' });
  return {
    name: 'latchkey',
    get isConnected() {
      return connection.state === 'connected';
    },
    authorize: () => auth.authorize(),
    close: () => {
      connection.close();
      auth.dispose();
    },
  };
}

export function ably(server: Listening, source: Source): Contender {
  const client = new Ably.Realtime({
    authCallback: (_params, callback) => {
      source().then(
        (token) => callback(null, token as Ably.TokenDetails),
        (error: Error) => callback(error.message, null),
      );
    },
    endpoint: server.host,
    port: server.port,
    tls: false,
    useBinaryProtocol: false,
    logLevel: 0,
  });
  return {
    name: 'ably',
    get isConnected() {
      return client.connection.state === 'connected';
    },
    authorize: () => client.auth.authorize(),
    close: () => client.close(),
  };
}
