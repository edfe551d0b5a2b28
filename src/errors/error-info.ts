import { entriesIn, fieldOf, isA, textIn } from '../redaction/received.js';
import { lendConsole, rememberSelf, selfOf } from '../surroundings.js';
import { isBranded } from './brand.js';
import { MOST_CAUSES, noteOriginal, originalOf } from './originals.js';
import { knownReason, type Reason, reasonOf } from './reason.js';
import { redaction, shownText } from './redaction.js';
import { adviceFor, pageAbout } from './remedies.js';

// Here, because this module is loaded before XState, whatever an app imports first.
lendConsole();

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

const BRAND: unique symbol = Symbol.for('latchkey.ErrorInfo') as never;

/**
 * Who reports the error: `latchkey` itself; the `server`, by an answer or a protocol message; or the `source`,
 * which is the application's token source. The codes of a source may mean anything, so they decide nothing.
 */
export type ErrorOrigin = 'latchkey' | 'server' | 'source';

/** The fields of a new {@link ErrorInfo}. */
export interface ErrorInfoInit {
  readonly code: number;
  /** A status like those of HTTP. Default: the first three digits of the code, or 400 if they are no status. */
  readonly statusCode?: number;
  readonly message: string;
  /**
   * What to do about the error. Default: the advice of the code table for Latchkey's own errors, and none for
   * others. null: none.
   */
  readonly remediation?: string | null | undefined;
  /** What caused it: {@link ErrorInfo.cause} is a copy of it, {@link ErrorInfo.original} is the object itself. */
  readonly cause?: unknown;
  /** A page about the error. Default: the page about the code. null: none. @see TI5 */
  readonly href?: string | null | undefined;
  /** How long the server asked callers to wait, in ms (`Retry-After`). More than an hour counts as an hour. */
  readonly retryAfterMs?: number | undefined;
  /** The id of the failed request, in the words of the service. @see RSC7c */
  readonly requestId?: string | undefined;
  /** More details by name. @see TI6 */
  readonly detail?: Readonly<Record<string, string>> | undefined;
  /** Who reports the error. Default: `latchkey`. */
  readonly origin?: ErrorOrigin | undefined;
  /** What it is due to. Default: by code, status and origin. */
  readonly reason?: Reason | undefined;
}

class WithOriginal extends Error {
  /**
   * The name of a class of the platform, because `util.inspect` can print the getters of all other classes. No static
   * block: esbuild leaves it in scripts for Chromium 92, which cannot read it.
   */
  static override readonly name = 'Error';

  /**
   * The application's own object that caused the error, as it was thrown: it may hold secrets. No logger
   * prints it.
   */
  get original(): unknown {
    return originalOf(selfOf(this)) ?? fieldOf(fieldOf(this, 'cause'), 'original');
  }
}

/**
 * The one error class of Latchkey, with the fields of Ably's ErrorInfo and a remedy.
 *
 * It never holds a key, token, mac or nonce, and can be logged. Its `cause` is a copy: of the class of the
 * object that caused the error (`instanceof`), with name, message, stack and numeric codes, without secrets.
 * The object itself is {@link ErrorInfo.original}, which no logger prints. In a page the copy has no words and no class
 * until the code for failures is loaded, which happens while a token source is first asked.
 *
 * @example
 * ```ts
 * import { Auth, isErrorInfo } from 'latchkey';
 *
 * try {
 *   new Auth({ key: 'no colon in here' });
 * } catch (error) {
 *   if (isErrorInfo(error)) console.error(error.code, String(error));
 * }
 * ```
 * @see TI1–TI6, https://sdk.ably.com/builds/ably/specification/main/features/#TI1
 */
export class ErrorInfo extends WithOriginal {
  override readonly name = 'ErrorInfo';
  readonly code: number;
  readonly statusCode: number;
  /** The error's own advice, or that of the table if the error is Latchkey's own. */
  readonly remediation: string | undefined;
  readonly href: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;
  readonly detail: Readonly<Record<string, string>> | undefined;

  /**
   * Who reports the error. It is an ordinary field, so copies and {@link toJSON} keep it. It is not read from data
   * that came over a wire, where it would prove nothing.
   */
  readonly origin: ErrorOrigin;

  /** What it is due to, in one or two words, for programs. */
  readonly reason: Reason;

  /** @throws {ErrorInfo} 40003 if a field is invalid */
  constructor(init: ErrorInfoInit) {
    checkInit(init);
    super(init.message ?? '');
    if (init.cause !== undefined) {
      rememberSelf(this);
      keepCause(this, init.cause);
    }
    this.code = init.code;
    this.statusCode = init.statusCode ?? statusOf(init.code);
    const { href = pageAbout(init.code) } = init;
    this.origin = knownOrigin(init.origin) ?? 'latchkey';
    const { remediation = this.origin === 'latchkey' ? adviceFor(init.code) : null } = init;
    this.remediation = remediation ?? undefined;
    this.href = href ?? undefined;
    this.retryAfterMs = boundedWaitMs(init.retryAfterMs);
    this.requestId = init.requestId ?? undefined;
    const detail = init.detail ?? {};
    this.detail = Object.keys(detail).length === 0 ? undefined : Object.freeze({ ...detail });
    this.reason = knownReason(init.reason) ?? reasonOf(this, init.cause);
  }

  /** @internal */
  get [BRAND](): true {
    return true;
  }

  /** The error and its causes as plain data. The stack is not included. */
  toJSON(): Record<string, unknown> {
    return plainData(this, 1);
  }

  /**
   * What `console.log` prints in Node: the data of {@link toJSON}, and no part of a cause that might be a secret.
   */
  [INSPECT](): string {
    return redaction()?.inspected(this) ?? lineOf(this);
  }

  override toString(): string {
    return lineOf(this);
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
 * Whether the error is a token error, which a new token can correct: status 401, and a code from 40140 to 40149.
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
  const code = fieldOf(error, 'code');
  return fieldOf(error, 'statusCode') === 401 && typeof code === 'number' && code >= 40140 && code < 40150;
}

/**
 * Whether a value is an ErrorInfo of this copy of the package or of another copy, and its fields have the right
 * types.
 */
export const isOwnError = (value: unknown): value is ErrorInfo =>
  isBranded(value, BRAND) && isErrorInfo(value) && textIn(value, 'message') !== undefined;

/** Whether an ErrorInfo is of this copy of the package. */
export const isOfThisCopy = (error: ErrorInfo): boolean => isA(error, ErrorInfo);

/**
 * Any thrown value as an ErrorInfo. One of our own is returned unchanged. One of another copy of the package is
 * copied with its origin. An error like those of Ably is copied. Any other value becomes the cause of an error
 * that is made from `fallback`.
 */
export function toErrorInfo(thrown: unknown, fallback: ErrorInfoInit): ErrorInfo {
  if (isOwnError(thrown) && isOfThisCopy(thrown)) return thrown;
  const full = redaction();
  if (full !== undefined) return full.copyOfAny(thrown, fallback);
  const [code, statusCode] = [fieldOf(thrown, 'code'), fieldOf(thrown, 'statusCode')];
  if (!Number.isSafeInteger(code) || !Number.isSafeInteger(statusCode))
    return new ErrorInfo({ ...fallback, cause: thrown });
  const reasonOf = (error: unknown) => knownReason(fieldOf(error, 'reason'));
  return new ErrorInfo({
    ...fallback,
    code: Number(code),
    statusCode: Number(statusCode),
    origin: originOf(thrown) ?? 'server',
    reason: reasonOf(thrown) ?? (code === 80019 ? reasonOf(fieldOf(thrown, 'cause')) : undefined),
    retryAfterMs: boundedWaitMs(fieldOf(thrown, 'retryAfterMs')),
    cause: thrown,
  });
}

/** The code of the error's cause. undefined: the cause has none. */
export const causeCode = ({ cause }: ErrorInfo): unknown => fieldOf(cause, 'code');

/** The origin of an error. undefined: it cannot be read. */
export const originOf = (error: unknown): ErrorOrigin | undefined => knownOrigin(fieldOf(error, 'origin'));

const knownOrigin = (given: unknown): ErrorOrigin | undefined =>
  (['latchkey', 'server', 'source'] as const).find((known) => known === given);

/** More members than any real error has. */
export const MOST_FIELDS = 100;

export const textsIn = (given: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    entriesIn(given, MOST_FIELDS).filter(
      (entry): entry is readonly [string, string] => typeof entry[1] === 'string',
    ),
  );

/** The longest wait that a server or a source can cause, ms. */
const LONGEST_WAIT_MS = 3_600_000;

/** The wait that another party asks for, up to the longest wait. undefined: the value is no duration. */
export function boundedWaitMs(ms: unknown): number | undefined {
  if (typeof ms !== 'number' || Number.isNaN(ms)) return undefined;
  return Math.min(LONGEST_WAIT_MS, Math.max(0, ms));
}

/** Whether the error came from the application's source: then its code may mean anything. */
export const isForeign = (error: ErrorInfo): boolean => originOf(error) === 'source';

/** The type of each field, as `Object.prototype.toString` names it. Null counts as absent, except for the code. */
const FIELDS = {
  Number: ['code', 'statusCode', 'retryAfterMs'],
  String: ['message', 'remediation', 'href', 'requestId', 'origin', 'reason'],
  Object: ['detail'],
} as const;

function checkInit(init: ErrorInfoInit): void {
  const kindOf = (value: unknown) => Object.prototype.toString.call(value).slice(8, -1);
  const wrong = (name: string, kind: string) =>
    new ErrorInfo({ code: 40003, message: `${name} must be of the type ${kind.toLowerCase()}` });
  if (typeof init !== 'object' || init === null) throw wrong('init', 'Object');
  for (const [kind, names] of Object.entries(FIELDS)) {
    for (const name of names) {
      const value = init[name] ?? (name === 'code' ? Number.NaN : null);
      const isWhole = kind !== 'Number' || name === 'retryAfterMs' || Number.isSafeInteger(value);
      if (value !== null && (kindOf(value) !== kind || !isWhole || Number.isNaN(value)))
        throw wrong(name, kind);
    }
  }
}

function statusOf(code: number): number {
  const status = Math.floor(code / 100);
  return status >= 400 && status < 600 ? status : 400;
}

/** The fields of an ErrorInfo that are shown, in this order. */
const PARTS = [
  ...(['name', 'code', 'statusCode', 'message', 'href', 'origin', 'reason'] as const),
  ...(['remediation', 'retryAfterMs', 'requestId', 'detail'] as const),
];

/** An error and its causes. */
export function plainData(error: ErrorInfo, depth: number): Record<string, unknown> {
  const given = fieldOf(error, 'cause');
  const own = isOwnError(given) && depth <= MOST_CAUSES ? plainData(given, depth + 1) : undefined;
  const cause = own ?? redaction()?.causeInWords(given, depth);
  const parts = PARTS.map((name) => [name, partOf(error, name)] as const);
  return Object.fromEntries([...parts, ['cause', cause] as const].filter(([, part]) => part !== undefined));
}

/** A field as it is shown. undefined: it is absent, or has another type, for example in a Proxy. */
function partOf(error: ErrorInfo, name: (typeof PARTS)[number]): unknown {
  const part = fieldOf(error, name);
  if (name === 'detail') return part === undefined ? undefined : textsIn(part);
  return typeof part === 'string' || typeof part === 'number' ? part : undefined;
}

/** The error in one line. */
function lineOf(error: ErrorInfo): string {
  const parts = ['name', 'code', 'statusCode', 'message', 'remediation', 'href'] as const;
  const [name, code, statusCode, message, remediation, href] = parts.map((part) => partOf(error, part));
  const told = /[.!?…]$/.test(String(message)) ? message : `${message}.`;
  return [`${name} ${code}/${statusCode}: ${told}`, remediation, href && `See ${href}`]
    .filter((part) => part !== undefined)
    .join(' ');
}

/**
 * The cause is a copy that can be printed. It is behind a getter, so that an uncaught error is printed
 * without it. Before the code for it is loaded, the copy has the message only.
 */
function keepCause(error: ErrorInfo, given: unknown): void {
  let [cause, by]: [unknown, unknown] = [undefined, null];
  const get = () => {
    const full = redaction();
    if (by !== full) cause = full === undefined ? sketchOf(given) : full.safeCause(given, itself);
    by = full;
    return cause;
  };
  const set = (another: unknown) => {
    [given, by] = [another, null];
    get();
    if (!isOwnError(another)) noteOriginal(error, another);
  };
  set(given);
  Object.defineProperty(error, 'cause', { configurable: true, get, set });
}

const itself = (given: unknown): unknown => (isOwnError(given) ? given : undefined);

function sketchOf(given: unknown): unknown {
  if (isOwnError(given)) return given;
  if (!isA(given, Error)) return undefined;
  return Object.assign(new Error(shownText(textIn(given, 'message') ?? '')), { stack: undefined });
}
