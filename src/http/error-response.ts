import { ErrorInfo, isErrorInfo } from '../errors.js';
import { maskForeign } from '../foreign-text.js';
import { retryAfterMs } from './retry-after.js';

/** An error answer of Ably's REST API, as the error it tells of. @see TI1, TI2 */
export function errorFrom(response: Response, body: string, wallNow: number): ErrorInfo {
  const wait = retryAfterMs(response.headers, wallNow);
  const told = toldError(body, response.status);
  if (told !== undefined) {
    const { code, statusCode, message, href } = told;
    return new ErrorInfo({
      code,
      statusCode,
      message: maskForeign(String(message)),
      href,
      cause: toldCause(told.cause),
      retryAfterMs: wait,
    });
  }
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
export function toldError(body: string, status?: number) {
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

/** An error may tell of the one behind it. */
function toldCause(given: unknown): ErrorInfo | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const { code, statusCode = 0, message = '' } = given as Record<string, unknown>;
  if (typeof code !== 'number') return undefined;
  const status = typeof statusCode === 'number' && statusCode > 0 ? { statusCode } : {};
  return new ErrorInfo({ code, ...status, message: maskForeign(String(message)) });
}
