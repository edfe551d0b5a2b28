import * as Ably from 'ably';
import { RealtimeConnection } from '../../src/connection/index.js';
import { Auth } from '../../src/index.js';
import type { Listening } from '../../src/sandbox/index.js';
import type { TokenDetails } from '../../src/token/token-details.js';

/** Gives a token, or fails. */
export type Source = () => Promise<TokenDetails>;

/** Somebody who is to stay connected. */
export interface Contender {
  readonly name: 'latchkey' | 'ably';
  readonly isConnected: boolean;
  /** What an application calls: resolves or rejects when it is settled. */
  authorize(): Promise<unknown>;
  /** What an application calls when it is done. */
  close(): void;
}

/** With the options both have by default. */
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
