import type { Clock } from '../clock.js';
import type { ErrorInfo } from '../errors/error-info.js';
import type { Disposal } from './disposal.js';

/**
 * Runs `work` under one deadline. The promise settles in time whatever `work` does; its signal
 * aborts with the deadline, with `outer`, and when the work is over.
 */
export function underDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  limit: { readonly clock: Clock; readonly ms: number; readonly outer: Disposal; timedOut(): ErrorInfo },
): Promise<T> {
  if (limit.outer.reason !== undefined) return Promise.reject(limit.outer.reason);
  const inner = new AbortController();
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
        inner.abort();
      });
  });
}

/** The same outcome, unless `signal` aborts before it is there: then the signal's reason. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
