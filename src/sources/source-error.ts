import { asReceived } from '../errors/copies.js';
import { type ErrorInfo, isOwnError } from '../errors/error-info.js';
import { type Reason, reasonOfStatus } from '../errors/reason.js';
import { fromReceived, readError } from '../errors/received-error.js';
import { isCallFault } from '../http/call-fault.js';
import { fieldOf, isA, statusesIn, textIn } from '../redaction/received.js';
import { redactText } from '../redaction/text.js';
import { badAnswer } from './answer.js';
import { isStopRenewing, refusalOf } from './stop-renewing.js';

/**
 * The error for a value that a function of the application threw. A value with `code` and `statusCode` is passed
 * on (RSA4e; 403: RSA4d). Any other value becomes the cause.
 *
 * @param what what failed, as it follows "the token source"
 */
export function sourceError(thrown: unknown, what = 'failed'): ErrorInfo {
  const received = asReceived(thrown);
  if (isOwnError(received)) return received;
  if (isStopRenewing(thrown)) return refusalOf(thrown, received);
  const error = readError(thrown);
  if (error !== undefined) return fromReceived(error, { cause: received, by: 'application' });
  const message = textIn(thrown, 'message');
  // Errors of HTTP libraries have a status and no numeric code. A status of 403 is final all the same (RSA4d).
  if (fieldOf(thrown, 'statusCode') === 403)
    return fromReceived({ code: 40300, statusCode: 403, message }, { cause: received, by: 'application' });
  if (saysUnauthorized(thrown))
    return fromReceived({ code: 40100, statusCode: 401, message }, { cause: received, by: 'application' });
  if (typeof thrown === 'string')
    return badAnswer(`${what}: ${redactText(thrown)}`, undefined, undefined, 'source failed');
  const isTold = isA(thrown, Error) && message !== undefined;
  return badAnswer(isTold ? `${what}: ${redactText(message)}` : what, received, undefined, reasonIn(thrown));
}

/** What an error of an application is due to, by its status, its system code or its name. */
function reasonIn(thrown: unknown): Reason {
  const status = statusesIn(thrown).find((one) => typeof one === 'number' && one >= 400);
  if (status !== undefined) return reasonOfStatus(Number(status), true);
  const words = `${textIn(thrown, 'name')} ${textIn(thrown, 'code')} ${textIn(fieldOf(thrown, 'cause'), 'code')}`;
  if (/TIMEDOUT|ECONNABORTED|TimeoutError|AbortError/.test(words)) return 'timed out';
  const isNetwork = /\bE(CONN|NET|HOST|NOTFOUND|AI_AGAIN)|ERR_NETWORK/.test(words);
  return isNetwork || (words.startsWith('TypeError ') && !isCallFault(thrown))
    ? 'unreachable'
    : 'source failed';
}

/** Whether an error has the status 401 in one of the usual fields of HTTP libraries: no user is signed in. */
const saysUnauthorized = (thrown: unknown): boolean => statusesIn(thrown).includes(401);
