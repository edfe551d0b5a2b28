type Handler<E> = ((event: E) => void) | null;

/** The part of the WHATWG `WebSocket` that a connection uses. */
export interface WebSocketLike {
  onopen: Handler<never>;
  onmessage: Handler<never>;
  onclose: Handler<never>;
  onerror: Handler<never>;
  send(text: string): void;
  close(): void;
  /** Ends it without a word. Only some have it. */
  terminate?(): void;
}

export type WebSocketClass = new (url: string) => WebSocketLike;
