import { isBranded } from './brand.js';
import { type ErrorCode, errorCodes } from './error-codes.js';
import { maskForeign } from './foreign-text.js';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

const BRAND: unique symbol = Symbol.for('latchkey.ErrorInfo') as never;

/**
 * Who says that something is wrong: `latchkey` itself; the `server`, by an answer or a protocol message; or
 * the application's `source` of tokens, whose codes may mean anything and decide nothing.
 */
export type ErrorOrigin = 'latchkey' | 'server' | 'source';

/** What an {@link ErrorInfo} is made from. */
export interface ErrorInfoInit {
  readonly code: number;
  /** HTTP-like status. Default: the code's first three digits, or 400 where those are no status. */
  readonly statusCode?: number;
  readonly message: string;
  /** What to do about it. Default: the advice that stands in the code table. */
  readonly remediation?: string | undefined;
  readonly cause?: unknown;
  /** A page about the error. Default: `https://help.ably.io/error/<code>` (TI5). */
  readonly href?: string | undefined;
  /** How long the server asked callers to wait, in ms (`Retry-After`). */
  readonly retryAfterMs?: number | undefined;
  /** The request it is about, as the server calls it. @see RSC7c */
  readonly requestId?: string | undefined;
  /** More about it, name by name. @see TI6 */
  readonly detail?: Readonly<Record<string, string>> | undefined;
  /** Who says it. Default: `latchkey`. */
  readonly origin?: ErrorOrigin | undefined;
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
  readonly remediation: string | undefined;
  readonly href: string;
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;
  readonly detail: Readonly<Record<string, string>> | undefined;
  /**
   * Who says it. It is a field like the others, so that copies and {@link toJSON} keep it. In what came over
   * a wire it proves nothing, and is not read.
   */
  readonly origin: ErrorOrigin;

  constructor(init: ErrorInfoInit) {
    super(init.message);
    if (init.cause !== undefined) hideBehindGetter(this, init.cause);
    this.code = init.code;
    this.statusCode = init.statusCode ?? statusOf(init.code);
    this.remediation = init.remediation ?? errorCodes[init.code as ErrorCode]?.remediation;
    this.href = init.href ?? `https://help.ably.io/error/${init.code}`;
    this.retryAfterMs = init.retryAfterMs;
    this.requestId = init.requestId;
    this.origin = knownOrigin(init.origin) ?? 'latchkey';
    const { detail = {} } = init;
    this.detail = Object.keys(detail).length === 0 ? undefined : Object.freeze({ ...detail });
  }

  /** @internal */
  get [BRAND](): true {
    return true;
  }

  /** Plain data, the cause included; never the stack. */
  toJSON(): Record<string, unknown> {
    const { code, statusCode, message, remediation, href, retryAfterMs, requestId, detail, origin } = this;
    const cause = describeCause(this.cause);
    return {
      name: this.name,
      code,
      statusCode,
      message,
      href,
      origin,
      ...(remediation === undefined ? {} : { remediation }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(requestId === undefined ? {} : { requestId }),
      ...(detail === undefined ? {} : { detail }),
      ...(cause === undefined ? {} : { cause }),
    };
  }

  /** What `console.log` shows in Node: as {@link toJSON}, nothing of a cause that might be a secret. */
  [INSPECT](): string {
    const cause = describeCause(this.cause);
    const frames = (this.stack ?? '').split('\n').filter((line) => /^ +at /.test(line));
    return `${[this.toString(), ...frames].join('\n')}${cause === undefined ? '' : `\n  [cause]: ${JSON.stringify(cause)}`}`;
  }

  override toString(): string {
    const { name, code, statusCode, message, remediation, href } = this;
    const told = /[.!?…]$/.test(message) ? message : `${message}.`;
    return [`${name} ${code}/${statusCode}: ${told}`, remediation, `See ${href}`]
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
  if (typeof value !== 'object' || value === null) return false;
  const { code, statusCode } = value as Record<string, unknown>;
  return typeof code === 'number' && typeof statusCode === 'number';
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

/** Whether it is an ErrorInfo, of this copy of the package or of another. */
export const isOwnError = (value: unknown): value is ErrorInfo =>
  isBranded(value, BRAND) && isErrorInfo(value) && typeof value.message === 'string';

/**
 * Any thrown value as an ErrorInfo: one of ours unchanged; one of another copy of the package, and a copy of
 * one, with the same origin; Ably-like ones copied; others under `fallback`.
 */
export function toErrorInfo(thrown: unknown, fallback: ErrorInfoInit): ErrorInfo {
  if (thrown instanceof ErrorInfo) return thrown;
  if (isOwnError(thrown)) return Object.assign(new ErrorInfo(thrown), { stack: thrown.stack });
  if (isErrorInfo(thrown)) {
    const { code, statusCode, message, href, cause, origin } = thrown as ErrorInfo;
    return new ErrorInfo({
      code,
      statusCode,
      message: maskForeign(typeof message === 'string' ? message : fallback.message),
      href: plainLink(href),
      cause,
      origin: knownOrigin(origin) ?? 'server',
    });
  }
  return new ErrorInfo({ ...fallback, cause: thrown });
}

const knownOrigin = (given: unknown): ErrorOrigin | undefined =>
  (['latchkey', 'server', 'source'] as const).find((known) => known === given);

/**
 * The same error, said by the application's source: it is passed on, but its code has no say in what is done
 * next. The application's own object stays as it is.
 */
export function asForeign(error: ErrorInfo): ErrorInfo {
  if (isForeign(error)) return error;
  const copy = Object.setPrototypeOf(new ErrorInfo(error), Object.getPrototypeOf(error)) as ErrorInfo;
  return Object.assign(copy, error, { origin: 'source', stack: error.stack });
}

/** Whether an application's source gave it: its code may mean anything. */
export const isForeign = ({ origin }: ErrorInfo): boolean => origin === 'source';

function statusOf(code: number): number {
  const status = Math.floor(code / 100);
  return status >= 400 && status < 600 ? status : 400;
}

function plainLink(href: unknown): string | undefined {
  return typeof href === 'string' && maskForeign(href) === href ? href : undefined;
}

/** How many causes of causes are told. */
const DEEPEST = 5;

/** Of a stranger's error its name, its message and what system code it has; of anything else its kind. */
function describeCause(cause: unknown, depth = 1): unknown {
  if (cause === undefined || cause === null) return undefined;
  if (isOwnError(cause)) return cause.toJSON();
  if (!(cause instanceof Error)) return typeof cause === 'object' ? '[object]' : `[${typeof cause}]`;
  const { code } = cause as { code?: unknown };
  const behind = depth < DEEPEST ? describeCause(cause.cause, depth + 1) : undefined;
  return {
    name: toldName(String(cause.name)),
    message: maskForeign(cause.message),
    ...(typeof code === 'string' && SYSTEM_CODE.test(code) ? { code } : {}),
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
  return CLASS_NAME.test(name) ? name : maskForeign(name);
}

/** Long ones, too, which a secret does not look like: PrismaClientKnownRequestError. */
const CLASS_NAME = /^([A-Z][a-z]{2,18})+$/;

/** As Node has them: ECONNREFUSED, UND_ERR_SOCKET. */
const SYSTEM_CODE = /^[A-Z][A-Z0-9_]{2,40}$/;
