import { isBranded } from '../brand.js';
import { ErrorInfo } from '../errors.js';
import { maskForeign } from '../foreign-text.js';

const BRAND: unique symbol = Symbol.for('latchkey.StopRenewing') as never;

/**
 * Thrown by an `authCallback` to say that there will be no token, as when the user has signed out:
 * the client stops trying, and is `failed` until `authorize()` is called.
 *
 * @example
 * ```ts
 * import { Auth, StopRenewing } from 'latchkey';
 *
 * const auth = new Auth({
 *   authCallback: async () => {
 *     const response = await fetch('https://example.com/api/token');
 *     if (response.status === 401) throw new StopRenewing('signed out');
 *     return await response.text();
 *   },
 * });
 * console.log(auth.state.value);
 * ```
 * @see RSA4d
 */
export class StopRenewing extends Error {
  override readonly name = 'StopRenewing';

  /** @internal */
  get [BRAND](): true {
    return true;
  }

  /** As what callers are told: 40300, status 403. */
  toErrorInfo(): ErrorInfo {
    return stopError(this);
  }
}

/** Whether it is a {@link StopRenewing}, of this copy of the package or of another. */
export const isStopRenewing = (thrown: unknown): thrown is Error =>
  isBranded(thrown, BRAND) && 'message' in thrown && typeof thrown.message === 'string';

/** What callers are told of a {@link StopRenewing}. */
export function stopError(cause: Error): ErrorInfo {
  const { message } = cause;
  const told = message === '' ? 'the token source says there will be no token' : maskForeign(message);
  return new ErrorInfo({ code: 40300, message: told, cause });
}
