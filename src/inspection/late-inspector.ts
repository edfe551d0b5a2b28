import type { InspectionEvent } from 'xstate';
import { type Late, late } from '../async/late.js';
import type { Part } from '../async/part.js';
import type { LogHandler } from '../log/log.js';
import { faultLog } from '../log/user-callback.js';
import type { InspectionTarget, inspector } from './inspector.js';

type Show = (event: InspectionEvent) => void;

/**
 * The option `inspect` as an inspector whose code is loaded at the first event. Events that arrive before
 * the code is loaded are kept, in order, the last thousand of them.
 */
export function lateInspector(
  part: Part<{ readonly inspector: typeof inspector }>,
  target: InspectionTarget,
  isOver: () => boolean,
  log: LogHandler,
): Show {
  let isTold = false;
  const inspection: Late<Show> = late(
    part,
    // What came before the end is shown also after it.
    ({ inspector }) => inspector(target, () => inspection.now !== undefined && isOver(), log),
    (error) => {
      if (!isTold) faultLog(log, 'the inspector')(error);
      isTold = true;
    },
  );
  return (event) => {
    if (inspection.now || !isOver()) inspection.run((show) => show(event));
  };
}
