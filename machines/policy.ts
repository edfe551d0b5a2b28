import type { ErrorInfo } from '../src/errors.js';

/** When a token is renewed, and how failures are spaced. Times are ms, shares are of the lifetime. */
export interface RenewalPolicy {
  /** Who starts a renewal: the client ahead of time, the server when it asks, or nobody. */
  readonly by: 'client' | 'server' | 'nobody';
  /** The longest time ahead of death at which to renew. */
  readonly leadMs: number;
  /** The lead as a share of a short life. */
  readonly share: number;
  /** How far the renewals of many clients are spread, ahead of the lead. */
  readonly jitter: number;
  /**
   * How far they are spread the first time, when many clients may have begun together: of the time up
   * to the lead, this share.
   */
  readonly spread: number;
  readonly retry: { readonly baseMs: number; readonly capMs: number };
}

export const defaultRenewal: RenewalPolicy = {
  by: 'client',
  leadMs: 60_000,
  share: 0.2,
  jitter: 0.02,
  spread: 0.98,
  retry: { baseMs: 1_000, capMs: 30_000 },
};

/**
 * How a token came: as the client's first, after trouble (the one before was dead, or tries had
 * failed), or in its turn. Many clients may be in step at first, and again after trouble.
 */
export type Standing = 'first' | 'after trouble' | 'in turn';

/** When to do what with a token, in ms after it was received. `Infinity`: not known, so never by the clock. */
export interface Plan {
  readonly renewInMs: number;
  readonly diesInMs: number;
}

/**
 * Plans from lifetime, not from the wall clock, so a wrong local clock does no harm.
 *
 * @param lifetimeMs how long the token lives in all; undefined: not known
 * @param ageMs how old it already was when it was received
 * @param chance the client's own number in [0, 1), the same each time
 * @param standing the first time clients are spread wide, after trouble half as wide
 */
export function planFor(
  lifetimeMs: number | undefined,
  ageMs: number,
  policy: RenewalPolicy,
  chance: number,
  standing: Standing,
): Plan {
  const never = Number.POSITIVE_INFINITY;
  if (lifetimeMs === undefined) return { renewInMs: never, diesInMs: never };
  const diesInMs = Math.max(0, lifetimeMs - ageMs);
  if (policy.by !== 'client') return { renewInMs: never, diesInMs };
  const latest = lifetimeMs - Math.min(policy.leadMs, policy.share * lifetimeMs);
  const renewAtMs = latest - aheadOf(latest, lifetimeMs, policy, chance, standing);
  return { renewInMs: Math.min(diesInMs, Math.max(0, renewAtMs - ageMs)), diesInMs };
}

/** A client's place in the wide spread and in the narrow one are two numbers, or the two would add up. */
function aheadOf(
  latest: number,
  lifetimeMs: number,
  policy: RenewalPolicy,
  chance: number,
  standing: Standing,
): number {
  if (standing === 'in turn') {
    return Math.min(policy.jitter * lifetimeMs * ((chance * 7_919) % 1), latest - lifetimeMs / 2);
  }
  return policy.spread * latest * chance * (standing === 'first' ? 1 : 0.5);
}

/**
 * The wait before try number `attempts + 1`: exponential with full jitter, never under half the
 * base, and never less than the server asked for.
 */
export function retryDelayMs(
  attempts: number,
  policy: RenewalPolicy,
  chance: number,
  retryAfterMs: number | undefined,
): number {
  const { baseMs, capMs } = policy.retry;
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(attempts, 20));
  const wait = Math.max(baseMs / 2, ceiling * chance);
  return Math.max(wait, retryAfterMs ?? 0);
}

/**
 * Whether trying again by itself is of no use: the source forbids (RSA4d), the token is for
 * somebody else (RSA15c), or what is asked cannot be asked.
 */
export function isFinal(error: ErrorInfo): boolean {
  return error.statusCode === 403 || FINAL_CODES.has(error.code);
}

const FINAL_CODES = new Set([40003, 40005, 40012, 40102, 40106, 40171]);
