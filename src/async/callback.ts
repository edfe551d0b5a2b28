import { type ErrorInfo, toErrorInfo } from '../errors/error-info.js';
import type { LogHandler } from '../log/log.js';
import { callUser, faultLog } from '../log/user-callback.js';

/** `(error, result)`: exactly one of the two is null. */
export type StandardCallback<T> = (error: ErrorInfo | null, result: T | null) => void;

/** Calls `callback` with the result of `promise`. An error that the callback throws is logged and goes no further. */
export function settleInto<T>(promise: Promise<T>, callback: StandardCallback<T>, log: LogHandler): void {
  const failed = faultLog(log, 'a callback');
  promise.then(
    (result) => callUser(() => callback(null, result), failed),
    (error: unknown) =>
      callUser(() => callback(toErrorInfo(error, { code: 40170, message: 'the call failed' }), null), failed),
  );
}
