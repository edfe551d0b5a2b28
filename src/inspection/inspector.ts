import type { InspectionEvent, Observer } from 'xstate';
import { invalidOption, method } from '../checks/option-checks.js';
import type { LogHandler } from '../log/log.js';
import { callUser, faultLog } from '../log/user-callback.js';
import { redacted } from '../redaction/value.js';
import { viewOfActor, viewOfSnapshot } from './actor-view.js';
import { transitionOf } from './definition.js';

/** What takes inspection events: a function, or the observer an XState inspector is. */
export type InspectionTarget = ((event: InspectionEvent) => void) | Partial<Observer<InspectionEvent>>;

/**
 * The target as an inspector that shows no secret and does no harm: each event is a redacted copy, its
 * actors are views of the real ones, and what the target throws ends here. The option `inspect` of a
 * client and of a connection goes through it by itself; it is for actors of your own, and for looking at
 * a client that is already there.
 *
 * @param isOver whether the target is told no more: an actor that a listener stops in the middle of a
 * step goes on to report the rest of the step
 * @param log hears of the first time that the target throws
 * @throws {ErrorInfo} 40003 for an argument that cannot be
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
  let isTold = false;
  const failed = (thrown: unknown) => {
    // Of one event after the other: the first says enough.
    if (!isTold) faultLog(log, 'the inspector')(thrown);
    isTold = true;
  };
  return (event) => {
    if (isOver()) return;
    callUser(() => {
      const shown = redactedEvent(event);
      return typeof target === 'function' ? target(shown) : target.next?.(shown);
    }, failed);
  };
}

/** The same event, made anew from what may be shown. */
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
