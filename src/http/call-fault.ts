import { ErrorInfo } from '../errors/error-info.js';
import { redactText } from '../redaction/text.js';

/** More of a message than this tells nothing more. */
const LONGEST = 300;

/** What JavaScript itself throws where a call is wrong; platforms also throw the first where there is no network. */
const MISTAKES = ['TypeError', 'ReferenceError', 'RangeError', 'SyntaxError'];

/** How browsers and runtimes say, with a TypeError, that the network failed. */
const NETWORK =
  /fetch failed|failed to fetch|load failed|network|connect|socket|terminated|timed? ?out|offline|internet|host|dns|certificate|ssl|tls|refused|reset|cancell?ed|access-control|preflight|error sending request|(body|input) stream/i;

/** Where words of those above may stand as well: what platforms say of a call, and engines of a mistake. */
const WRONG_CALL =
  /illegal invocation|failed to execute|(parse|invalid|valid) url|not an? (function|object|constructor)|\b(undefined|null)\b|cannot (be constructed|read|set|destructure)/i;

/** What Cloudflare Workers do not do at all; they say so with a plain Error. */
const REFUSED =
  /is not implemented|on behalf of a different request|within global scope|too many subrequests/i;

/**
 * Whether what a `fetch`, or reading what it gave, failed with says that the call is wrong: a receiver or
 * an option it does not take, a mistake in a `fetch` made by hand, an answer that is no Response. No host
 * is to blame for that, and another would do no better.
 */
export function isCallFault(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null) return false;
  const { name, message } = thrown as { readonly name?: unknown; readonly message?: unknown };
  const text = typeof message === 'string' ? message.slice(0, LONGEST) : '';
  if (REFUSED.test(text)) return true;
  if (typeof name !== 'string' || !MISTAKES.includes(name)) return false;
  return name !== 'TypeError' || WRONG_CALL.test(text) || !NETWORK.test(text);
}

/** @param secrets what was sent, and must not come back in the message */
export function callFaultText(thrown: unknown, secrets: readonly string[] = []): string {
  const { message } = thrown as { readonly message?: unknown };
  const said = typeof message === 'string' && message !== '' ? `: ${redactText(message, secrets)}` : '';
  return `fetch itself failed, not the network${said}`;
}

export const callFaultRemedy =
  'Look at the cause: it comes from the fetch option of this client, or from what that function returned.';

/** The same as an error, of a request to the service. */
export function callFault(thrown: unknown, secrets: readonly string[]): ErrorInfo {
  return new ErrorInfo({
    code: 40170,
    statusCode: 401,
    message: callFaultText(thrown, secrets),
    remediation: callFaultRemedy,
    cause: thrown,
  });
}
