import { invalidOption, record } from '../checks/option-checks.js';
import type { ErrorInfo } from '../errors/error-info.js';
import { AUTH_STATES } from './auth-state.js';
import type { Decision } from './decision.js';
import { spanText } from './duration-text.js';

/** The part of a decision that the words are made from. A decision that was stored as plain data has it too. */
export type DecisionFacts = Omit<Decision, 'error' | 'inputs' | 'reason' | 'step'> & {
  readonly error:
    | (Pick<ErrorInfo, 'code' | 'message'> & Partial<Pick<ErrorInfo, 'retryAfterMs' | 'remediation'>>)
    | null;
};

/**
 * A decision as a sentence: why the client is where it is, and what comes next.
 *
 * @param decision what `auth.explain()` gave
 * @throws {ErrorInfo} 40003 if `decision` is not a decision
 * @returns as "Renewing because 80 % of a 60 s life has passed; the current token is valid for another 12 s."
 *
 * @example
 * ```ts
 * import { Auth } from 'latchkey';
 * import { inWords } from 'latchkey/inspect';
 *
 * const auth = new Auth({ authUrl: 'https://example.com/api/token' });
 * auth.on('state', () => console.log(inWords(auth.explain())));
 * ```
 */
export function inWords(decision: DecisionFacts): string {
  const facts = checked(decision);
  const parts = [because(facts), next(facts)].filter((part) => part !== '');
  return `${parts.join('; ')}.`;
}

/** Checks a decision. Null counts as absent. */
function checked(given: DecisionFacts): DecisionFacts {
  const { value, rule, attempts, now, error = null, token = null, next } = record('decision', given);
  if (!AUTH_STATES.includes(value))
    throw invalidOption('decision.value', `one of ${AUTH_STATES.join(', ')}`, value);
  if (typeof rule !== 'string') throw invalidOption('decision.rule', 'a string', rule);
  for (const [name, count] of Object.entries({ attempts, now }))
    if (typeof count !== 'number') throw invalidOption(`decision.${name}`, 'a number', count);
  for (const [name, part] of Object.entries({ error, token, next }))
    if (typeof (part ?? {}) !== 'object') throw invalidOption(`decision.${name}`, 'an object', part);
  const rest = { ...given, error, token };
  if ((next ?? undefined) === undefined) delete (rest as { next?: unknown }).next;
  return rest;
}

function because(decision: DecisionFacts): string {
  const { value, rule, error, next, attempts } = decision;
  const isBetweenTries = next?.step === 'retry';
  switch (value) {
    case 'idle':
      return rule === 'new' ? 'Idle: nothing has been asked yet' : `Idle: ${rule}`;
    case 'requesting':
      return `Requesting because ${cause(decision)}${attempts > 0 ? tries(attempts) : ''}`;
    case 'authorized':
      return rule === 'authorize() was called' && error !== null
        ? `Authorized as before: ${problem(error)}`
        : `Authorized: ${rule}${error === null ? '' : `, after ${problem(error)}`}`;
    case 'renewing':
      return isBetweenTries
        ? `Renewing, ${lived(decision, decision.now)}`
        : `Renewing because ${cause(decision)}${attempts > 0 ? tries(attempts) : ''}`;
    case 'failed':
      return error === null ? `Failed: ${rule}` : `Failed: ${problem(error)}`;
  }
}

/** The rule of a decision, as the reason of a sentence. */
function cause(decision: DecisionFacts): string {
  const { rule, error, at } = decision;
  if (rule === 'the renewal is due') return lived(decision, at);
  const isTold = error !== null && /refused|expired|next try/.test(rule);
  return isTold ? `${rule}: ${problem(error)}` : rule;
}

/** The share of the token's lifetime that had passed at a moment. Renewals are planned by it. */
function lived({ token, now }: DecisionFacts, moment: number): string {
  if (token === null || token.diesInMs === null) return 'the renewal is due';
  const { receivedInMs, diesInMs } = token;
  const lifeMs = diesInMs - receivedInMs;
  const share = lifeMs <= 0 ? 1 : (moment - now - receivedInMs) / lifeMs;
  const percent = Math.min(100, Math.max(0, Math.round(share * 100)));
  return `${percent} % of a ${spanText(lifeMs)} life has passed`;
}

function next({ value, next, token, error, attempts, now }: DecisionFacts): string {
  if (next === undefined) {
    if (value === 'failed') return 'no try follows until authorize() is called';
    return value === 'authorized' ? 'nothing is planned by the clock' : '';
  }
  const wait = Math.max(0, next.at - now);
  switch (next.step) {
    case 'renew':
      return `renews in ${spanText(wait)}${atShare(token)}`;
    case 'retry': {
      const why = value === 'failed' || error === null ? '' : `: ${problem(error)}`;
      const asked = error?.retryAfterMs === undefined ? '' : `, Retry-After ${spanText(error.retryAfterMs)}`;
      return `next try in ${spanText(wait)}${why}${asked}${tries(attempts)}`;
    }
    case 'expire':
      return value === 'renewing'
        ? `the current token is valid for another ${spanText(wait)}`
        : `the token expires in ${spanText(wait)}`;
  }
}

function atShare(token: DecisionFacts['token']): string {
  if (token === null || token.diesInMs === null || token.renewInMs === null) return '';
  const lifeMs = token.diesInMs - token.receivedInMs;
  if (lifeMs <= 0) return '';
  const percent = Math.round(((token.renewInMs - token.receivedInMs) / lifeMs) * 100);
  return `, when ${percent} % of its ${spanText(lifeMs)} have passed`;
}

function problem({ message, code }: Pick<ErrorInfo, 'code' | 'message'>): string {
  return `${message} (${code})`;
}

function tries(attempts: number): string {
  if (attempts === 0) return '';
  return attempts === 1 ? ', one try failed' : `, ${attempts} tries failed`;
}
