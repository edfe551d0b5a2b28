import { type ErrorCode, errorCodes } from '../error-codes.js';
import { ErrorInfo, isOwnError } from '../errors.js';
import { maskForeign, maskKnown } from '../foreign-text.js';
import { toldHref } from '../http/error-response.js';

/** How many causes of causes are looked at; no more are ever told. */
const DEEPEST = 6;

/**
 * The same error with nothing in it that might be a secret: an application may say anything, in an
 * ErrorInfo as well. Where there is nothing to take out it is the same object.
 * @param secrets what was sent, and must not come back in a message
 */
export function cleared(error: ErrorInfo, secrets: readonly string[] = []): ErrorInfo {
  return new Clearing(secrets).error(error, 0);
}

class Clearing {
  readonly #secrets: readonly string[];

  constructor(secrets: readonly string[]) {
    this.#secrets = secrets;
  }

  error(error: ErrorInfo, depth: number): ErrorInfo {
    const { code, statusCode, retryAfterMs, origin } = error;
    const told = {
      message: this.#text(error.message),
      href: toldHref(error.href, this.#secrets) ?? `https://help.ably.io/error/${code}`,
      remediation: this.#remediation(error),
      requestId: error.requestId === undefined ? undefined : this.#text(error.requestId),
      cause: this.#cause(error.cause, depth + 1),
    };
    const detail = this.#detail(error.detail);
    const isClear = Object.entries(told).every(([name, part]) => error[name as keyof ErrorInfo] === part);
    if (isClear && JSON.stringify(detail) === JSON.stringify(error.detail)) return error;
    return new ErrorInfo({ code, statusCode, retryAfterMs, origin, ...told, detail });
  }

  /** What looks like a secret in a stranger's error is taken out wherever that is told. */
  #cause(cause: unknown, depth: number): unknown {
    if (depth > DEEPEST) return undefined;
    if (isOwnError(cause)) return this.error(cause, depth);
    if (!(cause instanceof Error)) return cause;
    const { name, code } = cause as Error & { readonly code?: unknown };
    const message = maskKnown(cause.message, this.#secrets);
    const behind = this.#cause(cause.cause, depth + 1);
    if (behind === cause.cause && message === cause.message) return cause;
    return Object.assign(new Error(message, { cause: behind }), { name }, code === undefined ? {} : { code });
  }

  /** Advice of ours has long names of options in it. */
  #remediation({ code, remediation }: ErrorInfo): string | undefined {
    const isOurs = remediation === undefined || remediation === errorCodes[code as ErrorCode]?.remediation;
    return isOurs ? remediation : this.#text(remediation);
  }

  #detail(detail: ErrorInfo['detail']): ErrorInfo['detail'] {
    if (detail === undefined) return undefined;
    const entries = Object.entries(detail).map(([name, text]) => [
      this.#text(name),
      this.#text(String(text)),
    ]);
    return Object.fromEntries(entries);
  }

  #text(text: string): string {
    return maskForeign(text, this.#secrets);
  }
}
