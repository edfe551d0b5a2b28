import { WebSocket as WsWebSocket } from 'ws';
import type { WebSocketClass } from './websocket.js';

/** Node 22 has its own; Node 20 gets it from `ws`. */
export const WebSocketImpl: WebSocketClass | undefined =
  globalThis.WebSocket ?? (WsWebSocket as unknown as WebSocketClass);
