import type { DoneActorEvent, ErrorActorEvent } from 'xstate';
import { boundedWaitMs, type ErrorInfo } from '../src/errors/error-info.js';
import type { Secret } from '../src/token/secret.js';
import type { TokenDetails, TokenMetadata } from '../src/token/token-details.js';
import type { AcquisitionEvent, AcquisitionRequest, SourceReason } from './acquisition.js';
import { otherChance, planFor, type RenewalPolicy, type Standing } from './policy.js';
import type { Accepted, MachinePorts, Outcome } from './ports.js';
import { needsSignIn, retryDelayMs, type Setback, signInDelayMs } from './retry.js';

/** The current token. Moments are monotonic ms. `Infinity`: never, by the clock. */
export interface CurrentToken {
  readonly token: Secret<TokenDetails>;
  readonly receivedAt: number;
  readonly renewAt: number;
  readonly expiresAt: number;
  /** When it expires by the oldest possible age. */
  readonly expiresAtSoonest: number;
  /** Whether listeners know already that the token is about to expire. */
  readonly isExpiring: boolean;
}

/** The input of the auth machine. */
export interface AuthInput {
  readonly ports: Secret<MachinePorts>;
  /** The first TokenParams and AuthOptions. */
  readonly terms: Secret<unknown>;
  /** Whether these options contain a source for another token. */
  readonly renewable: boolean;
  /** The clientId of the client's options. */
  readonly clientId: string | undefined;
  /** The deadline of an acquisition, ms. */
  readonly deadlineMs: number;
  readonly renewal: RenewalPolicy;
  /** The client's own number in [0, 1). It decides where in the spread of many clients this client renews. */
  readonly seed: number;
  /** The first token, from the options. */
  readonly given: Accepted | null;
}

/** The data of the auth machine. Secrets are in boxes. */
export interface AuthContext extends Omit<AuthInput, 'given'> {
  readonly current: CurrentToken | null;
  /** The lifetime of the last token, ms. undefined: not known. */
  readonly lifetimeMs: number | undefined;
  /** The request of the running acquisition. null: none runs. */
  readonly request: AcquisitionRequest | null;
  /** Why the source is asked, or was asked last. A try after a failed one keeps the reason of the first. */
  readonly sourceReason: SourceReason;
  /** How many acquisitions were started. */
  readonly generation: number;
  /** Whether a token was ever accepted. */
  readonly wasAuthorized: boolean;
  /**
   * Whether a token by the stored arguments is needed:
   * - `not yet`: no caller has needed one
   * - `yes`
   * - `no more`: they failed for good
   * - `signed out`: only `authorize()` changes this
   */
  readonly wanted: 'not yet' | 'yes' | 'no more' | 'signed out';
  /** Failed tries in a row. */
  readonly attempts: number;
  /** Unusable tokens in a row: refused, or expired, right after their receipt. */
  readonly unusable: number;
  /** Tries in a row after which the source said that no user is signed in. */
  readonly signInTries: number;
  /**
   * For a source with a cache, which gives the current token again until shortly before its expiry: how long before
   * that expiry the source gave another token, ms. 0: the source did not give a token again, or the client asks no
   * sooner without a cache.
   */
  readonly cacheLeadMs: number;
  readonly error: ErrorInfo | null;
  /** Since when the server's request for a token is being answered, monotonic ms. null: it never asked. */
  readonly askedAt: number | null;
  /** Before this monotonic moment no try starts by itself. */
  readonly retryAt: number;
  /** Before this monotonic moment the source does not want to be asked (Retry-After), whatever happens. */
  readonly notBefore: number;
  /** The sleeps that were noticed during the acquisition: the monotonic moment, and the duration in ms. */
  readonly sleeps: readonly { readonly at: number; readonly ms: number }[];
  /** The reason for the last step, in words. */
  readonly reason: string;
  /** Monotonic moment of the last step. */
  readonly since: number;
}

/** The events that the auth machine receives. `inTime` adds the moment to each event. */
export type AuthEvent =
  /** The application wants a new token now. */
  | { readonly type: 'authorize'; readonly request: AcquisitionRequest }
  /** A request, a subscriber or the connection cannot continue without a token. */
  | { readonly type: 'token.needed' }
  /** The server asks for a new token and still accepts the current one (RTN22). */
  | { readonly type: 'token.asked' }
  /** The server refused the current token. */
  | { readonly type: 'token.refused'; readonly error: ErrorInfo }
  /** The current token has expired. The machine sends this event to itself. */
  | { readonly type: 'token.expired' }
  /** The user signs out: drop the token and everything that runs. */
  | {
      readonly type: 'forget';
      /** The parameters of later requests for a token. undefined: the stored ones. */
      readonly stored?: Pick<AuthInput, 'terms' | 'renewable'>;
    }
  /** The user is back at the page. */
  | { readonly type: 'user.back' }
  /** The wall clock ran ahead of the monotonic clock by so many ms: the machine slept. */
  | { readonly type: 'time.jumped'; readonly ms: number }
  /** There is a network again. */
  | { readonly type: 'network.back' }
  /** From the running acquisition. */
  | AcquisitionEvent;

/** These events, and the result of the acquisition. */
export type AuthMachineEvent =
  | AuthEvent
  | DoneActorEvent<Outcome, 'acquisition'>
  | ErrorActorEvent<unknown, 'acquisition'>;

/** The events that the auth machine emits. */
export type AuthEmitted =
  /** A token was accepted, and is the current one from now on. */
  | {
      readonly type: 'token.committed';
      readonly token: Secret<TokenDetails>;
      readonly facts: TokenMetadata;
      /** How the token differs from the one before. `none`: it is the same. */
      readonly change: 'first' | 'renewed' | 'none';
      /** Why it was asked for, at which try in a row, and how long each step took. */
      readonly acquired: {
        readonly reason: SourceReason;
        readonly attempt: number;
        readonly stepsMs: NonNullable<Accepted['stepsMs']>;
      };
    }
  /** The current token expired or was refused. */
  | { readonly type: 'token.dropped'; readonly facts: TokenMetadata; readonly error: ErrorInfo }
  /** The current token is about to expire, and there is no other yet. */
  | { readonly type: 'token.expiring'; readonly facts: TokenMetadata; readonly inMs: number }
  /** The current token, for everything that waits for a token. */
  | { readonly type: 'token.offered'; readonly token: Secret<TokenDetails> }
  /** A try failed. `retryInMs` is null if no try follows by itself. */
  | {
      readonly type: 'acquisition.failed';
      readonly error: ErrorInfo;
      readonly attempts: number;
      readonly retryInMs: number | null;
    }
  /** A token is needed, and there is none: the user signed out. */
  | { readonly type: 'token.denied' }
  /** The source says for the first time that no user is signed in. */
  | { readonly type: 'signin.required'; readonly error: ErrorInfo; readonly retryInMs: number }
  /** Token and error are gone, by `forget`. */
  | { readonly type: 'forgotten' }
  /** There is no usable token and none on its way, for good or until the next try. */
  | {
      readonly type: 'failed';
      readonly error: ErrorInfo;
      readonly final: boolean;
      readonly attempts: number;
      readonly retryInMs: number | null;
    };

/** A server that asks again and again is answered no more often than this. */
const ASK_PAUSE_MS = 5_000;

/** A token that is unusable sooner than this after its receipt counts as unusable from the start. */
const UNUSABLE_MS = 5_000;

/** For a short token half its life counts, but at least 2 s. */
const unusableMs = ({ receivedAt, expiresAt }: CurrentToken): number =>
  Math.min(UNUSABLE_MS, Math.max(2_000, (expiresAt - receivedAt) / 2));

/**
 * A token is reported as about to expire this long before, or a tenth of its life before, whichever is shorter.
 */
const EXPIRING_MS = 10_000;

const never = Number.POSITIVE_INFINITY;

/** The moment at which the renewal of the current token is due. */
export function renewalAt({ current, renewable, retryAt }: AuthContext): number {
  return current !== null && renewable ? Math.max(current.renewAt, retryAt) : never;
}

/** Whether the current token is renewed ahead of time. With `renewal: 'in use'` it is, if something uses it. */
export const isInUse = ({ renewal, ports, lifetimeMs = never }: AuthContext): boolean =>
  renewal.onlyInUse !== true || ports.expose().isInUse?.(lifetimeMs) !== false;

/** Whether the renewal was due while nothing used the token, so that it was postponed to the expiry. */
export const isPutOff = ({ renewal, current }: AuthContext): boolean =>
  renewal.onlyInUse === true &&
  current !== null &&
  Number.isFinite(current.expiresAt) &&
  current.renewAt === current.expiresAt;

/** The moment at which the token is reported as about to expire. After that: the moment at which it expires. */
export function endAt({ current }: AuthContext): number {
  if (current === null) return never;
  const { isExpiring, receivedAt, expiresAt } = current;
  return isExpiring ? expiresAt : expiresAt - Math.min(EXPIRING_MS, (expiresAt - receivedAt) / 10);
}

/** The moment from which the server's request for a token is answered. */
export const answerAt = ({ askedAt, notBefore }: AuthContext): number =>
  Math.max(askedAt === null ? 0 : askedAt + ASK_PAUSE_MS, notBefore);

/** Without a network the next try waits at most this long, because the platform may be wrong. */
export const OFFLINE_CHECK_MS = 60_000;

/** Two renewals are at least this far apart, however short the lifetime is. */
const CLOSEST_RENEWALS_MS = 250;

export const justCame = ({ current }: AuthContext, at: number): boolean =>
  current !== null && at - current.receivedAt < unusableMs(current);

export function currentFrom(
  { token, lifetimeMs, ageMs, oldestMs = ageMs, receivedAt }: Accepted,
  { renewal, seed }: Pick<AuthInput, 'renewal' | 'seed'>,
  standing: Standing,
  cacheLeadMs = 0,
): CurrentToken {
  // Given up by the youngest age, renewed by the oldest.
  const { diesInMs } = planFor(lifetimeMs, ageMs, renewal, seed, standing);
  const soonest = planFor(lifetimeMs, oldestMs, renewal, seed, standing);
  // A source with a cache is not asked before it can have another token. Clients that share a cache have one token, and
  // its last half minute is spread too.
  const other = otherChance(seed);
  const lead = Math.max(cacheLeadMs * (1 - CACHE_SPREAD * other), LEAST_CACHE_LEAD_MS * (1 + other));
  const cachedMs = cacheLeadMs > 0 ? soonest.diesInMs - lead : 0;
  return {
    token,
    receivedAt,
    renewAt: receivedAt + Math.max(soonest.renewInMs, cachedMs, Math.min(CLOSEST_RENEWALS_MS, diesInMs)),
    expiresAt: receivedAt + diesInMs,
    expiresAtSoonest: receivedAt + soonest.diesInMs,
    isExpiring: false,
  };
}

/** How a new token differs from the current one. `none`: it is the same token, so its life is not longer. */
export function changeBy({ current }: AuthContext, { token }: Accepted): 'first' | 'renewed' | 'none' {
  if (current === null) return 'first';
  return current.token.expose().token === token.expose().token ? 'none' : 'renewed';
}

/** A source that gave the current token again is no trouble: there is no error. */
function standingOf(
  { wasAuthorized, current, attempts, error }: AuthContext,
  { stepsMs }: Accepted,
): Standing {
  // The member that asked for it renews it for all: the others need not be spread.
  if (stepsMs?.adopted !== undefined) return 'in turn';
  if (!wasAuthorized) return 'first';
  return current !== null && (attempts === 0 || error === null) ? 'in turn' : 'after trouble';
}

/** A token that was received before a sleep is older by the length of that sleep, which no clock of the client counted. */
function older(accepted: Accepted, sleeps: AuthContext['sleeps']): Accepted {
  if (sleeps.length === 0) return accepted;
  const after = sleeps.slice(accepted.sleepsBefore ?? 0).filter(({ at }) => at >= accepted.receivedAt);
  return { ...accepted, receivedAt: after.reduce((at, { ms }) => at - ms, accepted.receivedAt) };
}

/** Most clients notice no sleep, and share this list. */
export const noSleeps: AuthContext['sleeps'] = Object.freeze([]);

/** Whether a token expired while the connection checked it, or while the machine slept. */
export function isTooLate({ sleeps }: AuthContext, accepted: Accepted, at: number): boolean {
  const { lifetimeMs, ageMs, receivedAt } = older(accepted, sleeps);
  return lifetimeMs !== undefined && at - receivedAt + ageMs >= lifetimeMs;
}

/** Two-phase commit: only this function changes the token, the stored parameters and the source. */
export function commit(context: AuthContext, accepted: Accepted, at: number): Partial<AuthContext> {
  const change = changeBy(context, accepted);
  const isSame = change === 'none';
  const tries = isSame ? sameAgain(context, at) : firstTry(context);
  const cacheLeadMs = isSame ? context.cacheLeadMs : cacheLeadOf(context, accepted, at);
  return {
    current: isSame
      ? context.current
      : currentFrom(older(accepted, context.sleeps), context, standingOf(context, accepted), cacheLeadMs),
    cacheLeadMs,
    terms: accepted.terms,
    renewable: accepted.renewable,
    lifetimeMs: isSame ? context.lifetimeMs : accepted.lifetimeMs,
    wasAuthorized: true,
    wanted: 'yes',
    request: null,
    error: null,
    attempts: tries.attempts,
    signInTries: 0,
    retryAt: tries.retryAt,
    notBefore: tries.notBefore,
    reason: REASONS[change],
    since: at,
  };
}

/** With less time a failure of the source would leave the client without a token. */
const LEAST_CACHE_LEAD_MS = 30_000;

/** Clients with one lead are spread over this part of it. */
const CACHE_SPREAD = 0.25;

/**
 * One slow answer, or a source that gave a token again only once, must not shorten the lead for good: the lead grows by
 * this factor, until the source gives a token again or the lead is as long as without a cache.
 */
const CACHE_LEAD_GROWTH = 1.2;

/**
 * What is left of the current token, if the source gave it again when it was asked before, and nothing failed since.
 * 0: the client would not ask sooner without a cache.
 */
function cacheLeadOf(context: AuthContext, accepted: Accepted, at: number): number {
  const { current, terms, attempts, error, cacheLeadMs, renewal, seed } = context;
  if (current === null || accepted.terms !== terms) return 0;
  const leftMs = remainingMs(context, at);
  if (error !== null || !Number.isFinite(leftMs)) return cacheLeadMs;
  const leadMs = attempts > 0 ? Math.max(leftMs, LEAST_CACHE_LEAD_MS) : cacheLeadMs * CACHE_LEAD_GROWTH;
  const { renewInMs, diesInMs } = planFor(accepted.lifetimeMs, 0, renewal, seed, 'in turn');
  return leadMs < diesInMs - renewInMs ? leadMs : 0;
}

const REASONS = {
  first: 'a token was obtained',
  renewed: 'the token was renewed',
  none: 'the source gave the same token again',
};

type Tries = Pick<AuthContext, 'attempts' | 'retryAt' | 'notBefore'>;

const firstTry = ({ unusable, attempts }: AuthContext): Tries => ({
  attempts: unusable > 0 ? attempts : 0,
  retryAt: 0,
  notBefore: 0,
});

/**
 * A source that returns the current token again has a cache. The cache gets another token some time before the expiry.
 * So the source is asked again when about three tenths of the remaining life are left, and then again.
 */
function sameAgain(context: AuthContext, at: number): Tries {
  const tries = oneMoreTry(context, undefined, at);
  const leftMs = remainingMs(context, at);
  const isByItself = tries.attempts > context.attempts && context.unusable === 0;
  if (!isByItself || leftMs === 0 || !Number.isFinite(leftMs)) return tries;
  const waitMs = Math.max(
    context.renewal.retry.baseMs / 2,
    leftMs * (0.6 + 0.2 * context.ports.expose().random()),
  );
  return { ...tries, retryAt: Math.max(tries.notBefore, at + waitMs) };
}

/** The `detail.token` of an error: the source gave a token that a server has refused before. */
export const REFUSED_BEFORE = 'refused before';

/** The changes after a failed try: the error, the number of tries, and the moment of the next try. */
export function setBack(context: AuthContext, error: ErrorInfo, at: number): Partial<AuthContext> {
  const { message: reason, retryAfterMs } = error;
  // A source that gives a refused token again has a cache. It counts as a source of unusable tokens, and is asked
  // slowly.
  const isRefusedBefore = error.detail?.token === REFUSED_BEFORE;
  const unusable = isRefusedBefore ? Math.max(UNUSABLE_AGAIN, context.unusable + 1) : context.unusable;
  const tries = oneMoreTry({ ...context, unusable }, retryAfterMs, at);
  const next = { error, request: null, unusable, ...tries, reason, since: at };
  if (context.current !== null || !needsSignIn(error)) return { ...next, signInTries: 0 };
  const signInTries = tries.attempts === context.attempts ? context.signInTries : context.signInTries + 1;
  const retryAt = Math.max(tries.notBefore, at + signInDelayMs(Math.max(1, signInTries)));
  return { ...next, signInTries, retryAt, reason: 'no user is signed in' };
}

function oneMoreTry(context: AuthContext, askedMs: number | undefined, at: number): Tries {
  const { request } = context;
  const retryAfterMs = boundedWaitMs(askedMs);
  const notBefore = Math.max(context.notBefore, at + (retryAfterMs ?? 0));
  // A failed call of the application does not delay a try that is due by itself, unless the server asks for a
  // wait.
  if (request?.byCaller === true && context.retryAt > at) {
    return { attempts: context.attempts, retryAt: Math.max(context.retryAt, notBefore), notBefore };
  }
  const attempts = context.attempts + 1;
  const setback = { attempts, remainingMs: remainingMs(context, at), retryAfterMs };
  const retryAt = at + retryDelay(context, setback);
  return { attempts, retryAt: Math.max(retryAt, notBefore), notBefore };
}

/** One unusable token may be chance. From the second in a row on, the source is asked more and more slowly. */
const UNUSABLE_AGAIN = 2;

function retryDelay(
  { lifetimeMs, unusable, renewal, ports }: AuthContext,
  setback: Pick<Setback, 'attempts' | 'remainingMs' | 'retryAfterMs'>,
): number {
  const isUnusable = unusable >= UNUSABLE_AGAIN;
  return retryDelayMs({ ...setback, lifetimeMs, isUnusable }, renewal, ports.expose().random());
}

/**
 * The current token was refused during the wait for the next try. That wait was planned by the remaining life of
 * the token, which may be a day. The new wait is that of a client without a token.
 */
export function retrySooner(context: AuthContext, at: number): Pick<AuthContext, 'retryAt'> {
  const { attempts, retryAt, notBefore } = context;
  const soon = at + retryDelay(context, { attempts, remainingMs: 0, retryAfterMs: undefined });
  return { retryAt: Math.max(notBefore, Math.min(retryAt, soon)) };
}

/** The remaining life of the current token. It does not matter for a renewal that is not due yet. */
function remainingMs({ current }: AuthContext, at: number): number {
  if (current === null) return 0;
  return at < current.renewAt ? never : Math.max(0, current.expiresAtSoonest - at);
}

/** A longer jump of the clock is a sleep, and the network may be another one. A shorter one may be a correction. */
const SLEEP_MS = 60_000;

/** So many failed tries in a row do not delay the first try after a sleep. */
const TRIES_AT_ONCE = 2;

/** Later, tries after a sleep are spread over this time. */
const AFTER_SLEEP_MS = 10_000;

/** Whether the wait for the next try is over, or interrupted, when the clock jumps. */
const isInterrupted = ({ retryAt }: AuthContext, ms: number, at: number): boolean =>
  ms >= SLEEP_MS || at >= retryAt - ms;

/** Whether a jump of the clock ends the wait for the next try at once. */
export const endsTheWait = (context: AuthContext, ms: number, at: number): boolean =>
  context.attempts <= TRIES_AT_ONCE && isInterrupted(context, ms, at);

/** A clock that jumps again and again must neither make a storm of tries, nor put off the next one for ever. */
function retryAfterJump(context: AuthContext, ms: number, at: number): number {
  const { error, retryAt, ports } = context;
  // Without an error the source works, and its next token is planned like the expiry.
  if (error === null || !isInterrupted(context, ms, at)) return retryAt - ms;
  // A try at once would be in vain. The platform may be wrong about the network.
  if (!ports.expose().isOnline()) return Math.min(retryAt, at + OFFLINE_CHECK_MS);
  if (endsTheWait(context, ms, at)) return retryAt - ms;
  return Math.min(retryAt, at + AFTER_SLEEP_MS * (0.25 + 0.75 * ports.expose().random()));
}

/** Plans again after sleep: the clocks that stood still did not count this time. */
export function moveOn(context: AuthContext, ms: number, at: number): Partial<AuthContext> {
  const { current, askedAt } = context;
  const notBefore = context.notBefore - ms;
  return {
    askedAt: askedAt === null ? null : askedAt - ms,
    retryAt: Math.max(notBefore, retryAfterJump(context, ms, at)),
    notBefore,
    current: current && {
      ...current,
      receivedAt: current.receivedAt - ms,
      renewAt: current.renewAt - ms,
      expiresAt: current.expiresAt - ms,
      expiresAtSoonest: current.expiresAtSoonest - ms,
    },
  };
}
