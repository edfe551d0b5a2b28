import { ErrorInfo, isOwnError, originOf, strangerWith } from '../errors/error-info.js';
import { adviceFor } from '../errors/remedies.js';
import { MOST_DETAILS, receivedHref } from '../http/error-response.js';
import { entriesIn, fieldOf, isA, textIn } from '../redaction/received.js';
import { redactKnown, redactText } from '../redaction/text.js';

/** How many nested causes are read and shown. */
const DEEPEST = 6;

/**
 * A copy of the error without anything that may be a secret: an application may write anything, in an ErrorInfo
 * too. An error without secrets is returned itself.
 * @param secrets the values that were sent, which must not appear in a message
 */
export function redactedError(error: ErrorInfo, secrets: readonly string[] = []): ErrorInfo {
  return new Clearing(secrets).error(error, 0);
}

class Clearing {
  readonly #secrets: readonly string[];

  constructor(secrets: readonly string[]) {
    this.#secrets = secrets;
  }

  error(error: ErrorInfo, depth: number): ErrorInfo {
    const { code, statusCode, message } = error;
    const [requestId, behind] = [textIn(error, 'requestId'), fieldOf(error, 'cause')];
    const told = {
      message: this.#text(message),
      href: receivedHref(fieldOf(error, 'href'), this.#secrets),
      remediation: this.#remediation(code, textIn(error, 'remediation')),
      requestId: requestId === undefined ? undefined : this.#text(requestId),
      retryAfterMs: spanIn(error, 'retryAfterMs'),
      cause: this.#cause(behind, depth + 1),
    };
    const isClear = Object.entries(told).every(([name, part]) => fieldOf(error, name) === part);
    const given = fieldOf(error, 'detail');
    const detail = this.#detail(given);
    if (isClear && areSame(given, detail)) return error;
    const { href = null, remediation = null } = told;
    const origin = originOf(error);
    return new ErrorInfo({ code, statusCode, origin, ...told, href, remediation, detail });
  }

  /** Removes everything that looks like a secret from a received error. */
  #cause(cause: unknown, depth: number): unknown {
    if (depth > DEEPEST) return undefined;
    if (isOwnError(cause)) return this.error(cause, depth);
    if (!isA(cause, Error)) return cause;
    const given = textIn(cause, 'message');
    const before = fieldOf(cause, 'cause');
    const message = redactKnown(given ?? '', this.#secrets);
    const behind = this.#cause(before, depth + 1);
    return behind === before && message === given ? cause : strangerWith(cause, message, behind);
  }

  /** Latchkey's own advice contains long names of options. */
  #remediation(code: number, remediation: string | undefined): string | undefined {
    return remediation === undefined || remediation === adviceFor(code)
      ? remediation
      : this.#text(remediation);
  }

  #detail(given: unknown): ErrorInfo['detail'] {
    if (given === undefined) return undefined;
    const entries = entriesIn(given, MOST_DETAILS).flatMap(([name, text]) =>
      typeof text === 'string' ? [[this.#text(name), this.#text(text)] as const] : [],
    );
    return Object.fromEntries(entries);
  }

  #text(text: string): string {
    return redactText(text, this.#secrets);
  }
}

/** A number of ms. undefined: the value is none. */
function spanIn(error: ErrorInfo, name: string): number | undefined {
  const ms = fieldOf(error, name);
  return Number.isFinite(ms) && Number(ms) >= 0 ? Number(ms) : undefined;
}

function areSame(given: unknown, detail: ErrorInfo['detail']): boolean {
  const [before, after] = [entriesIn(given, MOST_DETAILS + 1), Object.entries(detail ?? {})];
  return (
    before.length === after.length &&
    before.every(([name, text], index) => name === after[index]?.[0] && text === after[index]?.[1])
  );
}
