import { DISPOSE } from '../platform/globals.js';
import { rememberSelf, selfOf } from '../surroundings.js';
import type { ConnectionAdapter } from './port.js';

/** The owner of a connection, how the owner closes it, and whether it leads to Ably. */
interface Making {
  /** undefined: the caller made it, and closes it. */
  readonly owner: object | undefined;
  readonly end: () => void;
  readonly isForAbly: boolean;
}

/** The key of a connection's {@link Making}, and of the owner at the moment: other copies of the package know it too. */
const MADE_FOR = Symbol.for('latchkey.madeFor');
/** The owner where the global object is frozen, so that no other copy can know it. */
let owner: object | undefined;

/** Runs `make`. The connections that it makes belong to `newOwner`, who must close them. */
export function makeFor<T>(newOwner: object, make: () => T): T {
  const before = ownerNow();
  setOwner(newOwner);
  try {
    return make();
  } finally {
    setOwner(before);
  }
}

/** The owner whose `make` runs innermost, in this copy or in another. */
const ownerNow = (): object | undefined => owner ?? Reflect.get(globalThis, MADE_FOR);

function setOwner(next: object | undefined): void {
  owner = Reflect.set(globalThis, MADE_FOR, next) ? undefined : next;
}

const makingOf = (connection: ConnectionAdapter): Making | undefined =>
  (selfOf(connection) as { readonly [MADE_FOR]?: Making })[MADE_FOR];

/**
 * Remembers the owner of a connection, and the connection behind a Proxy of it. For its constructor.
 *
 * @param end closes the connection, and disposes of it
 */
export function noteMaking(connection: object, end: () => void, isForAbly = false): void {
  rememberSelf(connection);
  // Frozen, so that a Proxy of Vue returns the object itself.
  const value: Making = Object.freeze({ owner: ownerNow(), end, isForAbly });
  Object.defineProperty(connection, MADE_FOR, { value });
}

/**
 * Whether a connection was made for that owner. Call it right after {@link makeFor}: a custom adapter, which
 * remembers no owner, counts as just made while it is `initialized`.
 */
export function isMadeFor(connection: ConnectionAdapter, whose: object): boolean {
  const making = makingOf(connection);
  return making === undefined ? connection.state === 'initialized' : making.owner === whose;
}

/** Whether the connection sends its token to Ably. */
export const isForAbly = (connection: ConnectionAdapter): boolean => makingOf(connection)?.isForAbly === true;

/** Closes a connection, and disposes of it: a custom adapter by its `close()`, or else its `dispose()`. */
export function endConnection(connection: ConnectionAdapter): void {
  const making = makingOf(connection);
  const members = ['close', 'dispose', DISPOSE].map((name) => Reflect.get(connection, name));
  const end: unknown = making?.end ?? members.find((member) => typeof member === 'function');
  if (typeof end === 'function') end.call(connection);
}

/**
 * Closes the connection, with CLOSE if it is connected, and disposes of it once it is closed. It waits with a promise,
 * because the application may remove every listener.
 */
export function closeAndDispose(connection: {
  readonly state: string;
  whenState(state: 'closed'): Promise<unknown>;
  close(): void;
  dispose(): void;
}): void {
  const dispose = () => connection.dispose();
  connection.close();
  if (connection.state === 'closed') dispose();
  else connection.whenState('closed').then(dispose, dispose);
}
