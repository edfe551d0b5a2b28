import type { ErrorInfo } from '../../errors/error-info.js';

/** What was looked at. */
export type CheckName =
  | 'reachable'
  | 'status'
  | 'content type'
  | 'cors'
  | 'caching'
  | 'size'
  | 'format'
  | 'key'
  | 'clock'
  | 'freshness'
  | 'ttl'
  | 'clientId'
  | 'capability'
  | 'answer time';

/** The error that clients get, or would get, of a finding. */
export interface CausedError {
  readonly code: number;
  readonly statusCode: number;
  readonly message: string;
}

/** What one look at an endpoint showed. */
export interface Verdict {
  readonly check: CheckName;
  /** `problem`: clients fail, or get what they should not. `warning`: they do under some circumstances. */
  readonly level: 'ok' | 'warning' | 'problem';
  readonly observed: string;
  /** What to do about it; there where the level is not ok. */
  readonly remedy?: string;
  /** Missing where no client would notice. */
  readonly error?: CausedError;
}

export const ok = (check: CheckName, observed: string): Verdict => ({ check, level: 'ok', observed });

export function finding(
  check: CheckName,
  level: 'warning' | 'problem',
  observed: string,
  remedy: string,
  error?: CausedError,
): Verdict {
  return { check, level, observed, remedy, ...(error === undefined ? {} : { error }) };
}

export function causedBy({ code, statusCode, message }: ErrorInfo): CausedError {
  return { code, statusCode, message };
}
