import type { InspectionEvent } from 'xstate';
import { part } from '../async/part.js';
import type { LogHandler } from '../log/log.js';
import { faultLog } from '../log/user-callback.js';
import type { InspectionTarget } from './inspector.js';

/** Most clients have no inspector. */
export const inspectorPart = part(() => import('./inspector.js'));

/**
 * The option `inspect` as an inspector whose code is loaded when the first event comes. Events that come before
 * that are kept, in order.
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
        // What came before the end is shown also after it.
        const showKept = inspector(target, () => false, log);
        for (const one of kept ?? []) showKept(one);
        kept = undefined;
        show = inspector(target, isOver, log);
      },
      faultLog(log, 'the inspector'),
    );
  };
}
