import { ErrorInfo } from '../errors/error-info.js';
import { fromReceived, receivedError } from '../errors/received-error.js';
import { retryAfterMs } from './retry-after.js';

/**
 * The ErrorInfo for an error answer of Ably's REST API.
 * @param secrets values that were sent and must not appear in a message
 * @see TI1, TI2
 */
export function errorFrom(
  response: Response,
  body: string,
  wallNow: number,
  secrets: readonly string[] = [],
): ErrorInfo {
  const wait = retryAfterMs(response.headers, wallNow);
  const told = receivedError(body, response.status);
  if (told !== undefined) return fromReceived(told, { retryAfterMs: wait, secrets });
  const { status } = response;
  const [digits] = /^\d{5,6}$/.exec(response.headers.get('x-ably-errorcode') ?? '') ?? [];
  return new ErrorInfo({
    code: digits === undefined ? status * 100 : Number(digits),
    statusCode: status,
    message: `the server answered ${status}`,
    retryAfterMs: wait,
    origin: 'server',
  });
}

/** The error if no host answered. */
export function unreachable(host: string, cause: unknown): ErrorInfo {
  return new ErrorInfo({
    code: 80003,
    statusCode: 503,
    reason: 'unreachable',
    message: `${host} could not be reached`,
    remediation: 'Check the network and the endpoint, port and tls options.',
    cause,
  });
}
