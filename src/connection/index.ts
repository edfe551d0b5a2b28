/**
 * A realtime connection, and the port that others fit into.
 *
 * @module latchkey/connection
 */

export type { RealtimeConnectionOptions } from './options.js';
export type {
  AttachedClient,
  ConnectionAdapter,
  ConnectionReport,
  ConnectionState,
  ConnectionUpgradeEvent,
} from './port.js';
export type { ProtocolMessage } from './protocol.js';
export { RealtimeConnection } from './realtime-connection.js';
export type { ConnectionStateChange } from './state-changes.js';
export type { UrlOptions } from './url.js';
export type { WebSocketClass, WebSocketLike } from './websocket.js';
