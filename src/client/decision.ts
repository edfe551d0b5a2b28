import type { AcquisitionStep } from '../../machines/acquisition.js';
import type { RenewalPolicy } from '../../machines/policy.js';
import type { Clock } from '../clock.js';
import type { Reason } from '../errors/reason.js';
import { type TokenMetadata, tokenMetadata } from '../token/token-details.js';
import type { AuthSnapshot, AuthState } from './auth-state.js';

/** The explanation of a client's state: the last step, its inputs, and the next step. It contains no secret. */
export interface Decision extends Pick<AuthState, 'value' | 'error' | 'attempts' | 'next'> {
  /** The reason for the last step, in words. */
  readonly rule: string;
  /** The same in one or two words, for programs; null: nothing has been asked yet. */
  readonly reason: Reason | null;
  /** When the last step happened, ms since the epoch by the local clock. */
  readonly at: number;
  /** When the explanation was made, by the same clock. */
  readonly now: number;
  /** What the running acquisition does: its step. null: none runs. */
  readonly step: AcquisitionStep | null;
  /** How many acquisitions were started in all. */
  readonly acquisitions: number;
  /** The current token. null: there is none. */
  readonly token: (TokenMetadata & TokenPlan) | null;
  readonly inputs: {
    readonly renewal: RenewalPolicy;
    /** Where in the spread of many clients this client renews, from 0 to 1. */
    readonly seed: number;
    /** Whether there is a source for another token. */
    readonly renewable: boolean;
    readonly isOnline: boolean;
  };
}

/** ms from now. Negative: in the past. null: not known, so the clock decides nothing. */
interface TokenPlan {
  readonly receivedInMs: number;
  readonly renewInMs: number | null;
  readonly diesInMs: number | null;
}

/** @param state the current state of the client */
export function decisionOf(
  { context }: AuthSnapshot,
  { value, error, attempts, reason, next }: AuthState,
  clock: Clock,
): Decision {
  const now = clock.monotonic();
  const until = (moment: number) => (Number.isFinite(moment) ? Math.round(moment - now) : null);
  const { current, renewal, seed, renewable, generation, since, ports } = context;
  const sourceReason = generation === 0 ? null : context.sourceReason;
  return Object.freeze({
    value,
    rule: reason,
    reason: error?.reason ?? (context.wanted === 'signed out' ? 'signed out' : sourceReason),
    at: Math.round(clock.now() + since - now),
    now: Math.round(clock.now()),
    error,
    attempts,
    step: ports.expose().running?.step ?? null,
    acquisitions: generation,
    ...(next === undefined ? {} : { next }),
    token:
      current === null || value === 'idle'
        ? null
        : {
            ...tokenMetadata(current.token.expose()),
            receivedInMs: Math.round(current.receivedAt - now),
            renewInMs: until(current.renewAt),
            diesInMs: until(current.expiresAt),
          },
    inputs: { renewal, seed, renewable, isOnline: ports.expose().isOnline() },
  });
}
