import type { InspectionEvent, Observer } from 'xstate';

/** What takes inspection events: a function, or the observer an XState inspector is. */
export type InspectionTarget = ((event: InspectionEvent) => void) | Partial<Observer<InspectionEvent>>;

/**
 * The target as a function that never throws: an inspector that fails must not reach the client.
 * Nothing here filters; what is secret travels in `Sealed` boxes, which show nothing.
 *
 * @param isOver whether the target is told no more: an actor that a listener stops in the middle of a
 * step goes on to report the rest of the step
 */
export function inspector(
  target: InspectionTarget,
  isOver: () => boolean = () => false,
): (event: InspectionEvent) => void {
  return (event) => {
    if (isOver()) return;
    try {
      if (typeof target === 'function') target(event);
      else target.next?.(event);
    } catch {
      // It is the inspector's own fault, and nobody here can do anything about it.
    }
  };
}
