import { safeCause, shownName } from '../errors/cause.js';
import { copyOf } from '../errors/copies.js';
import { type ErrorInfo, isOwnError } from '../errors/error-info.js';
import { MOST_CAUSES } from '../errors/originals.js';
import { MOST_DETAILS, receivedHref } from '../errors/received-error.js';
import { adviceFor } from '../errors/remedies.js';
import { entriesIn, fieldOf, textIn } from '../redaction/received.js';
import { redactKnown, redactText } from '../redaction/text.js';

/**
 * The same error without secrets: an application can write anything into an error, also into an ErrorInfo. It
 * is the same object if nothing has to be changed.
 * @param secrets texts that are always replaced
 */
export function redactedError(error: ErrorInfo, secrets: readonly string[] = []): ErrorInfo {
  return new Redaction(secrets, redactText).error(error, 1);
}

/** The same error without these secrets. Texts that only look like secrets stay. */
export function withoutSecrets(error: ErrorInfo, secrets: readonly string[]): ErrorInfo {
  return new Redaction(secrets, redactKnown).error(error, 1);
}

class Redaction {
  readonly #secrets: readonly string[];
  readonly #redact: typeof redactKnown;

  constructor(secrets: readonly string[], redact: typeof redactKnown) {
    this.#secrets = secrets;
    this.#redact = redact;
  }

  error(error: ErrorInfo, depth: number): ErrorInfo {
    const { code, message } = error;
    const requestId = textIn(error, 'requestId');
    const told = {
      message: this.#text(message),
      href: receivedHref(fieldOf(error, 'href'), this.#secrets),
      remediation: this.#remediation(code, textIn(error, 'remediation')),
      requestId: requestId === undefined ? undefined : this.#text(requestId),
      retryAfterMs: spanIn(error, 'retryAfterMs'),
      cause: this.#cause(fieldOf(error, 'cause'), depth),
    };
    const isClear = Object.entries(told).every(([name, part]) => fieldOf(error, name) === part);
    const given = fieldOf(error, 'detail');
    const detail = this.#detail(given);
    const name = textIn(error, 'name');
    const isNameClear = shownName(name, this.#secrets) === name;
    if (isClear && isNameClear && areSame(given, detail) && hasNoMore(error)) return error;
    const { href = null, remediation = null } = told;
    return copyOf(error, { ...told, href, remediation, detail }, this.#secrets);
  }

  #cause(cause: unknown, depth: number): unknown {
    const own = (given: unknown, at: number): unknown => {
      if (!isOwnError(given)) return undefined;
      return at < MOST_CAUSES ? this.error(given, at + 1) : null;
    };
    return safeCause(cause, own, this.#secrets, depth) ?? undefined;
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
    return this.#redact(text, this.#secrets);
  }
}

/** Whether an error has the fields of an ErrorInfo, and nothing more that can hold a secret. */
const hasNoMore = (error: ErrorInfo): boolean =>
  entriesIn(error, MOST_DETAILS).every(
    ([name, value]) => FIELDS.includes(name) || ['number', 'boolean'].includes(typeof value),
  );

const FIELDS: readonly string[] = [
  ...[
    'name',
    'code',
    'statusCode',
    'remediation',
    'href',
    'retryAfterMs',
    'requestId',
    'detail',
    'origin',
    'reason',
  ],
];

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
