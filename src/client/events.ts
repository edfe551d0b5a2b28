import { EventEmitter } from '#emitter';
import type { StepsMs } from '../../machines/ports.js';
import { checkListener, checkName } from '../checks/option-checks.js';
import type { ConnectionState } from '../connection/port.js';
import type { ErrorInfo } from '../errors/error-info.js';
import type { Reason } from '../errors/reason.js';
import type { TokenMetadata } from '../token/token-details.js';
import type { AuthState } from './auth-state.js';

/** Listeners by event. No payload contains a secret: the facts of a token do not include the token itself. */
export interface AuthEvents {
  /** The client is in another state, or in the same state for another reason. */
  state: (state: AuthState) => void;
  /** There is a token: the first one, or the first one after a time without a token. */
  authorized: (token: TokenMetadata & Acquired) => void;
  /** A new token replaced a token that was still valid. */
  renewed: (token: TokenMetadata & Acquired) => void;
  /** The current token expires in `inMs`, and has not been replaced yet. */
  expiring: (happening: { readonly token: TokenMetadata; readonly inMs: number }) => void;
  /** The current token expired before it was replaced, or was refused. */
  expired: (happening: {
    readonly token: TokenMetadata;
    readonly error: ErrorInfo;
    readonly reason: Reason;
  }) => void;
  /** There is no usable token. `retryInMs` is null if only `authorize()` helps. */
  failed: (happening: Failure & { readonly final: boolean }) => void;
  /**
   * No user is signed in: the source answered 401 while there is no token. The client tries again after 1, 2, 4 …
   * minutes, and at once when `authorize()` is called or the user or the network is back.
   */
  'signin.required': (happening: {
    readonly error: ErrorInfo;
    readonly reason: Reason;
    readonly retryInMs: number;
  }) => void;
  /** A try to replace the token failed. The current token stays in use. */
  'renewal.failed': (happening: Failure) => void;
  /** The client has another clientId, or knows its clientId for the first time. */
  'identity.changed': (happening: {
    readonly previous: string | null;
    readonly current: string | null;
  }) => void;
  /** The connection is asked to connect with this token. */
  'connection.open': (happening: { readonly token: TokenMetadata }) => void;
  /** The connection is asked to re-authenticate in place with this token. */
  'connection.upgrade': (happening: { readonly token: TokenMetadata }) => void;
  /** The connection is asked to start again with another identity. */
  'connection.replace': (happening: { readonly token: TokenMetadata }) => void;
  /** The connection is informed that there will be no token. */
  'connection.fail': (happening: { readonly error: ErrorInfo; readonly reason: Reason }) => void;
  /** The connection has another state. */
  'connection.changed': (happening: {
    readonly state: ConnectionState;
    readonly reason?: ErrorInfo;
    /** ms until the connection tries again, if it says so. */
    readonly retryInMs?: number;
  }) => void;
}

/** How a token was obtained. */
export interface Acquired {
  /** Why it was asked for. */
  readonly reason: Reason;
  /** Which try in a row it was: 1 is the first. */
  readonly attempt: number;
  /** How long each step took, ms. A step that was not needed is absent. */
  readonly stepsMs: StepsMs;
}

/** A failed try, and what follows. */
export interface Failure {
  readonly error: ErrorInfo;
  /** What it is due to. */
  readonly reason: Reason;
  /** Failed tries in a row. */
  readonly attempts: number;
  /** ms until the next try. null: no try follows by itself. */
  readonly retryInMs: number | null;
}

/** The name of an event. */
export type AuthEventName = keyof AuthEvents;

const names: Readonly<Record<AuthEventName, true>> = {
  state: true,
  authorized: true,
  renewed: true,
  expiring: true,
  expired: true,
  failed: true,
  'signin.required': true,
  'renewal.failed': true,
  'identity.changed': true,
  'connection.open': true,
  'connection.upgrade': true,
  'connection.replace': true,
  'connection.fail': true,
  'connection.changed': true,
};

/** @throws {ErrorInfo} 40003: there is no such event, or the listener is not a function */
export function checkEvent(name: unknown, listener: unknown): void {
  checkName('event', name, Object.keys(names));
  checkListener(listener);
}

/** Only this file uses eventemitter3. */
export class AuthEmitter extends EventEmitter<AuthEvents> {}
