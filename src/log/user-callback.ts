import { fieldOf, textIn } from '../redaction/received.js';
import { redactText } from '../redaction/text.js';
import type { LogHandler } from './log.js';

/**
 * Calls a function that is not ours, or that must not throw where it is called: by a socket, a timer, a
 * stream. What it throws, or what its promise rejects with, goes to `failed` and nowhere else.
 *
 * @param failed never throws
 */
export function callUser(call: () => unknown, failed: (thrown: unknown) => void): void {
  try {
    const returned = call();
    // An `async` listener fails later.
    if (typeof fieldOf(returned, 'then') === 'function') {
      Promise.resolve(returned as PromiseLike<unknown>).then(undefined, failed);
    }
  } catch (thrown) {
    failed(thrown);
  }
}

/** Logs what a user callback failed with; `who` names it. */
export function faultLog(log: LogHandler, who: string): (thrown: unknown) => void {
  return (thrown) => log(`${who} failed: ${faultText(thrown)}`, 'error');
}

/** Name, message and place of what was thrown, without what might be a secret. */
function faultText(thrown: unknown): string {
  const message = typeof thrown === 'string' ? thrown : textIn(thrown, 'message');
  const name = textIn(thrown, 'name') ?? typeof thrown;
  const place = PLACE.exec((textIn(thrown, 'stack') ?? '').slice(0, LONGEST_STACK))?.[1];
  return [`${name}: ${message ?? 'without a message'}`, ...(place === undefined ? [] : [`(${place})`])]
    .map((part) => redactText(part))
    .join(' ');
}

const LONGEST_STACK = 4_096;

/** The file, line and column of the first call in a stack. */
const PLACE = /^ +at .*?([^/\\()\s]{1,80}:\d{1,9}:\d{1,9})\)?$/m;
