import type { ErrorInfo } from '../src/errors.js';
import type { Sealed } from '../src/token/sealed.js';
import type { TokenDetails, TokenFacts } from '../src/token/token-details.js';
import type { Ask } from './ask.js';
import { planFor, type RenewalPolicy, retryDelayMs } from './policy.js';
import type { Accepted, MachinePorts } from './ports.js';

/** The token in use. Moments are monotonic ms; `Infinity`: never, by the clock. */
export interface Held {
  readonly token: Sealed<TokenDetails>;
  readonly facts: TokenFacts;
  readonly receivedAt: number;
  readonly renewAt: number;
  readonly diesAt: number;
}

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

export interface AuthContext extends Omit<AuthInput, 'given'> {
  readonly held: Held | null;
  /** What the running acquisition was asked for. */
  readonly ask: Ask | null;
  /** How many acquisitions were begun. */
  readonly generation: number;
  /** Whether a token was ever accepted. */
  readonly wasAuthorized: boolean;
  /** Failed tries in a row. */
  readonly attempts: number;
  /** Tokens in a row that were of no use as soon as they came. */
  readonly duds: number;
  readonly error: ErrorInfo | null;
  /** Monotonic moment before which nothing is tried by itself. */
  readonly retryAt: number;
  /** Why the last step happened, in words. */
  readonly reason: string;
}

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
  /** Internal: the next try of a renewal is due. */
  | { readonly type: 'retry' };

export type AuthEmitted =
  /** A token was accepted and is in use from now. */
  | {
      readonly type: 'token.committed';
      readonly token: Sealed<TokenDetails>;
      readonly facts: TokenFacts;
      readonly renewed: boolean;
    }
  /** The token in use died or was refused. */
  | { readonly type: 'token.dropped'; readonly facts: TokenFacts; readonly error: ErrorInfo }
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

/** A token of no further use sooner than this after it came is a dud. */
const DUD_MS = 5_000;

/** Renewals are never closer than this, however short the tokens live. */
const CLOSEST_RENEWALS_MS = 250;

export const now = (context: Pick<AuthContext, 'ports'>): number => context.ports.open().clock.monotonic();

export const isAlive = (context: AuthContext): boolean =>
  context.held !== null && now(context) < context.held.diesAt;

export const justCame = (context: AuthContext): boolean =>
  context.held !== null && now(context) - context.held.receivedAt < DUD_MS;

export function hold(accepted: Accepted, context: Pick<AuthInput, 'renewal' | 'seed'>): Held {
  const { token, facts, lifetimeMs, ageMs, receivedAt } = accepted;
  const { renewInMs, diesInMs } = planFor(lifetimeMs, ageMs, context.renewal, context.seed);
  return {
    token,
    facts,
    receivedAt,
    renewAt: receivedAt + Math.max(renewInMs, Math.min(CLOSEST_RENEWALS_MS, diesInMs)),
    diesAt: receivedAt + diesInMs,
  };
}

/** Two-phase commit: the token, the stored terms and the means change here and nowhere else. */
export function commit(context: AuthContext, accepted: Accepted): Partial<AuthContext> {
  return {
    held: hold(accepted, context),
    terms: accepted.terms,
    renewable: accepted.renewable,
    wasAuthorized: true,
    ask: null,
    attempts: context.duds > 0 ? context.attempts : 0,
    error: null,
    retryAt: 0,
    reason: isAlive(context) ? 'the token was renewed' : 'a token was obtained',
  };
}

/** What a failed try changes: the error, the count, the moment of the next try. Nothing else. */
export function setBack(context: AuthContext, error: ErrorInfo): Partial<AuthContext> {
  const attempts = context.attempts + 1;
  const wait = retryDelayMs(attempts, context.renewal, context.ports.open().random(), error.retryAfterMs);
  return { error, attempts, ask: null, retryAt: now(context) + wait, reason: error.message };
}
