import { adviceFor } from './error-codes.js';
import { maskForeign } from './foreign-text.js';
import { fieldOf, isA, textIn } from './received.js';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** What an {@link ErrorInfo} is made from. */
export interface ErrorInfoInit {
  readonly code: number;
  /** HTTP-like status. Default: the code's first three digits, or 400 where those are no status. */
  readonly statusCode?: number;
  readonly message: string;
  /**
   * What to do about it. Default: the advice that stands in the code table, which is about errors of
   * Latchkey's own; null: none.
   */
  readonly remediation?: string | null | undefined;
  readonly cause?: unknown;
  /** A page about the error. Default: `https://help.ably.io/error/<code>` (TI5); null: none. */
  readonly href?: string | null | undefined;
  /** How long the server asked callers to wait, in ms (`Retry-After`). More than an hour counts as an hour. */
  readonly retryAfterMs?: number | undefined;
  /** The request it is about, as the server calls it. @see RSC7c */
  readonly requestId?: string | undefined;
  /** More about it, name by name. @see TI6 */
  readonly detail?: Readonly<Record<string, string>> | undefined;
}

/**
 * The one error class of Latchkey, with the fields of Ably's ErrorInfo and a remedy.
 *
 * It never holds a key, token, mac or nonce, and its JSON form is safe to log.
 *
 * @example
 * ```ts
 * import { Auth, ErrorInfo } from 'latchkey';
 *
 * try {
 *   new Auth({ key: 'no colon in here' });
 * } catch (error) {
 *   if (error instanceof ErrorInfo) console.error(error.code, error.message, error.remediation);
 * }
 * ```
 * @see TI1–TI6, https://sdk.ably.com/builds/ably/specification/main/features/#TI1
 */
export class ErrorInfo extends Error {
  override readonly name = 'ErrorInfo';
  readonly code: number;
  readonly statusCode: number;
  /** Its own advice, or the table's where the error is Latchkey's own. */
  readonly remediation: string | undefined;
  readonly href: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;
  readonly detail: Readonly<Record<string, string>> | undefined;

  constructor(init: ErrorInfoInit) {
    super(init.message);
    if (init.cause !== undefined) hideBehindGetter(this, init.cause);
    this.code = init.code;
    this.statusCode = init.statusCode ?? statusOf(init.code);
    const { href = `https://help.ably.io/error/${init.code}` } = init;
    if (init.remediation === undefined) adviseByTable(this, init.code);
    else this.remediation = init.remediation ?? undefined;
    this.href = href ?? undefined;
    this.retryAfterMs = boundedWaitMs(init.retryAfterMs);
    this.requestId = init.requestId;
    const { detail = {} } = init;
    this.detail = Object.keys(detail).length === 0 ? undefined : Object.freeze({ ...detail });
  }

  /** Plain data, the cause included; never the stack. */
  toJSON(): Record<string, unknown> {
    return plainData(this, 1);
  }

  /** What `console.log` shows in Node: as {@link toJSON}, nothing of a cause that might be a secret. */
  [INSPECT](): string {
    const cause = describeCause(this.cause, 1);
    const frames = (this.stack ?? '').split('\n').filter((line) => /^ +at /.test(line));
    return `${[this.toString(), ...frames].join('\n')}${cause === undefined ? '' : `\n  [cause]: ${JSON.stringify(cause)}`}`;
  }

  override toString(): string {
    const { name, code, statusCode, message, remediation, href } = this;
    const told = /[.!?…]$/.test(message) ? message : `${message}.`;
    return [`${name} ${code}/${statusCode}: ${told}`, remediation, href && `See ${href}`]
      .filter((part) => part !== undefined)
      .join(' ');
  }
}

/**
 * Whether `value` is an ErrorInfo of ours, or carries the two numbers Ably's errors carry (RSA4e).
 *
 * @example
 * ```ts
 * import { Auth, isErrorInfo } from 'latchkey';
 *
 * const auth = new Auth({ authUrl: 'https://example.com/api/token' });
 * try {
 *   await auth.authorize();
 * } catch (error) {
 *   console.error(isErrorInfo(error) ? error.code : error);
 * }
 * ```
 */
export function isErrorInfo(
  value: unknown,
): value is { code: number; statusCode: number; message: string; href?: string; cause?: unknown } {
  return Number.isSafeInteger(fieldOf(value, 'code')) && Number.isSafeInteger(fieldOf(value, 'statusCode'));
}

/**
 * A token error is one that a new token can cure: status 401 and 40140 ≤ code < 40150.
 *
 * @example
 * ```ts
 * import { isTokenError } from 'latchkey';
 *
 * console.log(isTokenError({ code: 40142, statusCode: 401 }), isTokenError({ code: 40300, statusCode: 403 }));
 * ```
 * @see RSC10, RSA4b
 */
export function isTokenError(error: { code: number; statusCode: number }): boolean {
  return error.statusCode === 401 && error.code >= 40140 && error.code < 40150;
}

/** Whether it is an ErrorInfo whose parts can be relied upon: a Proxy may look like one. */
export function isOwnError(value: unknown): value is ErrorInfo {
  return isA(value, ErrorInfo) && isErrorInfo(value) && textIn(value, 'message') !== undefined;
}

/** Any thrown value as an ErrorInfo: one of ours unchanged, Ably-like ones copied, others under `fallback`. */
export function toErrorInfo(thrown: unknown, fallback: ErrorInfoInit): ErrorInfo {
  if (isOwnError(thrown)) return thrown;
  const [code, statusCode] = [fieldOf(thrown, 'code'), fieldOf(thrown, 'statusCode')];
  if (!Number.isSafeInteger(code) || !Number.isSafeInteger(statusCode))
    return new ErrorInfo({ ...fallback, cause: thrown });
  return new ErrorInfo({
    code: Number(code),
    statusCode: Number(statusCode),
    message: maskForeign(textIn(thrown, 'message') ?? fallback.message),
    remediation: receivedAdvice({ code: Number(code), remediation: fieldOf(thrown, 'remediation') }),
    href: plainLink(fieldOf(thrown, 'href')),
    cause: fieldOf(thrown, 'cause'),
  });
}

const received = new WeakSet<object>();

/** Only when it is read is it known whose error it is. */
function adviseByTable(error: Error, code: number): void {
  let own: { readonly advice: unknown } | undefined;
  Object.defineProperty(error, 'remediation', {
    configurable: true,
    enumerable: true,
    get: () => (own ? own.advice : received.has(error) ? undefined : adviceFor(code)),
    set: (advice: unknown) => {
      own = { advice };
    },
  });
}

/**
 * What an application threw. Where it took this class for that, or for a cause, the error is passed on as it
 * is; only what the table says about its code is written for errors of Latchkey's own, and not given with it.
 */
export function asReceived<T>(thrown: T): T {
  let error: unknown = thrown;
  for (let depth = 0; depth <= DEEPEST && isA(error, Error); depth += 1) {
    if (isA(error, ErrorInfo)) received.add(error);
    error = fieldOf(error, 'cause');
  }
  return thrown;
}

/**
 * The advice that came with an error of another's making, fit to be shown; null: none. What our table says
 * about its code is not meant for it, by whatever way that got there.
 * @param secrets what the other party was sent, and must not come back
 */
export function receivedAdvice(
  { code, remediation }: { readonly code: number; readonly remediation?: unknown },
  secrets: readonly string[] = [],
): string | null {
  const isOwn = typeof remediation === 'string' && remediation !== '' && remediation !== adviceFor(code);
  return isOwn ? maskForeign(remediation, secrets) : null;
}

/** Nothing that comes from outside makes a client wait for longer than this, ms. */
const LONGEST_WAIT_MS = 3_600_000;

/** A wait that somebody else asks for, as far as it is granted; undefined for what is no span of time. */
export function boundedWaitMs(ms: unknown): number | undefined {
  if (typeof ms !== 'number' || Number.isNaN(ms)) return undefined;
  return Math.min(LONGEST_WAIT_MS, Math.max(0, ms));
}

const foreign = new WeakSet<ErrorInfo>();

/** An application's own error: it is passed on as it is, but its code has no say in what is done next. */
export function asForeign(error: ErrorInfo): ErrorInfo {
  foreign.add(error);
  return error;
}

/** Whether an application's source gave it: its code may mean anything. */
export const isForeign = (error: ErrorInfo): boolean => foreign.has(error);

function statusOf(code: number): number {
  const status = Math.floor(code / 100);
  return status >= 400 && status < 600 ? status : 400;
}

function plainLink(href: unknown): string | undefined {
  return typeof href === 'string' && maskForeign(href) === href ? href : undefined;
}

/** How many causes of causes are told. */
const DEEPEST = 5;

/** What is told of an ErrorInfo, in this order. */
const PARTS = [
  ...(['name', 'code', 'statusCode', 'message', 'href'] as const),
  ...(['remediation', 'retryAfterMs', 'requestId', 'detail'] as const),
];

function plainData(error: ErrorInfo, depth: number): Record<string, unknown> {
  const cause = describeCause(fieldOf(error, 'cause'), depth);
  const parts = [...PARTS.map((name) => [name, fieldOf(error, name)] as const), ['cause', cause] as const];
  return Object.fromEntries(parts.filter(([, part]) => part !== undefined));
}

/** Of a stranger's error its name, its message and what system code it has; of anything else its kind. */
function describeCause(cause: unknown, depth: number): unknown {
  if (cause === undefined || cause === null || depth > DEEPEST) return undefined;
  if (isOwnError(cause)) return plainData(cause, depth + 1);
  if (!isA(cause, Error)) return typeof cause === 'object' ? '[object]' : `[${typeof cause}]`;
  const [name, code] = [fieldOf(cause, 'name'), textIn(cause, 'code')];
  const behind = describeCause(fieldOf(cause, 'cause'), depth + 1);
  return {
    name: typeof name === 'string' || typeof name === 'number' ? toldName(String(name)) : 'Error',
    message: maskForeign(textIn(cause, 'message') ?? ''),
    ...(code !== undefined && SYSTEM_CODE.test(code) ? { code } : {}),
    ...(behind === undefined ? {} : { cause: behind }),
  };
}

/**
 * As the platform has a cause, only that what prints an error raw shows no more of it than that there is
 * one: so does Node with an error that nobody caught.
 */
function hideBehindGetter(error: Error, given: unknown): void {
  let cause = given;
  Object.defineProperty(error, 'cause', {
    configurable: true,
    get: () => cause,
    set: (another: unknown) => {
      cause = another;
    },
  });
}

function toldName(name: string): string {
  return name.length <= LONGEST_NAME && CLASS_NAME.test(name) ? name : maskForeign(name);
}

const LONGEST_NAME = 100;

/** Long ones, too, which a secret does not look like: PrismaClientKnownRequestError. */
const CLASS_NAME = /^([A-Z][a-z]{2,18})+$/;

/** As Node has them: ECONNREFUSED, UND_ERR_SOCKET. */
const SYSTEM_CODE = /^[A-Z][A-Z0-9_]{2,40}$/;
