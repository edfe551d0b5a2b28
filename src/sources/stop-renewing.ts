import { isBranded } from '../errors/brand.js';
import { ErrorInfo } from '../errors/error-info.js';
import { shownText } from '../errors/redaction.js';
import { textIn } from '../redaction/received.js';

/** The remedy for every StopRenewing, with or without a message. */
const SIGN_IN = 'The client stops asking for tokens. When the user has signed in again, call authorize().';

const BRAND: unique symbol = Symbol.for('latchkey.StopRenewing') as never;

/**
 * An `authCallback` throws this error if there will be no token, for example because the user has signed out.
 * The client stops trying: its state is `failed` until `authorize()` is called.
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

  /** The ErrorInfo that callers get: code 40300, statusCode 403. */
  toErrorInfo(): ErrorInfo {
    return refusalOf(this);
  }
}

/** Whether an error is a {@link StopRenewing} of this or another copy of the package. */
export const isStopRenewing = (thrown: unknown): thrown is Error => isBranded(thrown, BRAND);

/** The ErrorInfo for a {@link StopRenewing}, which the application may have changed since. */
export function refusalOf(thrown: Error, cause: unknown = thrown): ErrorInfo {
  const message =
    shownText(textIn(thrown, 'message') ?? '') || 'the token source says there will be no token';
  return new ErrorInfo({ code: 40300, message, remediation: SIGN_IN, cause });
}
