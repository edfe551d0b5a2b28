import type { InspectionEvent, Observer } from 'xstate';

/** What takes inspection events: a function, or the observer an XState inspector is. */
export type InspectionTarget = ((event: InspectionEvent) => void) | Partial<Observer<InspectionEvent>>;

/**
 * The target as a function that never throws: an inspector that fails must not reach the client.
 * Nothing here filters; what is secret travels in `Sealed` boxes, which show nothing.
 */
export function inspector(target: InspectionTarget): (event: InspectionEvent) => void {
  return (event) => {
    try {
      if (typeof target === 'function') target(event);
      else target.next?.(event);
    } catch {
      // It is the inspector's own fault, and nobody here can do anything about it.
    }
  };
}
