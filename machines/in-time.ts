import type { AnyStateMachine } from 'xstate';
import type { AuthContext } from './auth-context.js';

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
    const at = ports.expose().clock.monotonic();
    const isLate = current !== null && at >= current.expiresAt && event.type !== 'xstate.stop';
    const first = isLate ? transition(snapshot, { type: 'token.expired', at }, scope) : snapshot;
    return transition(first, { ...event, at }, scope);
  };
  const provided: Machine['provide'] = (parts) => inTime(provide.call(machine, parts));
  return Object.assign(machine, { transition: step, provide: provided });
}
