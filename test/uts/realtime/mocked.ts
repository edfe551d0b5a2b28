import { onTestFinished, vi } from 'vitest';
import {
  type ConnectionStateChange,
  type ProtocolMessage,
  RealtimeConnection,
  type RealtimeConnectionOptions,
} from '../../../src/connection/index.js';
import { Auth, type ClientOptions, type TokenDetails, type TokenParams } from '../../../src/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { ScriptedServer } from '../../kit/connection-server.js';

export const HOUR = 3_600_000;

export type Mocked = ReturnType<typeof mocked>;

/** A client and its connection, with a scripted server and a virtual clock; everything ends with the test. */
export function mocked(
  options: Partial<ClientOptions> = { authCallback: counting() },
  connectionOptions: RealtimeConnectionOptions = {},
) {
  const { clock, connection, ...rest } = connectionWith(connectionOptions);
  const auth = new Auth({ clock, random: () => 0, connection, ...options });
  onTestFinished(() => auth.dispose());
  return { auth, clock, connection, ...rest };
}

/** A connection without a client, with only a key. */
export function connectionWith(options: RealtimeConnectionOptions) {
  const clock = new VirtualClock();
  const server = new ScriptedServer();
  server.details = { maxIdleInterval: 15_000, connectionStateTtl: 120_000 };
  const connection = new RealtimeConnection({
    clock,
    random: () => 0,
    autoConnect: false,
    fallbackHosts: [],
    WebSocket: server.WebSocket,
    ...options,
  });
  onTestFinished(() => connection.dispose());
  const changes: ConnectionStateChange[] = [];
  connection.onStateChange((change) => changes.push(change));
  /** The states in order. */
  const states = () => changes.filter(({ event }) => event !== 'update').map(({ current }) => current);
  const connected = async () => {
    connection.connect();
    await clock.advance(0);
    changes.length = 0;
  };
  return { changes, clock, connected, connection, server, states };
}

/**
 * A source that returns `token-1`, `token-2` and so on, valid for an hour, or throws the given value for a
 * call.
 */
export function counting(failures: Readonly<Record<number, unknown>> = {}) {
  let count = 0;
  return vi.fn(async (_params: TokenParams): Promise<TokenDetails> => {
    count += 1;
    if (count in failures) throw failures[count];
    return { token: `token-${count}`, expires: Date.UTC(2030, 0, 1) + HOUR };
  });
}

/** An error that an application's source may throw: Ably's error, as plain data. */
export const ablyError = (code: number, statusCode: number, message = `the source says ${code}`) => ({
  code,
  statusCode,
  message,
});

export const AUTH = 17;

/** The AUTH messages that reached the server. */
export const authMessages = ({ server }: Pick<Mocked, 'server'>): ProtocolMessage[] =>
  server.lines.flatMap(({ received }) => received).filter(({ action }) => action === AUTH);
