import { redaction, withRedaction } from '../errors/redaction.js';
import { fieldOf } from '../redaction/received.js';
import type { LogHandler } from './log.js';

/**
 * Calls user code, or code that must not throw at this place, such as in a socket, a timer or a stream. An
 * error that it throws, or that its promise rejects with, goes to `failed` only.
 *
 * @param failed receives the error; must not throw
 */
export function callUser(call: () => unknown, failed: (thrown: unknown) => void): void {
  try {
    const returned = call();
    // An `async` function fails later.
    if (typeof fieldOf(returned, 'then') === 'function') {
      Promise.resolve(returned as PromiseLike<unknown>).then(undefined, failed);
    }
  } catch (thrown) {
    failed(thrown);
  }
}

/** Returns a function that logs an error of a user callback; `who` names the callback. */
export function faultLog(log: LogHandler, who: string): (thrown: unknown) => void {
  return (thrown) =>
    withRedaction(() => log(`${who} failed: ${redaction()?.faultText(thrown) ?? typeof thrown}`, 'error'));
}
