import { WebSocket as WsWebSocket } from 'ws';
import { knownGlobal } from '../../surroundings.js';
import { LONGEST_FRAME, type WebSocketClass } from './websocket.js';

/** The default of `ws` is 100 MiB. */
class BoundedWebSocket extends WsWebSocket {
  constructor(url: string) {
    super(url, { maxPayload: LONGEST_FRAME });
  }
}

/** Node 22 has its own; Node 20 gets it from `ws`. */
export const WebSocketImpl: WebSocketClass | undefined =
  knownGlobal('WebSocket') ?? (BoundedWebSocket as unknown as WebSocketClass);
