import { checkFloor } from '../stack/floor.js';

/** The parts of a socket of `socket.io-client` that are used. */
export interface SocketIoSocket {
  /** What the socket sends when it connects. Latchkey adds the token. */
  auth: unknown;
  /** What the app emitted while the socket was not connected. */
  sendBuffer: unknown[];
  /** Whether the socket connects again by itself. */
  readonly active: boolean;
  /** The manager of the socket. */
  readonly io: {
    reconnectionDelay(): unknown;
    on(event: 'reconnect_attempt', listener: () => void): unknown;
    off(event: 'reconnect_attempt', listener: () => void): unknown;
  };
  /** Connects. */
  connect(): unknown;
  /** Disconnects, and does not come back by itself. */
  disconnect(): unknown;
  /** Listens to an event. */
  on(event: string, listener: (...given: never[]) => void): unknown;
  /** Removes a listener, or all of an event. */
  off(event: string, listener?: (...given: never[]) => void): unknown;
  /** The listeners of an event. */
  listeners(event: string): readonly unknown[];
  /** Sends an event. */
  emit(event: string, ...given: unknown[]): unknown;
}

/** @throws {ErrorInfo} 40003: not a socket of socket.io-client, or of a release that is too old */
export const checkSocket = <Socket extends SocketIoSocket>(socket: Socket): Socket =>
  checkFloor(socket, {
    name: 'socket',
    wanted: 'a socket of socket.io-client 3.1 or newer',
    isOfLibrary: ({ connect, emit }) => [connect, emit].every((member) => typeof member === 'function'),
    // The first release with them is 3.1.0.
    members: [
      ['active', 'boolean'],
      ['disconnect', 'function'],
      ['on', 'function'],
      ['io.reconnectionDelay', 'function'],
      ['io.on', 'function'],
    ],
  });
