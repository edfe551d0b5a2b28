import { WebSocket as WsWebSocket } from 'ws';
import { knownGlobal } from '../../surroundings.js';
import { isReachable, Recovery } from './failures.js';
import { LONGEST_FRAME, type WebSocketClass, type WebSocketLike } from './websocket.js';

/** In Node nothing is saved by loading them later. A function, because the files of the build import each other. */
export function failures(): typeof import('./failures.js') {
  return { isReachable, Recovery };
}

class NodeWebSocket extends WsWebSocket {
  static readonly seesPings = true;
  onping: WebSocketLike['onping'];

  constructor(url: string) {
    // The default of `ws` is 100 MiB.
    super(url, { maxPayload: LONGEST_FRAME });
    this.on('ping', () => this.onping?.());
  }
}

/**
 * That of `ws`, also in a Node that has its own: that one reports no ping frames (RTN23b), and reads frames of any
 * length. Bun and Deno have their own.
 */
export const WebSocketImpl: WebSocketClass =
  ('Bun' in globalThis || 'Deno' in globalThis ? knownGlobal('WebSocket') : undefined) ??
  (NodeWebSocket as unknown as WebSocketClass);
