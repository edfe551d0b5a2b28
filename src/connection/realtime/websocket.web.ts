import type { WebSocketClass } from './websocket.js';

/** This file imports nothing, because the studio uses it alone. */
function found(): WebSocketClass | undefined {
  try {
    return typeof globalThis.WebSocket === 'function' ? globalThis.WebSocket : undefined;
  } catch {
    return undefined;
  }
}

/** A page loads them when they are first needed. */
export const failures = undefined;

/** The class of the platform. undefined: it has none. */
export const WebSocketImpl: WebSocketClass | undefined = found();
