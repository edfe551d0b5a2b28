import { invalidOption } from '../checks/option-checks.js';
import { isBranded } from '../errors/brand.js';
import { ErrorInfo, isErrorInfo } from '../errors/error-info.js';
import { fieldOf } from '../redaction/received.js';

const BRAND: unique symbol = Symbol.for('latchkey.Refusal') as never;

/**
 * That somebody gets no token. Made by {@link refuse}.
 *
 * @example
 * ```ts
 * import { Refusal, refuse, type GrantFunction } from 'latchkey/server';
 *
 * const byDay: GrantFunction = () => refuse(403, 'come back by day');
 * const isRefused = (given: unknown) => given instanceof Refusal;
 * console.log(byDay.length, isRefused(refuse(401)));
 * ```
 */
export class Refusal {
  /** What the client is told. */
  readonly error: ErrorInfo;

  /** @throws {ErrorInfo} 40003 for what is no error */
  constructor(error: ErrorInfo) {
    if (!isErrorInfo(error)) throw invalidOption('error', 'an ErrorInfo', error);
    this.error = error;
  }

  /** @internal */
  get [BRAND](): true {
    return true;
  }
}

/** Whether it is a {@link Refusal}, of this copy of the package or of another. */
export const isRefusal = (given: unknown): given is Refusal =>
  isBranded(given, BRAND) && isErrorInfo(fieldOf(given, 'error'));

const answers = {
  401: { code: 40101, message: 'the request has no signed-in user', remediation: 'Sign in, then ask again.' },
  403: { code: 40300, message: 'this user may not have a token', remediation: undefined },
} as const;

/**
 * For `grant` to return: this client gets no token. After 401 a client asks again, later each time; after
 * 403 it gives up and says so (RSA4d).
 *
 * @param message what the client is told; it must hold nothing secret
 * @throws {ErrorInfo} 40003 for another status, or a message that is no string
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
  const answer = Object.hasOwn(answers, status) ? answers[status] : undefined;
  if (answer === undefined) {
    throw invalidOption('status', '401 or 403', status);
  }
  if (typeof (message ?? '') !== 'string') throw invalidOption('message', 'a string', message);
  return new Refusal(new ErrorInfo({ ...answer, statusCode: status, message: message ?? answer.message }));
}
