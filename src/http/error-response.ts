import { ErrorInfo, isErrorInfo } from '../errors.js';
import { maskForeign } from '../foreign-text.js';
import { retryAfterMs } from './retry-after.js';

/** An error as another party tells it: the two numbers are there, the rest may be anything. */
export interface ToldError {
  readonly code: number;
  readonly statusCode: number;
  readonly message?: unknown;
  readonly href?: unknown;
  readonly cause?: unknown;
  readonly requestId?: unknown;
  readonly detail?: unknown;
}

/** What is known besides the error itself. */
interface AroundIt {
  readonly retryAfterMs?: number | undefined;
  /** What the other party was sent, and must not come back in a message. */
  readonly secrets?: readonly string[];
  /** Instead of the cause that is told. */
  readonly cause?: unknown;
}

/**
 * An error answer of Ably's REST API, as the error it tells of.
 * @param secrets what was sent, and must not come back in a message
 * @see TI1, TI2
 */
export function errorFrom(
  response: Response,
  body: string,
  wallNow: number,
  secrets: readonly string[] = [],
): ErrorInfo {
  const wait = retryAfterMs(response.headers, wallNow);
  const told = toldError(body, response.status);
  if (told !== undefined) return asTold(told, { retryAfterMs: wait, secrets });
  const { status } = response;
  const code = Number(response.headers.get('x-ably-errorcode')) || status * 100;
  return new ErrorInfo({
    code,
    statusCode: status,
    message: `the server answered ${status}`,
    retryAfterMs: wait,
    origin: 'server',
  });
}

/** No answer came at all. */
export function unreachable(host: string, cause: unknown): ErrorInfo {
  return new ErrorInfo({
    code: 80003,
    statusCode: 503,
    message: `${host} could not be reached`,
    remediation: 'Check the network and the endpoint, port and tls options.',
    cause,
  });
}

/**
 * The `{ error }` that Ably's services, and endpoints made after them, answer with.
 * @param status to fill in where the error does not name one
 */
export function toldError(body: string, status?: number): ToldError | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    const told =
      typeof error === 'object' && error !== null && status !== undefined
        ? { statusCode: status, ...error }
        : error;
    return isErrorInfo(told) ? told : undefined;
  } catch {
    return undefined;
  }
}

/** The same error, with nothing in it that might be a secret. @see TI1, TI6 */
export function asTold(told: ToldError, { retryAfterMs, secrets = [], cause }: AroundIt = {}): ErrorInfo {
  const { code, statusCode, message, href, requestId, detail } = told;
  return new ErrorInfo({
    code,
    statusCode,
    message: toldMessage(message, secrets),
    href: toldHref(href, secrets),
    cause: cause ?? toldCause(told.cause, secrets),
    retryAfterMs,
    requestId: typeof requestId === 'string' ? maskForeign(requestId, secrets) : undefined,
    detail: toldDetail(detail, secrets),
    origin: 'server',
  });
}

/** What another party says, fit to be shown. */
export function toldMessage(message: unknown, secrets: readonly string[] = []): string {
  return typeof message === 'string' && message !== ''
    ? maskForeign(message, secrets)
    : 'no reason was given';
}

/** A link that leads to a page and carries nothing else; without one the error has its own (TI5). */
export function toldHref(href: unknown, secrets: readonly string[] = []): string | undefined {
  const isPlainLink = typeof href === 'string' && /^https?:\/\/[^?#@]+$/.test(href);
  return isPlainLink && maskForeign(href, secrets) === href ? href : undefined;
}

/** An error may tell of the one behind it. */
function toldCause(given: unknown, secrets: readonly string[]): ErrorInfo | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const { code, statusCode = 0, message, detail } = given as Record<string, unknown>;
  if (typeof code !== 'number') return undefined;
  const status = typeof statusCode === 'number' && statusCode > 0 ? { statusCode } : {};
  return new ErrorInfo({
    code,
    ...status,
    message: toldMessage(message, secrets),
    detail: toldDetail(detail, secrets),
    origin: 'server',
  });
}

/** TI6: names and texts; anything else is left out, and so is an empty one. */
function toldDetail(
  given: unknown,
  secrets: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const texts = Object.entries(given).flatMap(([name, value]) =>
    typeof value === 'string' ? [[maskForeign(name, secrets), maskForeign(value, secrets)] as const] : [],
  );
  return texts.length === 0 ? undefined : Object.fromEntries(texts);
}
