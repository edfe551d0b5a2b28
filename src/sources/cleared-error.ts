import { type ErrorCode, errorCodes } from '../error-codes.js';
import { ErrorInfo } from '../errors.js';
import { maskForeign } from '../foreign-text.js';
import { toldHref } from '../http/error-response.js';

/** How many causes of causes are looked at; no more are ever told. */
const DEEPEST = 6;

/**
 * The same error with nothing in it that might be a secret: an application may say anything, in an
 * ErrorInfo as well. Where there is nothing to take out it is the same object.
 */
export function cleared(error: ErrorInfo, depth = 0): ErrorInfo {
  const { code, statusCode, retryAfterMs } = error;
  const told = {
    message: maskForeign(error.message),
    href: toldHref(error.href) ?? `https://help.ably.io/error/${code}`,
    remediation: clearedRemediation(error),
    requestId: error.requestId === undefined ? undefined : maskForeign(error.requestId),
    cause: clearedCause(error.cause, depth + 1),
  };
  const detail = clearedDetail(error.detail);
  const isClear = Object.entries(told).every(([name, text]) => error[name as keyof ErrorInfo] === text);
  if (isClear && JSON.stringify(detail) === JSON.stringify(error.detail)) return error;
  return new ErrorInfo({ code, statusCode, retryAfterMs, ...told, detail });
}

/** A stranger's error is cleared wherever it is told; only what stands behind it may be an ErrorInfo. */
function clearedCause(cause: unknown, depth: number): unknown {
  if (depth > DEEPEST) return undefined;
  if (cause instanceof ErrorInfo) return cleared(cause, depth);
  if (!(cause instanceof Error)) return cause;
  const behind = clearedCause(cause.cause, depth + 1);
  if (behind === cause.cause) return cause;
  const { name, message, code } = cause as Error & { readonly code?: unknown };
  return Object.assign(new Error(message, { cause: behind }), { name }, code === undefined ? {} : { code });
}

/** Advice of ours has long names of options in it. */
function clearedRemediation({ code, remediation }: ErrorInfo): string | undefined {
  const isOurs = remediation === undefined || remediation === errorCodes[code as ErrorCode]?.remediation;
  return isOurs ? remediation : maskForeign(remediation);
}

function clearedDetail(detail: ErrorInfo['detail']): ErrorInfo['detail'] {
  if (detail === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(detail).map(([name, text]) => [maskForeign(name), maskForeign(String(text))]),
  );
}
