import { type ErrorInfo, toErrorInfo } from './errors.js';

/** `(error, result)`: exactly one of the two is null. */
export type StandardCallback<T> = (error: ErrorInfo | null, result: T | null) => void;

/**
 * Settles `promise` into `callback`. What the callback throws is reported as any uncaught error is,
 * and does not come back here a second time.
 */
export function settleInto<T>(promise: Promise<T>, callback: StandardCallback<T>): void {
  promise.then(
    (result) => callFromOutside(() => callback(null, result)),
    (error: unknown) =>
      callFromOutside(() => callback(toErrorInfo(error, { code: 40170, message: 'the call failed' }), null)),
  );
}

/** Runs the application's code where a throw is the application's: outside of any promise of ours. */
function callFromOutside(run: () => void): void {
  queueMicrotask(run);
}
