import { boundedWaitMs, causeCode, type ErrorInfo, isForeign } from '../src/errors/error-info.js';
import type { RenewalPolicy } from './policy.js';

/** A failed try, and what is left. Times are ms. */
export interface Setback {
  /** Failed tries in a row, this one included. */
  readonly attempts: number;
  /** What the token in use has left; 0 without one, `Infinity` where that is not known. */
  readonly remainingMs: number;
  /** How long tokens of this source live; undefined: not known. */
  readonly lifetimeMs: number | undefined;
  /** What the server asked for; more than an hour counts as an hour. */
  readonly retryAfterMs: number | undefined;
  /**
   * Whether the source gave an unusable token twice in a row. Such a source is asked without quick tries. The wait
   * is at most 30 s, then 60, 120, 240 and 360 s, whatever the lifetime is. Default: false.
   */
  readonly isUnusable?: boolean;
}

/** The first tries may have met a passing fault: the next follow within the base, and within four times that. */
const QUICK_TRIES = 2;

/** In the last moments of a token no wait is to outlast it, and one more try is to fit in. */
const LAST_MOMENTS_MS = 30_000;

const CAP = { shortestMs: 4_000, leastMs: 30_000, mostMs: 360_000 };

/**
 * The longest wait between tries, for tokens that live so long: a tenth of the life less half a minute,
 * from 30 s for tokens of ten minutes to 6 minutes. The longer tokens live, the fewer calls their source
 * is built for, and the more clients wait for it after an outage. Of tokens that live for
 * less than half a minute it is asked that often anyhow: the cap is their life, but for the shortest.
 */
export function retryCapMs(lifetimeMs: number | undefined): number {
  if (lifetimeMs === undefined) return CAP.leastMs;
  const leastMs = Math.max(CAP.shortestMs, Math.min(CAP.leastMs, lifetimeMs));
  return Math.min(CAP.mostMs, Math.max(leastMs, lifetimeMs / 10 - CAP.leastMs));
}

/**
 * The wait before the next try: two quick ones, then up to the cap, with jitter over three quarters of
 * it; never less than the server asked for. While the token in use has more left than the cap, the
 * next try is near its end, and so is the first slow one anyhow: whoever has a token leaves the source
 * to those who have none.
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
  const isEnding = remainingMs > 0 && remainingMs <= LAST_MOMENTS_MS;
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
 * Whether trying again by itself is of no use: the source forbids (RSA4d), the token is for
 * somebody else (RSA15c), or what is asked cannot be asked. A source that is not ours has but one way
 * to say so, the status 403: which code it gives does not matter (RTN14b, RTN15h2).
 */
export function isFinal(error: ErrorInfo): boolean {
  return error.statusCode === 403 || (FINAL_CODES.has(error.code) && !isForeign(error));
}

/**
 * Whether a failure means that nobody is signed in: the source, or the endpoint that stands for it, answered 401,
 * and that is not only what a failure of the source is counted as (RSA4e).
 */
export function needsSignIn(error: ErrorInfo): boolean {
  if (error.origin !== 'source' || error.statusCode !== 401) return false;
  return error.code !== FAILED_SOURCE || causeCode(error) === UNAUTHORIZED;
}

const FAILED_SOURCE = 40170;

/** The code of a bare 401, in any form but Ably's. */
const UNAUTHORIZED = 40100;

const MINUTE_MS = 60_000;

/** The wait before the next try while nobody is signed in: 1, 2, 4 … minutes, at most an hour. */
export const signInDelayMs = (tries: number): number => Math.min(60, 2 ** (tries - 1)) * MINUTE_MS;

const FINAL_CODES = new Set([40003, 40005, 40012, 40102, 40106, 40171]);
