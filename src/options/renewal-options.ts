import { defaultRenewal, type RenewalPolicy } from '../../machines/policy.js';
import { checkNames, invalidOption, record, wholeNumber } from '../checks/option-checks.js';

/** How tokens are renewed ahead of their death. Times are ms, shares are of the token's lifetime. */
export interface RenewalOptions {
  /** The longest time ahead of death at which to renew, ms. Default 480,000. */
  readonly lead?: number;
  /**
   * The lead as a share of the life, where that is less, 0–0.9; for a life of under a minute and a half it
   * is more, up to a fifth, so that a second try fits in. Default 0.125.
   */
  readonly share?: number;
  /** How far the renewals of many clients are spread, as a share, 0–0.9. Default 0.01. */
  readonly jitter?: number;
  /**
   * How far they are spread the first time, and a fifth as far after trouble, when many clients may be
   * in step: the share of the time before the lead, 0–1. Default 0.98.
   */
  readonly spread?: number;
  /**
   * First and longest wait between failed tries, ms. Default 1,000; and 30,000 for tokens that live for
   * ten minutes or less (their life, where that is less still, but 4,000), more for longer ones: 330,000
   * for those of an hour, 360,000 at the most.
   */
  readonly retry?: { readonly base?: number; readonly cap?: number };
}

/** @throws {ErrorInfo} 40003 */
export function parseRenewal(given: RenewalOptions | 'in use' | 'server' | 'off' | undefined): RenewalPolicy {
  if (given === undefined) return defaultRenewal;
  if (given === 'in use') return { ...defaultRenewal, onlyInUse: true };
  if (given === 'server') return { ...defaultRenewal, by: 'server' };
  if (given === 'off') return { ...defaultRenewal, by: 'nobody' };
  if (Object.prototype.toString.call(given) !== '[object Object]')
    throw invalidOption('renewal', "an object, 'in use', 'server' or 'off'", given);
  checkNames(given, ['lead', 'share', 'jitter', 'spread', 'retry']);
  const retry = record('renewal.retry', given.retry ?? {});
  checkNames(retry, ['base', 'cap']);
  const base = wholeNumber('renewal.retry.base', given.retry?.base) ?? defaultRenewal.retry.baseMs;
  const cap = wholeNumber('renewal.retry.cap', given.retry?.cap);
  return {
    by: 'client',
    leadMs: wholeNumber('renewal.lead', given.lead) ?? defaultRenewal.leadMs,
    share: share('renewal.share', given.share) ?? defaultRenewal.share,
    jitter: share('renewal.jitter', given.jitter) ?? defaultRenewal.jitter,
    spread: share('renewal.spread', given.spread, 1) ?? defaultRenewal.spread,
    retry: { baseMs: base, capMs: cap === undefined ? undefined : Math.max(base, cap) },
  };
}

function share(name: string, given: unknown, most = 0.9): number | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given === 'number' && given >= 0 && given <= most) return given;
  throw invalidOption(name, `a number from 0 to ${most}`, given);
}
