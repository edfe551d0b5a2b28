import { invalidOption } from '../checks/option-checks.js';
import { isBranded } from '../errors/brand.js';
import { ErrorInfo, isErrorInfo } from '../errors/error-info.js';
import { fieldOf } from '../redaction/received.js';

const BRAND: unique symbol = Symbol.for('latchkey.Refusal') as never;

/**
 * The decision that a client gets no token. Made by {@link refuse}.
 *
 * @example
 * ```ts
 * import { refuse } from 'latchkey/server';
 *
 * const { error } = refuse(403, 'come back by day');
 * console.log(error.code, error.message);
 * ```
 */
export class Refusal {
  /** The error that the client receives. */
  readonly error: ErrorInfo;

  /** @throws {ErrorInfo} 40003 if `error` is not an ErrorInfo */
  constructor(error: ErrorInfo) {
    if (!isErrorInfo(error)) throw invalidOption('error', 'an ErrorInfo', error);
    this.error = error;
  }

  /** @internal */
  get [BRAND](): true {
    return true;
  }
}

/** Whether a value is a {@link Refusal}, of this copy of the package or of another. */
export const isRefusal = (given: unknown): given is Refusal =>
  isBranded(given, BRAND) && isErrorInfo(fieldOf(given, 'error'));

const answers = {
  401: { code: 40101, message: 'the request has no signed-in user', remediation: 'Sign in, then ask again.' },
  403: { code: 40300, message: 'this user may not have a token', remediation: undefined },
} as const;

/**
 * Makes the result with which `grant` refuses a token. After 401 a client tries again, later each time. After
 * 403 it stops trying, and reports the error (RSA4d).
 *
 * @param message the message for the client; it must not contain secrets
 * @throws {ErrorInfo} 40003 for any other status, or if the message is not a string
 *
 * @example
 * ```ts
 * import { refuse } from 'latchkey/server';
 *
 * const refusal = refuse(403, 'this account is closed');
 * console.log(refusal.error.code);
 * ```
 */
export function refuse(status: 401 | 403, message?: string): Refusal {
  if (status !== 401 && status !== 403) throw invalidOption('status', '401 or 403', status);
  const answer = answers[status];
  if (typeof (message ?? '') !== 'string') throw invalidOption('message', 'a string', message);
  return new Refusal(new ErrorInfo({ ...answer, statusCode: status, message: message ?? answer.message }));
}
