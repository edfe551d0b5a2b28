import { fieldOf } from '../redaction/received.js';
import type { Refusal } from './refusal.js';

/** What a token says, after it was verified. */
export interface VerifiedToken {
  /** Who the token is for. A connection keeps its identity for as long as it lives. */
  readonly identity: string;
  /** When the token was issued, ms since the epoch. A connection never lives longer than `expires - issued`. */
  readonly issued?: number;
  /** When the token expires, ms since the epoch. Absent: never. */
  readonly expires?: number;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** The second argument of a {@link VerifyToken}. */
export interface VerifyContext {
  /** Aborts at the time limit, and when the connection is closed. */
  readonly signal: AbortSignal;
  /** The time of this server, ms since the epoch. */
  readonly now: number;
}

/**
 * Verifies a token: `jwtVerifier()`, or a function of the application. To refuse the token, it returns `refuse(401)`
 * or null; to refuse the user, `refuse(403)`. An error that it throws says nothing about the token: the client may
 * send the same token again.
 */
export type VerifyToken = (
  token: string,
  context: VerifyContext,
) => VerifiedToken | Refusal | null | Promise<VerifiedToken | Refusal | null>;

/** A frozen copy of what a {@link VerifyToken} returned; undefined if it is unusable. */
export function readVerified(given: unknown): VerifiedToken | undefined {
  const [identity, issued, expires, claims] = ['identity', 'issued', 'expires', 'claims'].map((name) =>
    fieldOf(given, name),
  );
  if (typeof identity !== 'string' || identity === '' || !isTime(issued) || !isTime(expires))
    return undefined;
  return Object.freeze({
    identity,
    ...(issued === undefined ? {} : { issued }),
    ...(expires === undefined ? {} : { expires }),
    ...(typeof claims === 'object' && claims !== null ? { claims: claims as VerifiedToken['claims'] } : {}),
  }) as VerifiedToken;
}

const isTime = (given: unknown): given is number | undefined =>
  given === undefined || (typeof given === 'number' && Number.isFinite(given));
