import type { ErrorInfo } from '../../errors/error-info.js';
import { withoutKeys } from './key-form.js';

/** The checks of each examination, in the order in which a client depends on them. */
export const checkNames = [
  'reachable',
  'status',
  'cors',
  'answer time',
  'content type',
  'nosniff',
  'caching',
  'size',
  'key',
  'format',
  'token length',
  'clock',
  'freshness',
  'ttl',
  'clientId',
  'capability',
  'client type',
] as const;

/** The checks of some examinations. */
export const rareCheckNames = ['embedded token', 'device clientId'] as const;

export type CheckName = (typeof checkNames)[number] | (typeof rareCheckNames)[number];

/** The error that a problem causes in clients. */
export interface CausedError {
  readonly code: number;
  readonly statusCode: number;
  readonly message: string;
}

/** The result of one check. */
export interface Verdict {
  readonly check: CheckName;
  /**
   * `problem`: clients fail, or get more rights than they should. `warning`: this happens in some cases. `skipped`: it
   * was not checked, and `observed` says why.
   */
  readonly level: 'ok' | 'warning' | 'problem' | 'skipped';
  readonly observed: string;
  /** What to do; present for a warning and a problem. */
  readonly remedy?: string;
  /** What the endpoint said when it refused, redacted. */
  readonly said?: string;
  /** Absent if clients notice nothing. */
  readonly error?: CausedError;
}

export const ok = (check: CheckName, observed: string): Verdict => ({ check, level: 'ok', observed });

export const skipped = (check: CheckName, why: string): Verdict => ({
  check,
  level: 'skipped',
  observed: `not checked: ${why}`,
});

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
  return { code, statusCode, message: withoutKeys(message) };
}
