import { entriesIn, fieldOf, isA, textIn } from '../redaction/received.js';
import { redactText } from '../redaction/text.js';
import { framesOf, isSystemCode, safeCause, shownName } from './cause.js';
import {
  boundedWaitMs,
  ErrorInfo,
  type ErrorInfoInit,
  isForeign,
  isOfThisCopy,
  isOwnError,
  MOST_FIELDS,
  originOf,
  plainData,
  textsIn,
} from './error-info.js';
import { MOST_CAUSES, noteOriginal, noteThrown, originalOf } from './originals.js';
import { knownReason, type Reason, reasonOf } from './reason.js';
import { adviceFor } from './remedies.js';

/** The members that an application added to an ErrorInfo, as far as they can be printed: numbers and flags. */
const harmlessIn = (error: ErrorInfo): readonly (readonly [string, unknown])[] =>
  entriesIn(error, MOST_FIELDS).filter(([, value]) => ['number', 'boolean'].includes(typeof value));

/**
 * A copy of an ErrorInfo, of the same class, with its fields. Of other members it has numbers and flags only.
 * @param known secrets that are replaced in its stack
 */
export function copyOf(
  error: ErrorInfo,
  changed: Partial<ErrorInfoInit> = {},
  known: readonly string[] = [],
): ErrorInfo {
  const { code, statusCode, message } = error;
  const told = {
    remediation: textIn(error, 'remediation') ?? null,
    href: textIn(error, 'href') ?? null,
    retryAfterMs: boundedWaitMs(fieldOf(error, 'retryAfterMs')),
    requestId: textIn(error, 'requestId'),
    detail: textsIn(fieldOf(error, 'detail')),
    origin: originOf(error),
    reason: givenReason(error),
  };
  const init = { code, statusCode, message, ...told, cause: fieldOf(error, 'cause'), ...changed };
  const copy = new ErrorInfo(init);
  const name = shownName(fieldOf(error, 'name'), known) ?? 'ErrorInfo';
  const frames = framesOf(textIn(error, 'stack') ?? '', message, known);
  Object.assign(copy, {
    ...Object.fromEntries(harmlessIn(error)),
    ...copy,
    name,
    stack: `${name}: ${copy.message}${frames}`,
  });
  if (isOfThisCopy(error)) Object.setPrototypeOf(copy, Object.getPrototypeOf(error));
  noteOriginal(copy, originalOf(error) ?? error);
  return copy;
}

/** The reason that an error was made with; undefined where it follows from the rest of the error. */
function givenReason(error: ErrorInfo): Reason | undefined {
  const { code, statusCode } = error;
  const reason = knownReason(fieldOf(error, 'reason'));
  const byItself = reasonOf(
    { code, statusCode, origin: originOf(error) ?? 'latchkey' },
    fieldOf(error, 'cause'),
  );
  return reason === byItself ? undefined : reason;
}

/** A copy of what is no ErrorInfo of this copy of the package. @see toErrorInfo */
export function copyOfAny(thrown: unknown, fallback: ErrorInfoInit): ErrorInfo {
  if (isOwnError(thrown)) return copyOf(thrown);
  const [code, statusCode] = [fieldOf(thrown, 'code'), fieldOf(thrown, 'statusCode')];
  if (!Number.isSafeInteger(code) || !Number.isSafeInteger(statusCode))
    return new ErrorInfo({ ...fallback, cause: thrown });
  return new ErrorInfo({
    code: Number(code),
    statusCode: Number(statusCode),
    message: redactText(textIn(thrown, 'message') ?? fallback.message),
    remediation: receivedAdvice({ code: Number(code), remediation: fieldOf(thrown, 'remediation') }),
    href: plainLink(fieldOf(thrown, 'href')),
    cause: fieldOf(thrown, 'cause'),
    origin: originOf(thrown) ?? 'server',
  });
}

function plainLink(href: unknown): string | undefined {
  return typeof href === 'string' && redactText(href) === href ? href : undefined;
}

/**
 * The advice that came with a received error, safe to show. undefined: there is none. The advice of our own table
 * for this code does not count, even if the error carries it.
 * @param secrets what the other party was sent, and must not come back
 */
export function receivedAdvice(
  { code, remediation }: { readonly code: number; readonly remediation?: unknown },
  secrets: readonly string[] = [],
): string | undefined {
  const isOwn = typeof remediation === 'string' && remediation !== '' && remediation !== adviceFor(code);
  return isOwn ? redactText(remediation, secrets) : undefined;
}

/**
 * An error that an application threw. If it is an ErrorInfo, or has one as its cause, it is copied with the origin
 * `source`, and without the advice of the code table, which is for Latchkey's own errors. The application's own
 * object does not change.
 */
export function asReceived(thrown: unknown, depth = 0): unknown {
  const received = (given: unknown) => (isOwnError(given) ? ownAsReceived(given, depth) : undefined);
  return received(thrown) ?? (isA(thrown, Error) ? safeCause(thrown, received, [], depth) : thrown);
}

function ownAsReceived(thrown: ErrorInfo, depth: number): ErrorInfo {
  const before = fieldOf(thrown, 'cause');
  const cause = depth < MOST_CAUSES ? asReceived(before, depth + 1) : undefined;
  if (cause === before && isForeign(thrown) && isOfThisCopy(thrown)) return thrown;
  const { code } = thrown;
  const advice = receivedAdvice({ code, remediation: fieldOf(thrown, 'remediation') });
  const copy = copyOf(thrown, { origin: 'source', remediation: advice ?? null, cause });
  noteThrown(copy, thrown);
  return copy;
}

/** The same error with the origin `source`: it is passed on, but its code decides nothing. */
export const asForeign = (error: ErrorInfo): ErrorInfo =>
  isForeign(error) ? error : copyOf(error, { origin: 'source' });

/** What `console.log` prints in Node: the error, the calls of its stack, and its causes. */
export function inspected(error: ErrorInfo): string {
  const cause = causeInWords(fieldOf(error, 'cause'), 1);
  const frames = (textIn(error, 'stack') ?? '').split('\n').filter((line) => /^ +at /.test(line));
  const line = ErrorInfo.prototype.toString.call(error);
  return `${[line, ...frames].join('\n')}${cause === undefined ? '' : `\n  [cause]: ${JSON.stringify(cause)}`}`;
}

/** A foreign error is shown by its name, its message and its system code. Any other value is shown by its type. */
export function causeInWords(cause: unknown, depth: number): unknown {
  if (cause === undefined || cause === null || depth > MOST_CAUSES) return undefined;
  if (isOwnError(cause)) return plainData(cause, depth + 1);
  if (!isA(cause, Error)) return typeof cause === 'object' ? '[object]' : `[${typeof cause}]`;
  const code = fieldOf(cause, 'code');
  const behind = causeInWords(fieldOf(cause, 'cause'), depth + 1);
  return {
    name: shownName(fieldOf(cause, 'name')) ?? 'Error',
    message: redactText(textIn(cause, 'message') ?? ''),
    ...(isSystemCode(code) ? { code } : {}),
    ...(behind === undefined ? {} : { cause: behind }),
  };
}
