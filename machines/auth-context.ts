import type { DoneActorEvent, ErrorActorEvent } from 'xstate';
import { boundedWaitMs, type ErrorInfo } from '../src/errors/error-info.js';
import type { Secret } from '../src/token/secret.js';
import type { TokenDetails, TokenMetadata } from '../src/token/token-details.js';
import type { AcquisitionEvent } from './acquisition.js';
import type { AcquisitionRequest, SourceReason } from './acquisition-request.js';
import { planFor, type RenewalPolicy, type Standing } from './policy.js';
import type { Accepted, MachinePorts, Outcome } from './ports.js';
import { needsSignIn, retryDelayMs, type Setback, signInDelayMs } from './retry.js';

/** The current token. Moments are monotonic ms; `Infinity`: never, by the clock. */
export interface CurrentToken {
  readonly token: Secret<TokenDetails>;
  readonly receivedAt: number;
  readonly renewAt: number;
  readonly expiresAt: number;
  /** Whether it was told that the token is about to expire. */
  readonly isExpiring: boolean;
}

/** What the auth machine begins with. */
export interface AuthInput {
  readonly ports: Secret<MachinePorts>;
  /** TokenParams and AuthOptions to begin with. */
  readonly terms: Secret<unknown>;
  /** Whether those terms hold a means to get a token again. */
  readonly renewable: boolean;
  /** The clientId the client was made with. */
  readonly clientId: string | undefined;
  /** The one budget of an acquisition. */
  readonly deadlineMs: number;
  readonly renewal: RenewalPolicy;
  /** The client's own number in [0, 1): where in the spread of many clients it renews. */
  readonly seed: number;
  /** A token to begin with. */
  readonly given: Accepted | null;
}

/** What the auth machine knows. What is secret in it is sealed. */
export interface AuthContext extends Omit<AuthInput, 'given'> {
  readonly current: CurrentToken | null;
  /** How long the last token lived in all, ms; undefined: not known. */
  readonly lifetimeMs: number | undefined;
  /** What the running acquisition was asked for; null: none runs. */
  readonly request: AcquisitionRequest | null;
  /** Why the source is asked, or was last; tries in vain have the reason of the first. */
  readonly sourceReason: SourceReason;
  /** How many acquisitions were begun. */
  readonly generation: number;
  /** Whether a token was ever accepted. */
  readonly wasAuthorized: boolean;
  /**
   * Whether a token by the stored arguments is needed: by nobody yet, by somebody, not again after a final failure,
   * or not before `authorize()` is called, for the user signed out.
   */
  readonly wanted: 'not yet' | 'yes' | 'no more' | 'signed out';
  /** Failed tries in a row. */
  readonly attempts: number;
  /** Tokens in a row that were unusable as soon as they came. */
  readonly unusable: number;
  /** Tries in a row that found nobody signed in. */
  readonly signInTries: number;
  readonly error: ErrorInfo | null;
  /** Monotonic moment since when the server's asking is answered by a renewal; null: it never asked. */
  readonly askedAt: number | null;
  /** Monotonic moment before which nothing is tried by itself. */
  readonly retryAt: number;
  /** Monotonic moment before which the source does not want to be asked (Retry-After), whatever happens. */
  readonly notBefore: number;
  /** Sleep that was noticed while the acquisition runs: when, by the monotonic clock, and how much, ms. */
  readonly sleeps: readonly { readonly at: number; readonly ms: number }[];
  /** Why the last step happened, in words. */
  readonly reason: string;
  /** Monotonic moment of the last step. */
  readonly since: number;
}

/** What the auth machine is told. Its moment is added to each event on its way in, see `inTime`. */
export type AuthEvent =
  /** The application wants a new token now. */
  | { readonly type: 'authorize'; readonly request: AcquisitionRequest }
  /** Somebody cannot go on without a token: a request, a subscriber, the connection. */
  | { readonly type: 'token.needed' }
  /** The server asks for a new token while the old one still holds (RTN22). */
  | { readonly type: 'token.asked' }
  /** The current token is not taken any more. */
  | { readonly type: 'token.refused'; readonly error: ErrorInfo }
  /** The current token has no life left. Comes by itself. */
  | { readonly type: 'token.expired' }
  /** The user signs out: drop the token and everything that runs. */
  | {
      readonly type: 'forget';
      /** What tokens are asked by from now on; undefined: what is stored. */
      readonly stored?: Pick<AuthInput, 'terms' | 'renewable'>;
    }
  /** The user is back at the page. */
  | { readonly type: 'user.back' }
  /** The wall clock ran ahead of the monotonic one by so much: the machine slept. */
  | { readonly type: 'time.jumped'; readonly ms: number }
  /** There is a network again. */
  | { readonly type: 'network.back' }
  /** From the running acquisition. */
  | AcquisitionEvent;

/** The same, and how its acquisition ended. */
export type AuthMachineEvent =
  | AuthEvent
  | DoneActorEvent<Outcome, 'acquisition'>
  | ErrorActorEvent<unknown, 'acquisition'>;

/** What the auth machine tells whoever runs it. */
export type AuthEmitted =
  /** A token was accepted and is current from now on. */
  | {
      readonly type: 'token.committed';
      readonly token: Secret<TokenDetails>;
      readonly facts: TokenMetadata;
      /** What it is to the one before: none, if it is the same. */
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
  /** The current token is about to expire, and no other is there yet. */
  | { readonly type: 'token.expiring'; readonly facts: TokenMetadata; readonly inMs: number }
  /** Whoever needs a token may have the current one. */
  | { readonly type: 'token.offered'; readonly token: Secret<TokenDetails> }
  /** One try failed. `retryInMs` is null where none follows by itself. */
  | {
      readonly type: 'acquisition.failed';
      readonly error: ErrorInfo;
      readonly attempts: number;
      readonly retryInMs: number | null;
    }
  /** Somebody needs a token, and gets none: the user signed out. */
  | { readonly type: 'token.denied' }
  /** Nobody is signed in, as the source says for the first time. */
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

/** A token of no further use sooner than this after it came is unusable. */
const UNUSABLE_MS = 5_000;

/** … or in half its life, where that is less: one that lived as long as it was to is not, unless that was no life. */
const unusableMs = ({ receivedAt, expiresAt }: CurrentToken): number =>
  Math.min(UNUSABLE_MS, Math.max(2_000, (expiresAt - receivedAt) / 2));

/** A token is told to be about to expire so long before, or a tenth of its life, whichever is shorter. */
const EXPIRING_MS = 10_000;

const never = Number.POSITIVE_INFINITY;

/** The moment from which on the current token is to be renewed. */
export function renewalAt({ current, renewable, retryAt }: AuthContext): number {
  return current !== null && renewable ? Math.max(current.renewAt, retryAt) : never;
}

/** Whether the current token is renewed ahead of time: with `renewal: 'in use'`, only if somebody uses it. */
export const isInUse = ({ renewal, ports, lifetimeMs = never }: AuthContext): boolean =>
  renewal.onlyInUse !== true || ports.expose().isInUse?.(lifetimeMs) !== false;

/** Whether it was to be renewed while nobody used it: then that is put off to its end. */
export const isPutOff = ({ renewal, current }: AuthContext): boolean =>
  renewal.onlyInUse === true &&
  current !== null &&
  Number.isFinite(current.expiresAt) &&
  current.renewAt === current.expiresAt;

/** The moment from which on it is to be told that the current token is about to expire; then, when it does. */
export function endAt({ current }: AuthContext): number {
  if (current === null) return never;
  const { isExpiring, receivedAt, expiresAt } = current;
  return isExpiring ? expiresAt : expiresAt - Math.min(EXPIRING_MS, (expiresAt - receivedAt) / 10);
}

/** When a server that asks may be answered. */
export const answerAt = ({ askedAt, notBefore }: AuthContext): number =>
  Math.max(askedAt === null ? 0 : askedAt + ASK_PAUSE_MS, notBefore);

/** While there is no network the next try waits for it, but not for longer than this: it may be a mistake. */
export const OFFLINE_CHECK_MS = 60_000;

/** Renewals are never closer than this, however short the tokens live. */
const CLOSEST_RENEWALS_MS = 250;

export const justCame = ({ current }: AuthContext, at: number): boolean =>
  current !== null && at - current.receivedAt < unusableMs(current);

export function currentFrom(
  { token, lifetimeMs, ageMs, receivedAt }: Accepted,
  { renewal, seed }: Pick<AuthInput, 'renewal' | 'seed'>,
  standing: Standing,
): CurrentToken {
  const { renewInMs, diesInMs } = planFor(lifetimeMs, ageMs, renewal, seed, standing);
  return {
    token,
    receivedAt,
    renewAt: receivedAt + Math.max(renewInMs, Math.min(CLOSEST_RENEWALS_MS, diesInMs)),
    expiresAt: receivedAt + diesInMs,
    isExpiring: false,
  };
}

/** What a new token is to the current one: nothing, if it is the very same, for its life is not longer then. */
export function changeBy({ current }: AuthContext, { token }: Accepted): 'first' | 'renewed' | 'none' {
  if (current === null) return 'first';
  return current.token.expose().token === token.expose().token ? 'none' : 'renewed';
}

function standingOf({ wasAuthorized, current, attempts }: AuthContext): Standing {
  if (!wasAuthorized) return 'first';
  return current !== null && attempts === 0 ? 'in turn' : 'after trouble';
}

/** A token that came before the machine slept is older by that, though no clock of its own says so. */
function older(accepted: Accepted, sleeps: AuthContext['sleeps']): Accepted {
  if (sleeps.length === 0) return accepted;
  const after = sleeps.slice(accepted.sleepsBefore ?? 0).filter(({ at }) => at >= accepted.receivedAt);
  return { ...accepted, receivedAt: after.reduce((at, { ms }) => at - ms, accepted.receivedAt) };
}

/** No sleep was noticed: one list does for all clients. */
export const noSleeps: AuthContext['sleeps'] = Object.freeze([]);

/** Whether a token expired while the connection had it before it, or while the machine slept. */
export function isTooLate({ sleeps }: AuthContext, accepted: Accepted, at: number): boolean {
  const { lifetimeMs, ageMs, receivedAt } = older(accepted, sleeps);
  return lifetimeMs !== undefined && at - receivedAt + ageMs >= lifetimeMs;
}

/** Two-phase commit: the token, the stored terms and the means change here and nowhere else. */
export function commit(context: AuthContext, accepted: Accepted, at: number): Partial<AuthContext> {
  const change = changeBy(context, accepted);
  const isSame = change === 'none';
  const tries = isSame ? oneMoreTry(context, undefined, at) : firstTry(context);
  return {
    current: isSame
      ? context.current
      : currentFrom(older(accepted, context.sleeps), context, standingOf(context)),
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

/** In the `detail.token` of the error for a token that the source gives although a server has refused it. */
export const REFUSED_BEFORE = 'refused before';

/** What a failed try changes: the error, the count, the moment of the next try. Nothing else. */
export function setBack(context: AuthContext, error: ErrorInfo, at: number): Partial<AuthContext> {
  const { message: reason, retryAfterMs } = error;
  // A source that gives a refused token again is as one of unusable tokens: it has a cache, and is not asked in haste.
  const isRefusedBefore = error.detail?.token === REFUSED_BEFORE;
  const unusable = isRefusedBefore ? Math.max(UNUSABLE_AGAIN, context.unusable + 1) : context.unusable;
  const tries = oneMoreTry({ ...context, unusable }, retryAfterMs, at);
  const next = { error, request: null, unusable, ...tries, reason, since: at };
  if (context.current !== null || !needsSignIn(error)) return { ...next, signInTries: 0 };
  const signInTries = tries.attempts === context.attempts ? context.signInTries : context.signInTries + 1;
  const retryAt = Math.max(tries.notBefore, at + signInDelayMs(Math.max(1, signInTries)));
  return { ...next, signInTries, retryAt, reason: 'nobody is signed in' };
}

function oneMoreTry(context: AuthContext, askedMs: number | undefined, at: number): Tries {
  const { request } = context;
  const retryAfterMs = boundedWaitMs(askedMs);
  const notBefore = Math.max(context.notBefore, at + (retryAfterMs ?? 0));
  // What an application asks for by name, in vain, puts off nothing that is due by itself, unless the server does.
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
 * The current token was refused while the next try is waited for: that was planned by the life it had left, which
 * may be a day. From now on it is as for those who have none.
 */
export function retrySooner(context: AuthContext, at: number): Pick<AuthContext, 'retryAt'> {
  const { attempts, retryAt, notBefore } = context;
  const soon = at + retryDelay(context, { attempts, remainingMs: 0, retryAfterMs: undefined });
  return { retryAt: Math.max(notBefore, Math.min(retryAt, soon)) };
}

/** What the current token has left. A renewal that is not due yet is in no hurry: then that does not matter. */
function remainingMs({ current }: AuthContext, at: number): number {
  if (current === null) return 0;
  return at < current.renewAt ? never : Math.max(0, current.expiresAt - at);
}

/** After sleep the plan is made anew: what the clocks that stood still did not count has passed. */
export function moveOn({ current, askedAt, notBefore }: AuthContext, ms: number): Partial<AuthContext> {
  return {
    askedAt: askedAt === null ? null : askedAt - ms,
    retryAt: notBefore - ms,
    notBefore: notBefore - ms,
    current: current && {
      ...current,
      receivedAt: current.receivedAt - ms,
      renewAt: current.renewAt - ms,
      expiresAt: current.expiresAt - ms,
    },
  };
}
