import type { ErrorInfo } from '../../errors/error-info.js';

/** The names of the checks. */
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
  | 'client type'
  | 'device clientId'
  | 'answer time';

/** The error that a problem causes in clients. */
export interface CausedError {
  readonly code: number;
  readonly statusCode: number;
  readonly message: string;
}

/** The result of one check. */
export interface Verdict {
  readonly check: CheckName;
  /** `problem`: clients fail, or get more rights than they should. `warning`: this happens in some cases. */
  readonly level: 'ok' | 'warning' | 'problem';
  readonly observed: string;
  /** What to do; present unless the level is ok. */
  readonly remedy?: string;
  /** Absent if clients notice nothing. */
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
