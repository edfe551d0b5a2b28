import { fieldOf } from '../redaction/received.js';

const REASONS: readonly Reason[] = [
  'first',
  'renewal',
  'capability',
  'authorize',
  'expired',
  'revoked',
  'refused',
  'wrong identity',
  'not permitted',
  'forbidden',
  'not signed in',
  'signed out',
  'unreachable',
  'timed out',
  'rate limited',
  'server failed',
  'source failed',
  'malformed',
  'connection lost',
  'closed',
  'no means',
  'invalid',
  'unknown',
];

/** A reason; undefined for anything else. */
export const knownReason = (given: unknown): Reason | undefined => REASONS.find((known) => known === given);

/**
 * Why something happened, in one or two words, for programs: errors, events, `auth.explain()` and the records of the
 * log have it. `reasons` says what each one means.
 */
export type Reason =
  // Why a token is asked for.
  | 'first'
  | 'renewal'
  | 'capability'
  | 'authorize'
  // What is wrong with a token, or was, or with those who ask for one.
  | 'expired'
  | 'revoked'
  | 'refused'
  | 'wrong identity'
  | 'not permitted'
  | 'forbidden'
  | 'not signed in'
  | 'signed out'
  // What is wrong with who was asked.
  | 'unreachable'
  | 'timed out'
  | 'rate limited'
  | 'server failed'
  | 'source failed'
  | 'malformed'
  // What is wrong here.
  | 'connection lost'
  | 'closed'
  | 'no means'
  | 'invalid'
  | 'unknown';

/** Codes that say more than their status. The key of a range is the code without its last digit. */
const BY_CODE: Readonly<Record<number, Reason>> = {
  40102: 'wrong identity',
  40106: 'no means',
  4013: 'revoked',
  40141: 'revoked',
  40142: 'expired',
  4014: 'refused',
  4016: 'not permitted',
  40170: 'source failed',
  40171: 'no means',
  50003: 'timed out',
  80014: 'timed out',
  8000: 'connection lost',
  80016: 'connection lost',
  80017: 'closed',
  80018: 'connection lost',
};

/** What an error is due to. The code of an application's error may mean anything: of that the status counts. */
export function reasonOf(
  {
    code,
    statusCode,
    origin,
  }: { readonly code: number; readonly statusCode: number; readonly origin: string },
  cause: unknown,
): Reason {
  // The connection got no token: the error of the Auth says why.
  if (code === 80019) return knownReason(fieldOf(cause, 'reason')) ?? 'unknown';
  const isForeign = origin === 'source';
  const byCode = isForeign && code !== 40170 ? undefined : (BY_CODE[code] ?? BY_CODE[Math.floor(code / 10)]);
  return byCode ?? reasonOfStatus(statusCode, isForeign);
}

/** @param isForeign the application's endpoint, or its `authCallback`, says so */
export function reasonOfStatus(status: number, isForeign: boolean): Reason {
  if (status === 401) return isForeign ? 'not signed in' : 'refused';
  // Ably's service does not know the key.
  if (status === 404 && !isForeign) return 'refused';
  if (status === 403) return 'forbidden';
  if (status === 429) return 'rate limited';
  if (status === 408 || status === 504) return 'timed out';
  if (status >= 500) return 'server failed';
  return isForeign ? 'source failed' : 'invalid';
}
