import { isBranded } from '../errors/brand.js';
import { ErrorInfo } from '../errors/error-info.js';
import { textIn } from '../redaction/received.js';
import { redactText } from '../redaction/text.js';

/** True of whoever throws it, whatever they say. */
const SIGN_IN = 'The client asks no more by itself. When the user has signed in again, call authorize().';

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
 *     const response = await fetch('https://example.com/api/token', { cache: 'no-store' });
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
    return refusalOf(this);
  }
}

/** Whether it is a {@link StopRenewing}, of this copy of the package or of another. */
export const isStopRenewing = (thrown: unknown): thrown is Error => isBranded(thrown, BRAND);

/** What callers are told of a {@link StopRenewing}, whatever was made of it since. */
export function refusalOf(thrown: Error, cause: unknown = thrown): ErrorInfo {
  const message =
    redactText(textIn(thrown, 'message') ?? '') || 'the token source says there will be no token';
  return new ErrorInfo({ code: 40300, message, remediation: SIGN_IN, cause });
}
