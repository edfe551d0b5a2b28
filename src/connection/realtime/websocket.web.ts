import type { WebSocketClass } from './websocket.js';

/** The platform's own; undefined where there is none. */
export const WebSocketImpl: WebSocketClass | undefined = globalThis.WebSocket;
