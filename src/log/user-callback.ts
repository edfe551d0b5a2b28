import { shownText } from '../errors/redaction.js';
import { fieldOf, textIn } from '../redaction/received.js';
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
  return (thrown) => log(`${who} failed: ${faultText(thrown)}`, 'error');
}

/** The name, message and position of an error, without secrets. */
function faultText(thrown: unknown): string {
  const message = typeof thrown === 'string' ? thrown : textIn(thrown, 'message');
  const name = textIn(thrown, 'name') ?? typeof thrown;
  const place = PLACE.exec((textIn(thrown, 'stack') ?? '').slice(0, LONGEST_STACK))?.[1];
  return [`${name}: ${message ?? 'without a message'}`, ...(place === undefined ? [] : [`(${place})`])]
    .map((part) => shownText(part))
    .join(' ');
}

const LONGEST_STACK = 4_096;

/** The file, line and column of the first call in a stack. */
const PLACE = /^ +at .*?([^/\\()\s]{1,80}:\d{1,9}:\d{1,9})\)?$/m;
