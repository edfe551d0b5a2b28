import type { SocketIoSocket } from './socket.js';

type Listener = (...given: never[]) => void;

/** All that remove listeners. In socket.io each of them removes every listener if it gets no name. */
const REMOVERS = ['off', 'removeListener', 'removeAllListeners', 'removeEventListener'];

/**
 * Adds listeners to a socket. If the app removes every listener, or every one of an event, they are added again.
 * @returns removes them
 */
export function listenForGood(
  socket: SocketIoSocket,
  listeners: Readonly<Record<string, Listener>>,
): () => void {
  const undo: (() => void)[] = [];
  const add = () => {
    for (const [event, listener] of Object.entries(listeners))
      if (!socket.listeners(event).includes(listener)) socket.on(event, listener);
  };
  for (const name of REMOVERS) {
    const remove: unknown = Reflect.get(socket, name);
    if (typeof remove !== 'function') continue;
    Reflect.set(socket, name, (...given: unknown[]) => {
      const result: unknown = Reflect.apply(remove, socket, given);
      add();
      return result;
    });
    // What the class of the socket has is seen again.
    undo.push(() => Reflect.deleteProperty(socket, name));
  }
  add();
  return () => {
    for (const one of undo) one();
    for (const [event, listener] of Object.entries(listeners)) socket.off(event, listener);
  };
}
