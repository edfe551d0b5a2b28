/**
 * A realtime connection, and the port for other connections.
 *
 * @module latchkey/connection
 */

export type { ClientType } from '../token/client-type.js';
export type {
  AttachedClient,
  ConnectionAdapter,
  ConnectionReport,
  ConnectionState,
  ConnectionUpgradeEvent,
  ReportedError,
} from './port.js';
export type { ConnectionStateChange } from './realtime/change-listeners.js';
export type { RealtimeConnectionOptions } from './realtime/options.js';
export type { ProtocolMessage } from './realtime/protocol.js';
export { RealtimeConnection } from './realtime/realtime-connection.js';
export type { UrlOptions } from './realtime/url.js';
export type { WebSocketClass, WebSocketLike } from './realtime/websocket.js';
