import { defaultRenewal, type RenewalPolicy } from '../../machines/policy.js';
import { checkNames, invalidOption, record, wholeNumber } from '../checks/option-checks.js';

/** How tokens are renewed before they expire. Times are ms. Shares are of the token's lifetime. */
export interface RenewalOptions {
  /** The longest time before the expiry at which a token is renewed, ms. Default: 720,000. */
  readonly lead?: number;
  /**
   * The same as a share of the lifetime, from 0 to 0.9. The shorter of the two times is used. The share counts as
   * at least 12 s or a fifth of the lifetime, whichever is shorter, so that a second try fits in. Default: 0.2.
   */
  readonly share?: number;
  /** How far the renewals of many clients are spread, as a share, from 0 to 0.9. Default: 0.01. */
  readonly jitter?: number;
  /**
   * How far the first renewals of many clients are spread, from 0 to 1: a share of the time before the renewal is
   * due. After failures a third of it is used. At these times many clients may do the same at once. Default: 0.98.
   */
  readonly spread?: number;
  /**
   * `base` is the first wait between failed tries, ms. Default: 1,000. `cap` is the longest wait, ms. Its
   * default depends on the lifetime of the tokens: 30,000 for ten minutes or less, 330,000 for an hour, and
   * 360,000 at most. For a lifetime of less than 30 s it is the lifetime, and at least 4,000.
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
