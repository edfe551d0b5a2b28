import { ErrorInfo } from '../errors/error-info.js';
import { textIn } from '../redaction/received.js';
import { redactText } from '../redaction/text.js';

/** How many characters of a message are read. */
const LONGEST = 300;

/** The errors that JavaScript throws for a wrong call. Platforms also throw a TypeError if there is no network. */
const MISTAKES = ['TypeError', 'ReferenceError', 'RangeError', 'SyntaxError'];

/** Messages of a TypeError by which browsers and runtimes say that the network failed. */
const NETWORK =
  /fetch failed|failed to fetch|load failed|network|connect|socket|terminated|timed? ?out|offline|internet|host|dns|certificate|ssl|tls|refused|reset|cancell?ed|access-control|preflight|error sending request|(body|input) stream/i;

/** Messages about a wrong call that may also contain words of {@link NETWORK}. */
const WRONG_CALL =
  /illegal invocation|failed to execute|(parse|invalid|valid) url|not an? (function|object|constructor)|\b(undefined|null)\b|cannot (be constructed|read|set|destructure)/i;

/** The message of Cloudflare Workers, a plain Error, for an option of fetch that they do not have. */
const REFUSED =
  /is not implemented|on behalf of a different request|within global scope|too many subrequests/i;

/**
 * Whether an error of `fetch`, or of reading its answer, says that the call itself is wrong: a wrong `this`, an
 * unknown option, a fault in the `fetch` option of the application, or an answer that is no Response. Then no
 * other host is tried, because the fault is not in the host.
 */
export function isCallFault(thrown: unknown): boolean {
  const [name, message] = [textIn(thrown, 'name') ?? '', textIn(thrown, 'message') ?? ''];
  const text = message.slice(0, LONGEST);
  if (REFUSED.test(text)) return true;
  if (!MISTAKES.includes(name)) return false;
  return name !== 'TypeError' || WRONG_CALL.test(text) || !NETWORK.test(text);
}

/** @param secrets values that were sent and must not appear in the message */
export function callFaultText(thrown: unknown, secrets: readonly string[]): string {
  const said = redactText(textIn(thrown, 'message') ?? '', secrets);
  return `fetch itself failed, not the network${said && `: ${said}`}`;
}

export const callFaultRemedy =
  'Look at the cause: it comes from the fetch option of this client, or from what that function returned.';

/** The error for a wrong call in a request to the service. */
export function callFault(thrown: unknown, secrets: readonly string[]): ErrorInfo {
  return new ErrorInfo({
    code: 40170,
    reason: 'invalid',
    message: callFaultText(thrown, secrets),
    remediation: callFaultRemedy,
    cause: thrown,
  });
}
