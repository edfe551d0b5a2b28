import { onTestFinished, vi } from 'vitest';
import {
  type ConnectionStateChange,
  RealtimeConnection,
  type RealtimeConnectionOptions,
  type WebSocketClass,
} from '../../../src/connection/index.js';
import type { ClientOptions } from '../../../src/index.js';
import { HOUR, type Sandboxed, sandboxed, signedJwt } from '../rest/sandboxed.js';
import { ServiceProxy } from './proxy.js';

export { HOUR } from '../rest/sandboxed.js';

/** A sandbox, a proxy in front of it, and clients that use the proxy. */
export function realm(key: Parameters<typeof sandboxed>[0] = {}) {
  const one = sandboxed(key);
  const proxy = new ServiceProxy(one.sandbox.WebSocket as WebSocketClass);

  /** A connection without an Auth. */
  const newConnection = (options: RealtimeConnectionOptions = {}) => {
    const connection = new RealtimeConnection({
      clock: one.clock,
      random: () => 0,
      autoConnect: false,
      fallbackHosts: [],
      WebSocket: proxy.WebSocket,
      ...options,
    });
    onTestFinished(() => connection.dispose());
    const changes: ConnectionStateChange[] = [];
    connection.onStateChange((change) => changes.push(change));
    const states = () => changes.filter(({ event }) => event !== 'update').map(({ current }) => current);
    const connect = async () => {
      connection.connect();
      await one.clock.advance(0);
    };
    return { changes, connect, connection, states };
  };

  /** A connection with an Auth. */
  const newClient = (options: ClientOptions, connectionOptions: RealtimeConnectionOptions = {}) => {
    const made = newConnection(connectionOptions);
    return { ...made, auth: one.newAuth({ ...options, connection: made.connection }) };
  };

  return { ...one, newClient, newConnection, proxy };
}

/** A source of JWTs, made without the product; the first one may be short-lived. */
export function jwtCallback(
  { clock, key }: Pick<Sandboxed, 'clock' | 'key'>,
  { clientId, firstTtl = HOUR }: { readonly clientId?: string; readonly firstTtl?: number } = {},
) {
  let count = 0;
  return vi.fn(async () => {
    count += 1;
    const issued = clock.now();
    return signedJwt(key, { clientId, issued, expires: issued + (count === 1 ? firstTtl : HOUR) });
  });
}
