import type { InspectionEvent, Observer } from 'xstate';
import { invalidOption, method } from '../checks/option-checks.js';
import type { LogHandler } from '../log/log.js';
import { callUser, faultLog } from '../log/user-callback.js';
import { redacted } from '../redaction/value.js';
import { viewOfActor, viewOfSnapshot } from './actor-view.js';
import { transitionOf } from './definition.js';

/** What receives inspection events: a function, or the observer that an XState inspector is. */
export type InspectionTarget = ((event: InspectionEvent) => void) | Partial<Observer<InspectionEvent>>;

/**
 * Makes an inspector that protects secrets and the client. The target receives a redacted copy of each event,
 * with views of the actors. An error that the target throws is logged once, and goes no further. The option
 * `inspect` of a client and of a connection uses this function by itself. Use it for your own actors, or for
 * a client that is already running.
 *
 * @param isOver whether the target receives no more events: XState reports the rest of a step even after a
 * listener has stopped the actor
 * @param log receives the first error that the target throws
 * @throws {ErrorInfo} 40003 if an argument is invalid
 *
 * @example
 * ```ts
 * import { Auth } from 'latchkey';
 * import { inspector } from 'latchkey/inspect';
 *
 * const auth = new Auth({ authUrl: 'https://example.com/api/token' });
 * const { unsubscribe } = auth.actor.system.inspect(inspector((event) => console.log(event.type)));
 * unsubscribe();
 * ```
 */
export function inspector(
  target: InspectionTarget,
  isOver: () => boolean = () => false,
  log: LogHandler = () => {},
): (event: InspectionEvent) => void {
  if (typeof target !== 'function' && typeof target?.next !== 'function')
    throw invalidOption('target', 'a function, or an observer with next()', target);
  method('isOver', isOver);
  method('log', log);
  let isLogged = false;
  const failed = (thrown: unknown) => {
    // Only the first error is logged: every event may cause the same one.
    if (!isLogged) faultLog(log, 'the inspector')(thrown);
    isLogged = true;
  };
  return (event) => {
    if (isOver()) return;
    callUser(() => {
      const shown = redactedEvent(event);
      return typeof target === 'function' ? target(shown) : target.next?.(shown);
    }, failed);
  };
}

/** A copy of the event, with only what may be shown. */
function redactedEvent(event: InspectionEvent): InspectionEvent {
  const { type, rootId } = event;
  const shown: Record<string, unknown> = { type, rootId, actorRef: viewOfActor(event.actorRef) };
  if ('event' in event) shown.event = redacted(event.event);
  if ('snapshot' in event) shown.snapshot = viewOfSnapshot(event.snapshot);
  if ('sourceRef' in event) shown.sourceRef = viewOfActor(event.sourceRef);
  if ('action' in event) shown.action = redacted(event.action);
  if ('_transitions' in event) shown._transitions = event._transitions.map(transitionOf);
  return shown as unknown as InspectionEvent;
}
