import * as Ably from 'ably';
import { WebSocket as NodeWebSocket } from 'ws';
import { ablyJs } from '../../src/connection/ably-js/index.js';
import { RealtimeConnection } from '../../src/connection/index.js';
import { Auth, type ConnectionAdapter } from '../../src/index.js';
import type { Listening } from '../../src/sandbox/index.js';
import type { TokenDetails } from '../../src/token/token-details.js';
import { watched } from '../simulate/sockets.js';

/** Returns a token, or fails. */
export type Source = () => Promise<TokenDetails>;

/** Latchkey with its own connection, Latchkey with Ably's SDK as connection, and the SDK by itself. */
export const NAMES = ['latchkey', 'latchkey-ablyjs', 'ably'] as const;
export type Name = (typeof NAMES)[number];

/** A client that must stay connected. */
export interface Contender {
  readonly name: Name;
  readonly isConnected: boolean;
  /** Called by the application: resolves or rejects when the call is settled. */
  authorize(): Promise<unknown>;
  /** Called by the application at the end. */
  close(): void;
}

type Opened = (token: string) => void;

/** A contender with the default options of both. */
export function latchkey(server: Listening, source: Source, random: () => number, opened: Opened): Contender {
  const { host: endpoint, port } = server;
  const WebSocket = watched(NodeWebSocket, opened) as unknown as typeof globalThis.WebSocket;
  const connection = new RealtimeConnection({ endpoint, port, tls: false, random, WebSocket });
  return contender('latchkey', connection, source, random, () => connection.close());
}

/** The sockets of every SDK in this process report to `watchSdk`. */
export function latchkeyWithSdk(server: Listening, source: Source, random: () => number): Contender {
  const connection = ablyJs((authCallback) => sdk(server, authCallback));
  return contender('latchkey-ablyjs', connection, source, random, () => connection.client.close());
}

function contender(
  name: Name,
  connection: ConnectionAdapter,
  authCallback: Source,
  random: () => number,
  close: () => void,
): Contender {
  const auth = new Auth({ authCallback, connection, random, logLevel: 'none' });
  return {
    name,
    get isConnected() {
      return connection.state === 'connected';
    },
    authorize: () => auth.authorize(),
    close: () => {
      close();
      auth.dispose();
    },
  };
}

/** The SDK by itself. */
export function ably(server: Listening, source: Source): Contender {
  const client = sdk(server, (_params, callback) => {
    source().then(
      (token) => callback(null, token as Ably.TokenDetails),
      (error: Error) => callback(error.message, null),
    );
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

const sdk = ({ host: endpoint, port }: Listening, authCallback: Ably.AuthOptions['authCallback']) =>
  new Ably.Realtime({
    ...(authCallback === undefined ? {} : { authCallback }),
    endpoint,
    port,
    tls: false,
    useBinaryProtocol: false,
    logLevel: 0,
  });

/** Reports the token of each transport that an SDK in this process opens. */
export function watchSdk(opened: Opened): void {
  const { Platform } = Ably.Realtime as unknown as { Platform: { Config: { WebSocket: object } } };
  Platform.Config.WebSocket = watched(NodeWebSocket, opened);
}
