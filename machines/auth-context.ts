import { boundedWaitMs, type ErrorInfo } from '../src/errors.js';
import type { Sealed } from '../src/token/sealed.js';
import type { TokenDetails, TokenFacts } from '../src/token/token-details.js';
import type { Ask } from './ask.js';
import { planFor, type RenewalPolicy, type Standing } from './policy.js';
import type { Accepted, MachinePorts } from './ports.js';
import { retryDelayMs } from './retry.js';

/** The token in use. Moments are monotonic ms; `Infinity`: never, by the clock. */
export interface Held {
  readonly token: Sealed<TokenDetails>;
  readonly receivedAt: number;
  readonly renewAt: number;
  readonly diesAt: number;
  /** Whether it was told that it is about to die. */
  readonly isExpiring: boolean;
}

/** What the auth machine begins with. */
export interface AuthInput {
  readonly ports: Sealed<MachinePorts>;
  /** TokenParams and AuthOptions to begin with. */
  readonly terms: Sealed<unknown>;
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
  readonly held: Held | null;
  /** How long the last token lived in all, ms; undefined: not known. */
  readonly lifetimeMs: number | undefined;
  /** What the running acquisition was asked for. */
  readonly ask: Ask | null;
  /** How many acquisitions were begun. */
  readonly generation: number;
  /** Whether a token was ever accepted. */
  readonly wasAuthorized: boolean;
  /** Whether somebody relies on the stored terms: asked by them for a token, or has one. */
  readonly isNeeded: boolean;
  /** Failed tries in a row. */
  readonly attempts: number;
  /** Tokens in a row that were of no use as soon as they came. */
  readonly duds: number;
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

/** What the auth machine is told. */
export type AuthEvent =
  /** The application wants a new token now. */
  | { readonly type: 'authorize'; readonly ask: Ask }
  /** Somebody cannot go on without a token: a request, a subscriber, the connection. */
  | { readonly type: 'token.needed' }
  /** The server asks for a new token while the old one still holds (RTN22). */
  | { readonly type: 'token.asked' }
  /** The token in use is not taken any more. */
  | { readonly type: 'token.refused'; readonly error: ErrorInfo }
  /** Drop the token and everything that runs. */
  | { readonly type: 'forget' }
  /** The wall clock ran ahead of the monotonic one by so much: the machine slept. */
  | { readonly type: 'time.jumped'; readonly ms: number }
  /** There is a network again. */
  | { readonly type: 'network.back' }
  /** Internal: the next try of a renewal is due. */
  | { readonly type: 'retry' };

/** What the auth machine tells whoever runs it. */
export type AuthEmitted =
  /** A token was accepted and is in use from now. */
  | {
      readonly type: 'token.committed';
      readonly token: Sealed<TokenDetails>;
      readonly facts: TokenFacts;
      /** What it is to the one before: none, if it is the same. */
      readonly change: 'first' | 'renewed' | 'none';
    }
  /** The token in use died or was refused. */
  | { readonly type: 'token.dropped'; readonly facts: TokenFacts; readonly error: ErrorInfo }
  /** The token in use is about to die, and no other is there yet. */
  | { readonly type: 'token.expiring'; readonly facts: TokenFacts; readonly inMs: number }
  /** Whoever needs a token may have the one in use. */
  | { readonly type: 'token.offered'; readonly token: Sealed<TokenDetails> }
  /** One try failed. `retryInMs` is null where none follows by itself. */
  | {
      readonly type: 'acquisition.failed';
      readonly error: ErrorInfo;
      readonly attempts: number;
      readonly retryInMs: number | null;
    }
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

/** A token of no further use sooner than this after it came is a dud. */
const DUD_MS = 5_000;

/** … or in half its life, where that is less: one that lived as long as it was to is none, unless that was no life. */
const dudMs = ({ receivedAt, diesAt }: Held): number =>
  Math.min(DUD_MS, Math.max(2_000, (diesAt - receivedAt) / 2));

/** A token is told to be about to die so long before, or a tenth of its life, whichever is shorter. */
const EXPIRING_MS = 10_000;

const never = Number.POSITIVE_INFINITY;

/** The moment from which on the token in use is to be renewed. */
export function renewalAt({ held, renewable, retryAt }: AuthContext): number {
  return held !== null && renewable ? Math.max(held.renewAt, retryAt) : never;
}

/** The moment from which on it is to be told that the token in use is about to die, if it was not yet. */
export function tellingAt({ held }: AuthContext): number {
  if (held === null || held.isExpiring) return never;
  return held.diesAt - Math.min(EXPIRING_MS, (held.diesAt - held.receivedAt) / 10);
}

export const deathAt = ({ held }: AuthContext): number => held?.diesAt ?? never;

/** When a server that asked may be answered again. */
export const pauseEndsAt = ({ askedAt }: Pick<AuthContext, 'askedAt'>): number =>
  askedAt === null ? 0 : askedAt + ASK_PAUSE_MS;

/** While there is no network the next try waits for it, but not for longer than this: it may be a mistake. */
export const OFFLINE_CHECK_MS = 60_000;

/** Renewals are never closer than this, however short the tokens live. */
const CLOSEST_RENEWALS_MS = 250;

export const now = (context: Pick<AuthContext, 'ports'>): number => context.ports.open().clock.monotonic();

export const isAlive = (context: AuthContext): boolean =>
  context.held !== null && now(context) < context.held.diesAt;

export const justCame = (context: AuthContext): boolean =>
  context.held !== null && now(context) - context.held.receivedAt < dudMs(context.held);

/** The last step, as it is kept for those who ask why. */
export const step = (context: Pick<AuthContext, 'ports'>, reason: string) => ({
  reason,
  since: now(context),
});

export function hold(
  accepted: Accepted,
  context: Pick<AuthInput, 'renewal' | 'seed'>,
  standing: Standing,
): Held {
  const { token, lifetimeMs, ageMs, receivedAt } = accepted;
  const { renewInMs, diesInMs } = planFor(lifetimeMs, ageMs, context.renewal, context.seed, standing);
  return {
    token,
    receivedAt,
    renewAt: receivedAt + Math.max(renewInMs, Math.min(CLOSEST_RENEWALS_MS, diesInMs)),
    diesAt: receivedAt + diesInMs,
    isExpiring: false,
  };
}

/** Whether a source gave the very token that is in use: nothing is gained, and its life is not longer. */
const isTheSame = (held: Held | null, accepted: Accepted): held is Held =>
  held !== null && held.token.open().token === accepted.token.open().token;

/** What a new token is to the one before. */
export function changeBy(context: AuthContext, accepted: Accepted): 'first' | 'renewed' | 'none' {
  if (isTheSame(context.held, accepted)) return 'none';
  return isAlive(context) ? 'renewed' : 'first';
}

function standingOf(context: AuthContext): Standing {
  if (!context.wasAuthorized) return 'first';
  return isAlive(context) && context.attempts === 0 ? 'in turn' : 'after trouble';
}

/** A token that came before the machine slept is older by that, though no clock of its own says so. */
function older(accepted: Accepted, sleeps: AuthContext['sleeps']): Accepted {
  const after = sleeps.filter(({ at }) => at >= accepted.receivedAt);
  return { ...accepted, receivedAt: after.reduce((at, { ms }) => at - ms, accepted.receivedAt) };
}

/** Whether a token died while the connection had it before it, or while the machine slept. */
export function isTooLate(context: AuthContext, accepted: Accepted): boolean {
  const { lifetimeMs, ageMs, receivedAt } = older(accepted, context.sleeps);
  return lifetimeMs !== undefined && now(context) - receivedAt + ageMs >= lifetimeMs;
}

/** Two-phase commit: the token, the stored terms and the means change here and nowhere else. */
export function commit(context: AuthContext, accepted: Accepted): Partial<AuthContext> {
  const { terms, renewable } = accepted;
  const kept = { terms, renewable, wasAuthorized: true, isNeeded: true, ask: null, error: null };
  if (isTheSame(context.held, accepted)) {
    return {
      ...kept,
      ...oneMoreTry(context, undefined),
      ...step(context, 'the source gave the same token again'),
    };
  }
  return {
    ...kept,
    lifetimeMs: accepted.lifetimeMs,
    held: hold(older(accepted, context.sleeps), context, standingOf(context)),
    attempts: context.duds > 0 ? context.attempts : 0,
    retryAt: 0,
    notBefore: 0,
    ...step(context, isAlive(context) ? 'the token was renewed' : 'a token was obtained'),
  };
}

/** What a failed try changes: the error, the count, the moment of the next try. Nothing else. */
export function setBack(context: AuthContext, error: ErrorInfo): Partial<AuthContext> {
  return { error, ask: null, ...oneMoreTry(context, error.retryAfterMs), ...step(context, error.message) };
}

function oneMoreTry(
  context: AuthContext,
  askedMs: number | undefined,
): Pick<AuthContext, 'attempts' | 'retryAt' | 'notBefore'> {
  const { renewal, ports } = context;
  const retryAfterMs = boundedWaitMs(askedMs);
  const notBefore = Math.max(context.notBefore, now(context) + (retryAfterMs ?? 0));
  // What an application asks for by name, in vain, puts off nothing that is due by itself, unless the server does.
  if (context.ask?.explicit === true && context.retryAt > now(context)) {
    const { attempts, retryAt } = context;
    return { attempts, retryAt: Math.max(retryAt, notBefore), notBefore };
  }
  const attempts = context.attempts + 1;
  // A source of duds is asked more and more slowly, however short what it gives lives.
  const lifetimeMs = context.duds > 0 ? undefined : context.lifetimeMs;
  const setback = { attempts, remainingMs: remainingMs(context), lifetimeMs, retryAfterMs };
  const retryAt = now(context) + retryDelayMs(setback, renewal, ports.open().random());
  return { attempts, retryAt: Math.max(retryAt, notBefore), notBefore };
}

/**
 * The token in use is gone while the next try is waited for: that was planned by the life it had left, which
 * may be a day. From now on it is as for those who have none.
 */
export function retrySooner(context: AuthContext): Pick<AuthContext, 'retryAt'> {
  const { attempts, lifetimeMs, renewal, ports, retryAt, notBefore } = context;
  const setback = { attempts, remainingMs: 0, lifetimeMs, retryAfterMs: undefined };
  const soon = now(context) + retryDelayMs(setback, renewal, ports.open().random());
  return { retryAt: Math.max(notBefore, Math.min(retryAt, soon)) };
}

/** What the token in use has left. A renewal that is not due yet is in no hurry: then that does not matter. */
function remainingMs(context: AuthContext): number {
  const { held } = context;
  if (held === null) return 0;
  return now(context) < held.renewAt ? Number.POSITIVE_INFINITY : Math.max(0, held.diesAt - now(context));
}

/** Whether the source said that it does not want to be asked yet. */
export const isTooEarly = (context: AuthContext): boolean => now(context) < context.notBefore;

/** After sleep the plan is made anew: what the clocks that stood still did not count has passed. */
export function moveOn({ held, notBefore }: AuthContext, ms: number): Partial<AuthContext> {
  const tries = { retryAt: notBefore - ms, notBefore: notBefore - ms };
  if (held === null) return tries;
  const { receivedAt, renewAt, diesAt } = held;
  return {
    ...tries,
    held: { ...held, receivedAt: receivedAt - ms, renewAt: renewAt - ms, diesAt: diesAt - ms },
  };
}
