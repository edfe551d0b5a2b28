import type { Clock } from '../clock.js';
import type { ErrorInfo } from '../errors/error-info.js';
import { abortable } from '../platform/signals.js';
import type { Disposal } from './disposal.js';

/**
 * Runs `work` with a deadline. The returned promise settles by the deadline, even if `work` never does.
 * The signal that `work` receives is aborted at the deadline and when `outer` is aborted, but not after
 * `work` has ended.
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
