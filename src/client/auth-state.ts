import type { SnapshotFrom } from 'xstate';
import type { authMachine } from '../../machines/auth.machine.js';
import { checkName } from '../checks/option-checks.js';
import type { Clock } from '../clock.js';
import type { ErrorInfo } from '../errors/error-info.js';

/** The state of a client, the reason for it, and the next step. It contains no secret. */
export interface AuthState {
  readonly value: 'idle' | 'requesting' | 'authorized' | 'renewing' | 'failed';
  /** The reason for the last step, in words. */
  readonly reason: string;
  /** The last failure. null again after a token was accepted. */
  readonly error: ErrorInfo | null;
  /** Only in `failed`. true: only `authorize()` leaves the state. */
  readonly final?: boolean;
  /** Failed tries in a row. */
  readonly attempts: number;
  /** The next step that the client takes by itself, and when, in ms since the epoch. */
  readonly next?: { readonly step: 'renew' | 'retry' | 'expire'; readonly at: number };
}

/** The names of all states. */
export const AUTH_STATES = [
  'idle',
  'requesting',
  'authorized',
  'renewing',
  'failed',
] as const satisfies readonly AuthState['value'][];

/** @throws {ErrorInfo} 40003: there is no such state */
export const checkStateName = (value: unknown): void => checkName('state', value, AUTH_STATES);

export type AuthSnapshot = SnapshotFrom<typeof authMachine>;

/** The public view of a snapshot of the machine. */
export function stateOf(snapshot: AuthSnapshot, clock: Clock): AuthState {
  const { reason, error, attempts } = snapshot.context;
  const next = nextStep(snapshot, clock);
  return Object.freeze({
    value: publicName(snapshot),
    reason,
    error,
    attempts,
    ...(snapshot.matches('failed') ? { final: snapshot.matches({ failed: 'final' }) } : {}),
    ...(next === undefined ? {} : { next }),
  });
}

/** The state of every client that was disposed of. */
export const stateAtTheEnd: AuthState = Object.freeze({
  value: 'idle',
  reason: 'the client was disposed of',
  error: null,
  attempts: 0,
});

/** Whether two states have equal content. */
export function isSameState(a: AuthState, b: AuthState): boolean {
  return (
    a.value === b.value &&
    a.reason === b.reason &&
    a.error === b.error &&
    a.attempts === b.attempts &&
    a.final === b.final &&
    a.next?.step === b.next?.step
  );
}

function publicName({ value }: AuthSnapshot): AuthState['value'] {
  return typeof value === 'string' ? value : 'failed' in value ? 'failed' : 'renewing';
}

function nextStep(snapshot: AuthSnapshot, clock: Clock): AuthState['next'] {
  const { current, renewable, retryAt } = snapshot.context;
  const at = (moment: number) => Math.round(clock.now() + moment - clock.monotonic());
  if (snapshot.matches({ failed: 'waiting' }) || snapshot.matches({ renewing: 'waiting' })) {
    return { step: 'retry', at: at(retryAt) };
  }
  if (current === null || !Number.isFinite(current.expiresAt)) return undefined;
  if (snapshot.matches('authorized') && renewable && Number.isFinite(current.renewAt)) {
    return { step: 'renew', at: at(Math.max(current.renewAt, retryAt)) };
  }
  return { step: 'expire', at: at(current.expiresAt) };
}
