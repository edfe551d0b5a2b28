export type {
  ConnectionAdapter,
  ConnectionReport,
  ConnectionState,
  ConnectionUpgradeEvent,
} from './port.js';
export {
  type ConnectionStateChange,
  RealtimeConnection,
  type RealtimeConnectionOptions,
} from './realtime-connection.js';
export type { ProtocolMessage } from './transport.js';
export type { UrlOptions } from './url.js';
export type { WebSocketClass, WebSocketLike } from './websocket.js';
