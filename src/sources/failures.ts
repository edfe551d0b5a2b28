import { type ErrorInfo, isOwnError } from '../errors/error-info.js';
import { fullRedaction } from '../errors/full-redaction.js';
import { fromReceived, receivedError } from '../errors/received-error.js';
import { useRedaction } from '../errors/redaction.js';
import { callFaultRemedy, callFaultText, isCallFault } from '../http/call-fault.js';
import { UnusableBody } from '../platform/body.js';
import { redactText } from '../redaction/text.js';
import { badAnswer } from './answer.js';
import { redactedError } from './redacted-error.js';

export { asForeign } from '../errors/copies.js';
export { followRedirects, redirectedAway } from './follow-redirects.js';
export { redactedError, withoutSecrets } from './redacted-error.js';
export { sourceError } from './source-error.js';

useRedaction(fullRedaction());

/** The error if there is no answer, or none that can be read. The message is our own. The cause is redacted. */
export function unanswered(thrown: unknown, secrets: readonly string[]): ErrorInfo {
  const isCalled = !isCallFault(thrown);
  const what = isCalled ? 'could not be reached' : `was not asked: ${callFaultText(thrown, secrets)}`;
  const { cause } = redactedError(badAnswer(what, thrown), secrets);
  return isCalled
    ? badAnswer(what, cause, undefined, 'unreachable')
    : badAnswer(what, cause, callFaultRemedy, 'invalid');
}

/** What is thrown when the body of an answer cannot be read to its end. */
export function brokenOff(cause: unknown): unknown {
  if (cause instanceof UnusableBody) return badAnswer(`gave ${cause.message}`, cause);
  return isCallFault(cause) ? cause : badAnswer('broke off', cause, undefined, 'unreachable');
}

/** @param fault what is wrong with the value that the option `name` returned */
export const unsendable = (name: string, fault: unknown): ErrorInfo =>
  badAnswer(
    `was not asked: the function ${name} returned a value that cannot be sent: ${isOwnError(fault) ? fault.message : 'it cannot be read'}`,
    undefined,
    'Return an object of names and texts, or a promise of one; null for none.',
  );

/** An answer whose content is not that of a token. @param content undefined: it is not JSON */
export function unreadable(
  type: string | undefined,
  content: unknown,
  secrets: readonly string[],
): ErrorInfo {
  if (type === 'application/json')
    return badAnswer(
      content === undefined
        ? 'answered with JSON that cannot be read'
        : 'answered with a JSON string: send tokens as text/plain',
    );
  const what = type ? `with the content type ${redactText(type, secrets)}` : 'without a content type';
  return badAnswer(`answered ${what}: use application/json, text/plain or application/jwt`);
}

/**
 * RSA4e: an error in Ably's form, with its own advice and link. undefined: the body has none.
 * @param status 403: it counts, whatever the error says (RSA4d)
 */
export function errorIn(
  body: string,
  status: number,
  around: { readonly retryAfterMs: number | undefined; readonly secrets: readonly string[] },
): ErrorInfo | undefined {
  const told = receivedError(body);
  if (told === undefined) return undefined;
  return status === 403
    ? fromReceived({ ...told, statusCode: 403 }, { secrets: around.secrets, by: 'application' })
    : fromReceived(told, { ...around, by: 'application' });
}
