import { ErrorInfo, isErrorInfo } from '../errors.js';
import { maskForeign } from './foreign-message.js';
import { retryAfterMs } from './retry-after.js';

/** An error answer of Ably's REST API, as the error it tells of. @see TI1, TI2 */
export function errorFrom(response: Response, body: string, wallNow: number): ErrorInfo {
  const wait = retryAfterMs(response.headers, wallNow);
  const told = toldError(body);
  if (told !== undefined) {
    const { code, statusCode, message, href } = told;
    return new ErrorInfo({
      code,
      statusCode,
      message: maskForeign(String(message)),
      href,
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

/** The `{ error }` that Ably's services, and endpoints made after them, answer with. */
export function toldError(body: string) {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    return isErrorInfo(error) ? error : undefined;
  } catch {
    return undefined;
  }
}
