import type { WebSocketClass } from './websocket.js';

/** Imports nothing: the studio has this file alone. */
function found(): WebSocketClass | undefined {
  try {
    return typeof globalThis.WebSocket === 'function' ? globalThis.WebSocket : undefined;
  } catch {
    return undefined;
  }
}

/** The platform's own; undefined where there is none. */
export const WebSocketImpl: WebSocketClass | undefined = found();
