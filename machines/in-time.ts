import type { AnyActorScope, AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import type { AuthContext, AuthEmitted } from './auth-context.js';

/** The moment at which an event was received. The clock is read once for each step. */
export const momentOf = ({ since }: Pick<AuthContext, 'since'>, event: object): number =>
  (event as { readonly at?: number }).at ?? since;

/**
 * The machine with the time added to each event. An event, also of a timer or an acquisition, gets its moment `at`; an
 * `at` that it has already is replaced. Timers may be late: if the current token has expired by then, `token.expired`
 * is handled first.
 */
export function inTime<Machine extends AnyStateMachine>(machine: Machine): Machine {
  const { transition, provide } = machine;
  const step: Machine['transition'] = (snapshot, event, scope) => {
    // This is for inspectors, and changes nothing.
    if (event.type === 'acquisition.step') return snapshot;
    const { ports, current } = snapshot.context as AuthContext;
    const { clock, emitted } = ports.expose();
    const at = clock.monotonic();
    const heard = emitted === undefined ? scope : heardBy(emitted, scope);
    const isLate = current !== null && at >= current.expiresAt && event.type !== 'xstate.stop';
    const first = isLate ? transition(snapshot, { type: 'token.expired', at }, heard) : snapshot;
    return shared(transition(first, { ...event, at }, heard));
  };
  const provided: Machine['provide'] = (parts) => inTime(provide.call(machine, parts));
  return Object.assign(machine, { transition: step, provide: provided });
}

/** Collects what a step emits. A listener of the actor would take 250 bytes for each client. */
const heardBy = (emitted: AuthEmitted[], scope: AnyActorScope): AnyActorScope => ({
  ...scope,
  emit: (event) => {
    emitted.push(event as AuthEmitted);
    scope.emit(event);
  },
});

/** The parts of a snapshot that only its state decides. The charts have no parallel states and no history. */
type SharedParts = Pick<AnyMachineSnapshot, '_nodes' | 'tags' | 'historyValue'>;

const partsOf = new WeakMap<object, SharedParts>();

const noChildren = Object.freeze({});

/** Thousands of clients rest in the same state: their snapshots share what is equal, 450 bytes for each. */
function shared<Snapshot extends AnyMachineSnapshot>(snapshot: Snapshot): Snapshot {
  const { _nodes, tags, historyValue, children } = snapshot;
  const innermost = _nodes[_nodes.length - 1] as object;
  const parts = partsOf.get(innermost) ?? readOnly({ _nodes, tags, historyValue });
  partsOf.set(innermost, parts);
  return Object.assign(snapshot, parts, Object.keys(children).length > 0 ? {} : { children: noChildren });
}

/** What an application does to the snapshot of one client must not reach another client. */
function readOnly({ _nodes, tags, historyValue }: SharedParts): SharedParts {
  const refuse = { value: () => throwReadOnly() };
  Object.defineProperties(tags, { add: refuse, delete: refuse, clear: refuse });
  for (const each of [_nodes, tags, historyValue]) Object.freeze(each);
  return { _nodes, tags, historyValue };
}

function throwReadOnly(): never {
  throw new TypeError('the tags of a snapshot are read-only');
}

/** Makes the snapshots of a machine {@link shared}. */
export function sharing<Machine extends AnyStateMachine>(machine: Machine): Machine {
  const { transition } = machine;
  const step: Machine['transition'] = (...given) => shared(transition(...given));
  return Object.assign(machine, { transition: step });
}

/**
 * The beginning of a context. V8 gives an object that begins as a copy the layout that `assign()` copies fast; after it
 * come the fields by name, because a copy of the whole input takes ten times as long.
 */
export const plain = Object.freeze({});
