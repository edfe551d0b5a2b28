import type { InspectionEvent } from 'xstate';
import { part } from '../async/part.js';
import type { LogHandler } from '../log/log.js';
import { faultLog } from '../log/user-callback.js';
import type { InspectionTarget } from './inspector.js';

/** The inspector is loaded on first use, because most clients have none. */
export const inspectorPart = part(() => import('./inspector.js'));

/**
 * The option `inspect` as an inspector whose code is loaded at the first event. Events that arrive before the
 * code is loaded are kept, in order.
 */
export function lateInspector(
  target: InspectionTarget,
  isOver: () => boolean,
  log: LogHandler,
): (event: InspectionEvent) => void {
  let show = inspectorPart.loaded?.inspector(target, isOver, log);
  let kept: InspectionEvent[] | undefined;
  return (event) => {
    if (show !== undefined) return show(event);
    if (isOver()) return;
    if (kept !== undefined) {
      kept.push(event);
      return;
    }
    kept = [event];
    inspectorPart.load().then(
      ({ inspector }) => {
        // Events from before the end are shown even after it.
        const showKept = inspector(target, () => false, log);
        for (const one of kept ?? []) showKept(one);
        kept = undefined;
        show = inspector(target, isOver, log);
      },
      faultLog(log, 'the inspector'),
    );
  };
}
