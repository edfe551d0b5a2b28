type Handler<E> = ((event: E) => void) | null;

/** The part of the WHATWG `WebSocket` that a connection uses. */
export interface WebSocketLike {
  onopen: Handler<never>;
  onmessage: Handler<never>;
  onclose: Handler<never>;
  onerror: Handler<never>;
  /** Sends one frame. */
  send(text: string): void;
  /** Ends it in good order. */
  close(): void;
  /** Ends it without a word. Only some have it. */
  terminate?(): void;
}

/** The class of such a socket: the platform's, or one for tests. */
export type WebSocketClass = new (url: string) => WebSocketLike;
