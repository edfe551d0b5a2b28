import { ErrorInfo, isErrorInfo } from '../errors.js';
import { maskForeign } from '../foreign-text.js';
import { retryAfterMs } from './retry-after.js';

/** An error as another party tells it: the two numbers are there, the rest may be anything. */
export interface ToldError {
  readonly code: number;
  readonly statusCode: number;
  readonly message?: unknown;
  readonly href?: unknown;
  readonly cause?: unknown;
}

/** An error answer of Ably's REST API, as the error it tells of. @see TI1, TI2 */
export function errorFrom(response: Response, body: string, wallNow: number): ErrorInfo {
  const wait = retryAfterMs(response.headers, wallNow);
  const told = toldError(body, response.status);
  if (told !== undefined) return asTold(told, wait);
  const { status } = response;
  const code = Number(response.headers.get('x-ably-errorcode')) || status * 100;
  return new ErrorInfo({
    code,
    statusCode: status,
    message: `the server answered ${status}`,
    retryAfterMs: wait,
  });
}

/** No answer came at all. */
export function unreachable(host: string, cause: unknown): ErrorInfo {
  return new ErrorInfo({
    code: 80003,
    statusCode: 503,
    message: `${host} could not be reached`,
    remediation: 'Check the network and the endpoint, port and tls options.',
    cause,
  });
}

/**
 * The `{ error }` that Ably's services, and endpoints made after them, answer with.
 * @param status to fill in where the error does not name one
 */
export function toldError(body: string, status?: number): ToldError | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    const told =
      typeof error === 'object' && error !== null && status !== undefined
        ? { statusCode: status, ...error }
        : error;
    return isErrorInfo(told) ? told : undefined;
  } catch {
    return undefined;
  }
}

/** The same error, with nothing in it that might be a secret. */
export function asTold(told: ToldError, wait: number | undefined): ErrorInfo {
  const { code, statusCode, message, href, cause } = told;
  return new ErrorInfo({
    code,
    statusCode,
    message: toldMessage(message),
    href: toldHref(href),
    cause: toldCause(cause),
    retryAfterMs: wait,
  });
}

/** What another party says, fit to be shown. */
export function toldMessage(message: unknown): string {
  return typeof message === 'string' && message !== '' ? maskForeign(message) : 'no reason was given';
}

/** A link that leads to a page and carries nothing else; without one the error has its own (TI5). */
export function toldHref(href: unknown): string | undefined {
  const isPlainLink = typeof href === 'string' && /^https?:\/\/[^?#@]+$/.test(href);
  return isPlainLink && maskForeign(href) === href ? href : undefined;
}

/** An error may tell of the one behind it. */
function toldCause(given: unknown): ErrorInfo | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const { code, statusCode = 0, message } = given as Record<string, unknown>;
  if (typeof code !== 'number') return undefined;
  const status = typeof statusCode === 'number' && statusCode > 0 ? { statusCode } : {};
  return new ErrorInfo({ code, ...status, message: toldMessage(message) });
}
