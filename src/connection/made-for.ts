import { DISPOSE } from '../platform/globals.js';
import { rememberSelf, selfOf } from '../proxies.js';
import type { ConnectionAdapter } from './port.js';

/** How a connection is ended by whom it was made for. */
interface Making {
  /** undefined: it was made for nobody in particular. */
  readonly owner: object | undefined;
  readonly end: () => void;
}

const makings = new WeakMap<object, Making>();
let owner: object | undefined;

/** Runs `make`. The connections that it makes are the owner's, who is to end them. */
export function makeFor<T>(newOwner: object, make: () => T): T {
  const before = owner;
  owner = newOwner;
  try {
    return make();
  } finally {
    owner = before;
  }
}

/**
 * For the constructor of a connection: notes for whom it is made, and who it is behind a Proxy.
 *
 * @param end ends it for good, and in good order
 */
export function noteMaking(connection: object, end: () => void): void {
  rememberSelf(connection);
  makings.set(connection, { owner, end });
}

/**
 * Whether a connection was made for that owner. To be asked right after {@link makeFor}: an adapter of another
 * make, which notes nothing, counts as made just now while it is `initialized`.
 */
export function isMadeFor(connection: ConnectionAdapter, whose: object): boolean {
  const making = makings.get(selfOf(connection));
  return making === undefined ? connection.state === 'initialized' : making.owner === whose;
}

/** Ends a connection for good: an adapter of another make by its `close()`, or else its `dispose()`. */
export function endConnection(connection: ConnectionAdapter): void {
  const making = makings.get(selfOf(connection));
  const members = ['close', 'dispose', DISPOSE].map((name) => Reflect.get(connection, name));
  const end: unknown = making?.end ?? members.find((member) => typeof member === 'function');
  if (typeof end === 'function') end.call(connection);
}

/** Says goodbye, where there is somebody to say it to, and disposes of the connection then. */
export function closeAndDispose(connection: {
  readonly state: string;
  onStateChange(listener: () => void): unknown;
  close(): void;
  dispose(): void;
}): void {
  const disposeIfClosed = () => {
    if (connection.state === 'closed') connection.dispose();
  };
  connection.onStateChange(disposeIfClosed);
  connection.close();
  disposeIfClosed();
}
