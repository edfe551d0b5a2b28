import type { ErrorInfo } from '../errors/error-info.js';
import { fullRedaction } from '../errors/full-redaction.js';
import { fromReceived, receivedError } from '../errors/received-error.js';
import { useRedaction } from '../errors/redaction.js';
import { callFaultRemedy, callFaultText, isCallFault } from '../http/call-fault.js';
import { badAnswer } from './answer.js';
import { redactedError } from './redacted-error.js';

export { asForeign } from '../errors/copies.js';
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
export const brokenOff = (cause: unknown): unknown =>
  isCallFault(cause) ? cause : badAnswer('broke off', cause, undefined, 'unreachable');

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
