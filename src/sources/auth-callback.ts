import { ErrorInfo, isErrorInfo, toErrorInfo } from '../errors.js';
import { maskForeign } from '../foreign-text.js';
import type { ParsedTokenParams } from '../token/token-params.js';
import { badAnswer, readAnswer } from './answer.js';
import type { AuthCallback, AuthCallbackAnswer } from './auth-options.js';
import type { Source } from './port.js';

/** Asks the application's own function. @see RSA8d, RSA4e, RSA4f */
export function authCallbackSource(authCallback: AuthCallback): Source {
  return (params, signal) =>
    ask(authCallback, params, signal).then(readAnswer, (thrown: unknown) => {
      throw asError(thrown);
    });
}

/** The first answer counts, however it comes; the rest is ignored. */
function ask(authCallback: AuthCallback, params: ParsedTokenParams, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callBack = (error: unknown, result?: unknown) => {
      if (error === null || error === undefined) resolve(result);
      else reject(error);
    };
    const callback: AuthCallbackAnswer = Object.assign(callBack, { signal });
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    // A copy: what the application does to it stays its own business.
    const returned: unknown = authCallback({ ...params }, callback);
    if (isThenable(returned)) returned.then(resolve, reject);
    else if (returned !== undefined) resolve(returned);
    else if (authCallback.length < 2)
      reject(badAnswer('returned nothing, and takes no callback to answer through'));
  });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** An error with Ably's two numbers is passed on (RSA4e), 403 above all (RSA4d); any other is a cause. */
function asError(thrown: unknown): ErrorInfo {
  if (thrown instanceof ErrorInfo) return thrown;
  if (isErrorInfo(thrown)) {
    return toErrorInfo({ ...thrown, message: maskForeign(String(thrown.message)), cause: thrown }, unused);
  }
  if (typeof thrown === 'string') return badAnswer(`failed: ${maskForeign(thrown)}`);
  return badAnswer(thrown instanceof Error ? `failed: ${maskForeign(thrown.message)}` : 'failed', thrown);
}

const unused = { code: 40170, message: 'the token source failed' };
