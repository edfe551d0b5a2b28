/**
 * The longest frame that is read: the `maxFrameSize` of the service (512 KiB), eight messages of the default
 * size (64 KiB). A longer frame is not a message of this protocol, and reading it would hold up the program.
 * Letters of a text, bytes of a binary frame; in Node bytes, before they fill the memory.
 * @see CD2d
 */
export const LONGEST_FRAME = 524_288;

type Handler<E> = ((event: E) => void) | null;

/** The part of the WHATWG `WebSocket` that a connection uses. */
export interface WebSocketLike {
  onopen: Handler<never>;
  onmessage: Handler<never>;
  onclose: Handler<never>;
  onerror: Handler<never>;
  /** Is called at each ping frame of the server, if the class {@link WebSocketClass.seesPings}. */
  onping?: (() => void) | null;
  /** Sends one frame. */
  send(text: string): void;
  /** Closes the socket with a closing handshake. */
  close(): void;
  /** Closes the socket without a handshake. Only some sockets have this method. */
  terminate?(): void;
}

/** The class of such a socket: that of the platform, or one for tests. */
export interface WebSocketClass {
  new (url: string): WebSocketLike;
  /** Whether its sockets call `onping`. Otherwise the server sends messages in place of ping frames. @see RTN23b */
  readonly seesPings?: boolean;
}
