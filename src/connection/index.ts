export type { RealtimeConnectionOptions } from './options.js';
export type {
  ConnectionAdapter,
  ConnectionReport,
  ConnectionState,
  ConnectionUpgradeEvent,
} from './port.js';
export type { ProtocolMessage } from './protocol.js';
export { type ConnectionStateChange, RealtimeConnection } from './realtime-connection.js';
export type { UrlOptions } from './url.js';
export type { WebSocketClass, WebSocketLike } from './websocket.js';
