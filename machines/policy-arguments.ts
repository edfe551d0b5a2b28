import { flag, invalidOption, record } from '../src/checks/option-checks.js';
import * as policy from './policy.js';
import * as retry from './retry.js';

// The functions of the machines for other callers: they check the arguments first.

/**
 * Plans from lifetime, not from the wall clock, so a wrong local clock does no harm.
 *
 * @param lifetimeMs how long the token lives in all; undefined: not known
 * @param ageMs how old it already was when it was received. Below zero: it may live so much longer than its lifetime says,
 *   as where two clocks disagree about a token without the time of its issue
 * @param renewal how tokens are renewed
 * @param chance the client's own number in [0, 1), the same each time
 * @param standing the first time clients are spread wide, after trouble a third as wide
 * @throws {ErrorInfo} 40003 if an argument is invalid
 *
 * @example
 * ```ts
 * import { defaultRenewal, planFor } from 'latchkey/machines';
 *
 * const { renewInMs, diesInMs } = planFor(3_600_000, 0, defaultRenewal, 0.5, 'in turn');
 * console.log(renewInMs, diesInMs);
 * ```
 */
export function planFor(
  lifetimeMs: number | undefined,
  ageMs: number,
  renewal: policy.RenewalPolicy,
  chance: number,
  standing: policy.Standing,
): policy.Plan {
  const known = standings.find((one) => one === standing);
  if (known === undefined) throw invalidOption('standing', `one of ${standings.join(', ')}`, standing);
  checkPolicy(renewal);
  return policy.planFor(
    span('lifetimeMs', lifetimeMs),
    number('ageMs', ageMs, Number.NEGATIVE_INFINITY),
    renewal,
    share(chance),
    known,
  );
}

/**
 * The longest wait between tries, by the lifetime of the tokens: a tenth of the lifetime less 30 s, at least 30 s and at
 * most 6 minutes. For a lifetime of less than 30 s it is the lifetime, and at least 4 s.
 *
 * @throws {ErrorInfo} 40003 if the lifetime is invalid
 *
 * @example
 * ```ts
 * import { retryCapMs } from 'latchkey/machines';
 *
 * console.log(retryCapMs(600_000), retryCapMs(3_600_000));
 * ```
 */
export const retryCapMs = (lifetimeMs: number | undefined): number =>
  retry.retryCapMs(span('lifetimeMs', lifetimeMs));

/**
 * The wait before the next try: short for the first two tries, then up to the cap. Jitter takes up to three quarters off.
 * The wait is at least as long as the server asked for. While the current token lives longer than the cap, the next try
 * is near its expiry. If the cap is above two minutes, that holds for all tries while the token has 10 s left.
 *
 * @param renewal how tokens are renewed
 * @param chance a fresh number in [0, 1)
 * @throws {ErrorInfo} 40003 if an argument is invalid
 *
 * @example
 * ```ts
 * import { defaultRenewal, retryDelayMs } from 'latchkey/machines';
 *
 * const setback = { attempts: 1, remainingMs: 0, lifetimeMs: 60_000, retryAfterMs: undefined };
 * console.log(retryDelayMs(setback, defaultRenewal, 0.5));
 * ```
 */
export function retryDelayMs(setback: retry.Setback, renewal: policy.RenewalPolicy, chance: number): number {
  const { attempts, remainingMs, lifetimeMs, retryAfterMs, isUnusable } = record('setback', setback);
  checkPolicy(renewal);
  return retry.retryDelayMs(
    {
      attempts: number('setback.attempts', attempts, 1),
      remainingMs: number('setback.remainingMs', remainingMs),
      lifetimeMs: span('setback.lifetimeMs', lifetimeMs),
      retryAfterMs: span('setback.retryAfterMs', retryAfterMs),
      isUnusable: flag('setback.isUnusable', isUnusable ?? undefined) ?? false,
    },
    renewal,
    share(chance),
  );
}

const standings: readonly policy.Standing[] = ['first', 'after trouble', 'in turn'];

/** Checks a number. `Infinity` is allowed: it stands for an unknown time. */
function number(name: string, given: unknown, least = 0, most = Number.POSITIVE_INFINITY): number {
  if (typeof given === 'number' && given >= least && given <= most) return given;
  const bounds = most === Number.POSITIVE_INFINITY ? `${least} or more` : `from ${least} to ${most}`;
  throw invalidOption(name, least === -most ? 'a number' : `a number, ${bounds}`, given);
}

const share = (given: unknown): number => number('chance', given, 0, 1);

/** Null counts as unknown. */
const span = (name: string, given: number | null | undefined): number | undefined =>
  (given ?? undefined) === undefined ? undefined : number(name, given);

function checkPolicy(given: policy.RenewalPolicy): void {
  const { by, retry: waits, ...rest } = record('renewal', given);
  if (!['client', 'server', 'nobody'].includes(by))
    throw invalidOption('renewal.by', 'client, server or nobody', by);
  for (const name of ['leadMs', 'share', 'jitter', 'spread'] as const)
    number(`renewal.${name}`, rest[name], 0, name === 'leadMs' ? undefined : 1);
  const { baseMs, capMs } = record('renewal.retry', waits);
  number('renewal.retry.baseMs', baseMs);
  if ((capMs ?? undefined) !== undefined) number('renewal.retry.capMs', capMs);
}
