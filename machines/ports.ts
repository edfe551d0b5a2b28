import type { ErrorInfo } from '../src/errors/error-info.js';
import type { Secret } from '../src/token/secret.js';
import type { TokenDetails } from '../src/token/token-details.js';
import type { TokenRequest } from '../src/token/token-request.js';
import type { AcquisitionRequest } from './acquisition-request.js';

/** What the auth machine needs from outside. */
export interface MachinePorts {
  readonly clock: {
    monotonic(): number;
    setTimeout(fn: () => void, ms: number): unknown;
    clearTimeout(handle: unknown): void;
  };
  /** A fresh number in [0, 1) at each call. */
  random(): number;
  /** Whether there is a network, as far as the platform knows. */
  isOnline(): boolean;
  /**
   * Whether anybody uses the token: a subscriber, a connection, or a call within so many ms. Without this method
   * somebody does.
   */
  isInUse?(withinMs: number): boolean;
  /** Whether presenting a token now means opening a transport, which has a time of its own. */
  opensTransport(request: AcquisitionRequest): boolean;
  /** Asks the source. */
  ask(request: AcquisitionRequest, signal: AbortSignal): Promise<SourceAnswer>;
  /** Exchanges a TokenRequest for a token. */
  exchange(
    tokenRequest: Secret<TokenRequest>,
    request: AcquisitionRequest,
    signal: AbortSignal,
  ): Promise<SourceAnswer>;
  /** Has the connection accept the token, where there is one that must. */
  present(token: Secret<TokenDetails>, request: AcquisitionRequest, signal: AbortSignal): Promise<Accepted>;
}

/** What a source answered: a token, or a signed request to be exchanged for one. */
export type SourceAnswer =
  | { readonly kind: 'token'; readonly token: Secret<TokenDetails>; readonly clientId?: string | null }
  | { readonly kind: 'request'; readonly request: Secret<TokenRequest>; readonly clientId?: string | null };

/** A token that source and connection accepted, and all that changes together with it. */
export interface Accepted {
  readonly ok: true;
  readonly token: Secret<TokenDetails>;
  /** ms; undefined where neither the token nor its metadata tell. */
  readonly lifetimeMs: number | undefined;
  /** How old the token already was when it was received, ms. */
  readonly ageMs: number;
  /** Monotonic time at which it was received. */
  readonly receivedAt: number;
  /** How many sleeps the acquisition had seen by then. Default: none. */
  readonly sleepsBefore?: number;
  /** How long each step of the acquisition took, ms. */
  readonly stepsMs?: {
    readonly asking?: number;
    readonly exchanging?: number;
    readonly presenting?: number;
  };
  /** The terms to store with it. */
  readonly terms: Secret<unknown>;
  /** Whether those terms hold a means to get the next one. */
  readonly renewable: boolean;
}

/** No token, and why not. */
export interface Refused {
  readonly ok: false;
  readonly error: ErrorInfo;
}

/** How an acquisition ends. */
export type Outcome = Accepted | Refused;

/** A placeholder for an actor that must be given with `machine.provide()`. */
export function unprovided(name: string): () => never {
  return () => {
    throw new Error(`The actor '${name}' was not provided: use machine.provide({ actors: { … } })`);
  };
}
