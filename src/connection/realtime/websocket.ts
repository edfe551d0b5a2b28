/**
 * The longest frame that is read: eight times the longest that the service takes itself (512 KiB, its
 * `maxFrameSize`), 64 messages of its default size. What is longer is no message of this protocol, and to read
 * it would hold up the whole program. Letters; in Node bytes, before they fill the memory.
 */
export const LONGEST_FRAME = 4 * 1_048_576;

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
