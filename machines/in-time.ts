import type { AnyActorScope, AnyStateMachine } from 'xstate';
import type { AuthContext, AuthEmitted } from './auth-context.js';
import { shared } from './shared-parts.js';

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
