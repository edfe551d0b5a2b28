import { boundedWaitMs, causeCode, type ErrorInfo, isForeign } from '../src/errors/error-info.js';
import type { RenewalPolicy } from './policy.js';

/** A failed try, and the situation after it. Times are ms. */
export interface Setback {
  /** Failed tries in a row, including this one. */
  readonly attempts: number;
  /** The remaining life of the current token. 0: there is no token. `Infinity`: not known. */
  readonly remainingMs: number;
  /** The lifetime of this source's tokens. undefined: not known. */
  readonly lifetimeMs: number | undefined;
  /** The wait that the server asked for. More than an hour counts as an hour. */
  readonly retryAfterMs: number | undefined;
  /**
   * Whether the source gave an unusable token twice in a row. Such a source is asked without quick tries. The wait
   * is at most 30 s, then 60, 120, 240 and 360 s, whatever the lifetime is. Default: false.
   */
  readonly isUnusable?: boolean;
}

/**
 * The first failures may have a passing cause. The next try follows within the base, and the one after it within
 * four times the base.
 */
const QUICK_TRIES = 2;

/**
 * A source of long tokens is built for few calls: its cap is above this. While there is a token, none of its clients
 * tries quickly. The next try comes in the last three tenths of the rest, until only a moment is left.
 */
const CALM = { capMs: 120_000, leastMs: 10_000 };

/** In the last moments of a token no wait is longer than its life, so that one more try fits in. */
const LAST_MOMENTS_MS = 30_000;

const CAP = { shortestMs: 4_000, leastMs: 30_000, mostMs: 360_000 };

/**
 * The longest wait between tries, by the lifetime of the tokens: a tenth of the lifetime less 30 s. For tokens of
 * ten minutes that is 30 s, and it is 6 minutes at most. A source of long tokens is built for few calls, and more
 * clients wait for it after an outage. For a lifetime of less than 30 s the cap is the lifetime, and at least 4 s.
 */
export function retryCapMs(lifetimeMs: number | undefined): number {
  if (lifetimeMs === undefined) return CAP.leastMs;
  const leastMs = Math.max(CAP.shortestMs, Math.min(CAP.leastMs, lifetimeMs));
  return Math.min(CAP.mostMs, Math.max(leastMs, lifetimeMs / 10 - CAP.leastMs));
}

/**
 * The wait before the next try: two quick ones, then up to the cap. Jitter takes up to three quarters off. The
 * wait is at least as long as the server asked for. While the current token lives longer than the cap, the next
 * try is near its expiry. The first slow try is near the expiry in any case, and for long tokens each try is: clients
 * with a token leave the source to those without one.
 *
 * @param chance a fresh number in [0, 1)
 */
export function retryDelayMs(setback: Setback, { retry }: RenewalPolicy, chance: number): number {
  const { baseMs } = retry;
  const capMs = retry.capMs ?? (setback.isUnusable ? unusableCapMs(setback) : retryCapMs(setback.lifetimeMs));
  const wait = Math.max(baseMs / 2, waitOf(setback, baseMs, capMs, chance));
  return Math.max(wait, boundedWaitMs(setback.retryAfterMs) ?? 0);
}

const unusableCapMs = ({ attempts }: Setback): number =>
  Math.min(CAP.mostMs, CAP.leastMs * 2 ** (attempts - 1));

function waitOf(setback: Setback, baseMs: number, capMs: number, chance: number): number {
  const { remainingMs, isUnusable } = setback;
  const attempts = setback.attempts + (isUnusable ? QUICK_TRIES : 0);
  const spread = 0.25 + 0.75 * chance;
  const isCalm = !isUnusable && capMs > CALM.capMs && Number.isFinite(remainingMs);
  if (isCalm && remainingMs > CALM.leastMs) return remainingMs * (0.7 + 0.28 * chance);
  const isEnding = !isCalm && remainingMs > 0 && remainingMs <= LAST_MOMENTS_MS;
  if (attempts <= QUICK_TRIES) {
    const quick = Math.min(capMs, baseMs * 4 ** (attempts - 1)) * spread;
    return isEnding ? Math.min(quick, 0.8 * remainingMs) : quick;
  }
  const isFirstSlow = attempts === QUICK_TRIES + 1;
  const isLong = remainingMs > (isFirstSlow ? LAST_MOMENTS_MS : capMs);
  if (isLong && Number.isFinite(remainingMs)) return remainingMs * (0.8 + 0.15 * chance);
  const wait = capMs * spread;
  return isEnding ? Math.min(wait, 0.8 * remainingMs) : wait;
}

/**
 * Whether another try by itself is useless: the source forbids it (RSA4d), the token has another identity
 * (RSA15c), or the request is invalid. A source of the application can say so only by the status 403. Its code
 * does not matter (RTN14b, RTN15h2).
 */
export function isFinal(error: ErrorInfo): boolean {
  return error.statusCode === 403 || (FINAL_CODES.has(error.code) && !isForeign(error));
}

/**
 * Whether a failure means that no user is signed in: the source, or the endpoint behind it, answered 401. The 401
 * of a source that failed in another way does not count (RSA4e).
 */
export function needsSignIn(error: ErrorInfo): boolean {
  if (error.origin !== 'source' || error.statusCode !== 401) return false;
  return error.code !== FAILED_SOURCE || causeCode(error) === UNAUTHORIZED;
}

const FAILED_SOURCE = 40170;

/** The code of a 401 without an error in Ably's form. */
const UNAUTHORIZED = 40100;

const MINUTE_MS = 60_000;

/** The wait before the next try while no user is signed in: 1, 2, 4 … minutes, at most an hour. */
export const signInDelayMs = (tries: number): number => Math.min(60, 2 ** (tries - 1)) * MINUTE_MS;

const FINAL_CODES = new Set([40003, 40005, 40012, 40102, 40106, 40171]);
