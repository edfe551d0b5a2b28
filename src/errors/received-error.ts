import { entriesIn, fieldOf, parseJson } from '../redaction/received.js';
import { redactText } from '../redaction/text.js';
import { receivedAdvice } from './copies.js';
import { ErrorInfo } from './error-info.js';

/** A received error: its two numbers are checked, its other fields may have any value. */
export interface ReceivedError {
  readonly code: number;
  readonly statusCode: number;
  readonly message?: unknown;
  readonly remediation?: unknown;
  readonly href?: unknown;
  readonly cause?: unknown;
  readonly requestId?: unknown;
  readonly detail?: unknown;
}

/** What is known besides the error itself. */
interface AroundIt {
  readonly retryAfterMs?: number | undefined;
  /** The values that were sent to the other party: no message may repeat them. */
  readonly secrets?: readonly string[];
  /** Used instead of the received cause. */
  readonly cause?: unknown;
  /**
   * Whose error it is. The codes of an application may mean anything: without a link of its own it gets
   * none, where one of Ably's has the page of its code (TI5), the default.
   */
  readonly by?: 'ably' | 'application';
}

/**
 * The `{ error }` that Ably's services, and endpoints made after them, answer with.
 * @param status to fill in where the error does not name one
 */
export function receivedError(body: string, status?: number): ReceivedError | undefined {
  try {
    return readError(fieldOf(parseJson(body), 'error'), status);
  } catch {
    return undefined;
  }
}

/**
 * Reads a value that may be an error in Ably's form: each field once, and the two numbers are checked.
 * @param status to fill in where the error does not name one
 */
export function readError(given: unknown, status?: number): ReceivedError | undefined {
  const code = fieldOf(given, 'code');
  const told = fieldOf(given, 'statusCode');
  const statusCode = isCode(told) ? told : status;
  if (!isCode(code) || statusCode === undefined) return undefined;
  return {
    code,
    statusCode,
    message: fieldOf(given, 'message'),
    remediation: fieldOf(given, 'remediation'),
    href: fieldOf(given, 'href'),
    cause: fieldOf(given, 'cause'),
    requestId: fieldOf(given, 'requestId'),
    detail: fieldOf(given, 'detail'),
  };
}

/** A code or a status. */
function isCode(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

/** For refusals of the service that an option here prevents: what to do, where the service does not say it. */
const serviceAdvice: Readonly<Record<number, string>> = {
  40167:
    "A server's token must be a JWT with the claim x-ably-clientType: \"server\": return clientType: 'server' from the grant, or connect with the key. A user's device must pass clientType: 'device'.",
  40168:
    "Pass the option clientType: 'device' or 'server'. With ablyJs: transportParams: { clientType } of the SDK. A server's token needs a claim too, see 40167.",
};

/** The same error without possible secrets, and with its own advice only. @see TI1, TI6 */
export function fromReceived(
  told: ReceivedError,
  { retryAfterMs, secrets = [], cause, by = 'ably' }: AroundIt = {},
): ErrorInfo {
  const { code, statusCode, message, href, requestId, detail } = told;
  return new ErrorInfo({
    code,
    statusCode,
    message: receivedMessage(message, secrets),
    remediation: receivedAdvice(told, secrets) ?? (by === 'ably' ? serviceAdvice[code] : undefined),
    href: receivedHref(href, secrets) ?? (by === 'ably' ? undefined : null),
    cause: cause ?? toldCause(told.cause, secrets, by),
    retryAfterMs,
    requestId: typeof requestId === 'string' ? redactText(requestId, secrets) : undefined,
    detail: toldDetail(detail, secrets),
    origin: 'server',
  });
}

/** An error in a message of Ably's server. undefined: it has no numbers. */
export function errorOfServer(given: unknown, secrets: readonly string[]): ErrorInfo | undefined {
  const told = readError(given);
  return told && fromReceived(told, { secrets });
}

/** A received text, safe to show. */
export function receivedMessage(message: unknown, secrets: readonly string[] = []): string {
  return typeof message === 'string' && message !== '' ? redactText(message, secrets) : 'no reason was given';
}

/** A link to a page, without query and user. */
export function receivedHref(href: unknown, secrets: readonly string[] = []): string | undefined {
  // Masked first: that cuts what is long.
  const isPlainLink = typeof href === 'string' && redactText(href, secrets) === href;
  return isPlainLink && /^https?:\/\/[^?#@]+$/.test(href) ? href : undefined;
}

/** One received cause is read, and no cause of that cause. */
function toldCause(
  given: unknown,
  secrets: readonly string[],
  by: NonNullable<AroundIt['by']>,
): ErrorInfo | undefined {
  const [code, statusCode] = [fieldOf(given, 'code'), fieldOf(given, 'statusCode')];
  if (!isCode(code)) return undefined;
  return new ErrorInfo({
    code,
    ...(isCode(statusCode) ? { statusCode } : {}),
    message: receivedMessage(fieldOf(given, 'message'), secrets),
    href: by === 'ably' ? undefined : null,
    detail: toldDetail(fieldOf(given, 'detail'), secrets),
    origin: 'server',
  });
}

/** The highest number of details that are read. */
export const MOST_DETAILS = 50;

/** TI6: names and texts. Other values and empty details are left out. */
function toldDetail(
  given: unknown,
  secrets: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const texts = entriesIn(given, MOST_DETAILS).flatMap(([name, value]) =>
    typeof value === 'string' ? [[redactText(name, secrets), redactText(value, secrets)] as const] : [],
  );
  return texts.length === 0 ? undefined : Object.fromEntries(texts);
}
