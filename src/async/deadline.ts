import type { Clock } from '../clock.js';
import type { ErrorInfo } from '../errors/error-info.js';
import { abortable } from '../platform/signals.js';
import type { Disposal } from './disposal.js';

/**
 * Runs `work` under one deadline. The promise settles in time whatever `work` does; its signal
 * aborts with the deadline and with `outer`, unless the work is over by then.
 */
export function underDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  limit: { readonly clock: Clock; readonly ms: number; readonly outer: Disposal; timedOut(): ErrorInfo },
): Promise<T> {
  if (limit.outer.reason !== undefined) return Promise.reject(limit.outer.reason);
  const inner = abortable();
  return new Promise<T>((resolve, reject) => {
    const unlisten = limit.outer.listen((reason) => {
      reject(reason);
      inner.abort(reason);
    });
    const timer = limit.clock.setTimeout(() => {
      const error = limit.timedOut();
      reject(error);
      inner.abort(error);
    }, limit.ms);
    work(inner.signal)
      .then(resolve, reject)
      .finally(() => {
        limit.clock.clearTimeout(timer);
        unlisten();
        inner.done();
      });
  });
}
