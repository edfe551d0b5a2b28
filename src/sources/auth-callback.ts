import { isOwnError } from '../errors/error-info.js';
import { reasonOf, throwIfAborted } from '../platform/signals.js';
import { textIn } from '../redaction/received.js';
import type { ParsedTokenParams, RequestedTokenParams } from '../token/token-params.js';
import { badAnswer, readAnswer } from './answer.js';
import type { AuthCallback, AuthCallbackAnswer } from './auth-options.js';
import { failed } from './late-failures.js';
import type { Source, SourceCall } from './port.js';

/** The source that calls the application's `authCallback`. @see RSA8d, RSA4e, RSA4f */
export function authCallbackSource(authCallback: AuthCallback): Source {
  return async (params, signal, call) => {
    const answer = await ask(authCallback, params, signal, call).catch(async (thrown: unknown) => {
      if (isOwnError(thrown) && thrown === signal.reason) throw thrown;
      throw await failed(thrown, ({ sourceError }) => sourceError(thrown));
    });
    return readAnswer(answer);
  };
}

/** Takes the first answer, whether returned, promised or called back with. Later answers are ignored. */
function ask(
  authCallback: AuthCallback,
  params: ParsedTokenParams,
  signal: AbortSignal,
  { reason, attempt, isRefused }: SourceCall,
): Promise<unknown> {
  let stop = () => {};
  const answered = new Promise<unknown>((resolve, reject) => {
    throwIfAborted(signal);
    stop = () => reject(reasonOf(signal));
    signal.addEventListener('abort', stop, { once: true });
    const callBack = (error: unknown, result?: unknown) => {
      // As usual in Node: a falsy first argument means that there is no error.
      if (error) reject(error);
      else resolve(result);
    };
    const told: Pick<AuthCallbackAnswer, 'reason' | 'attempt' | 'isRefused'> = {
      reason,
      attempt,
      isRefused: (token) => isRefused(typeof token === 'string' ? token : (textIn(token, 'token') ?? '')),
    };
    const callback: AuthCallbackAnswer = Object.assign(callBack, { signal, ...told });
    // An `async` function that takes the callback may end before it calls back. Then only the deadline ends the wait.
    const takePromised = (given: unknown) => {
      if (given !== undefined || !takesCallback(authCallback)) resolve(given);
    };
    // A copy, because the application may change the object.
    const returned: unknown = authCallback({ ...params } as RequestedTokenParams, callback);
    if (isThenable(returned)) returned.then(takePromised, reject);
    else if (isAnswer(returned, authCallback)) resolve(returned);
    else if (!takesCallback(authCallback))
      reject(badAnswer('returned nothing, and takes no callback to answer through'));
  });
  const settled = () => signal.removeEventListener('abort', stop);
  answered.then(settled, settled);
  return answered;
}

/**
 * Whether the value that a function returned is its answer. A function that takes the callback may return
 * something without meaning, such as the timer in `(_params, callback) => setTimeout(…)`. From such a function
 * only a token counts as an answer.
 */
function isAnswer(returned: unknown, authCallback: AuthCallback): boolean {
  if (!takesCallback(authCallback)) return returned !== undefined;
  if (typeof returned !== 'object' || returned === null) return typeof returned === 'string';
  return 'token' in returned || 'keyName' in returned;
}

/**
 * Whether a function takes the callback. A wrapper with `...args` may pass it on, although its `length` is 0. A
 * function whose second parameter is `{ signal }` cannot call back: if it returns nothing, the error comes at
 * once, not at the deadline.
 */
function takesCallback(authCallback: AuthCallback): boolean {
  const text = Function.prototype.toString.call(authCallback);
  return PASSES_ALL_ON.test(text) || (authCallback.length > 1 && !TAKES_IT_APART.test(text));
}

const PASSES_ALL_ON = /^[^{=]*\.\.\.|\barguments\b/;
const TAKES_IT_APART = /^[^{=]*,\s*\{/;

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
