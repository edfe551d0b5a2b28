import type { Reason } from './reason.js';

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
