import type { ErrorInfo } from '../src/errors/error-info.js';
import type { Secret } from '../src/token/secret.js';
import type { TokenDetails } from '../src/token/token-details.js';
import type { TokenRequest } from '../src/token/token-request.js';
import type { AcquisitionRequest, AcquisitionStep } from './acquisition.js';
import type { AuthEmitted } from './auth-context.js';

/** What the auth machine needs from outside. */
export interface MachinePorts {
  /** The machine adds the events that it emits, if there is such a list. */
  readonly emitted?: AuthEmitted[];
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
   * Whether something uses the token: a subscriber, a connection, or a call within the last `withinMs`. Without
   * this method the token counts as used.
   */
  isInUse?(withinMs: number): boolean;
  /** Whether presenting a token now means to open a transport, which has a deadline of its own. */
  opensTransport(request: AcquisitionRequest): boolean;
  /** The option of the application whose function has not answered yet; undefined: none. */
  readonly awaited?: string | undefined;
  /** The acquisition that runs. undefined: none. */
  running?: Running | undefined;
  /**
   * Asks the source, or other members that share its tokens.
   * @param enter called with each step in between
   */
  ask(
    request: AcquisitionRequest,
    signal: AbortSignal,
    enter: (step: AcquisitionStep) => void,
  ): Promise<SourceAnswer>;
  /** Exchanges a TokenRequest for a token. */
  exchange(
    tokenRequest: Secret<TokenRequest>,
    request: AcquisitionRequest,
    signal: AbortSignal,
  ): Promise<SourceAnswer>;
  /** Asks the connection to accept the token, if its acceptance is needed. */
  present(token: Secret<TokenDetails>, request: AcquisitionRequest, signal: AbortSignal): Promise<Accepted>;
}

/** The answer of a source: a token, or a TokenRequest that must be exchanged for one. */
export type SourceAnswer =
  | {
      readonly kind: 'token';
      readonly token: Secret<TokenDetails>;
      readonly clientId?: string | null;
      /** How far the clock of the answering server is ahead of the local clock, ms. undefined: not known. */
      readonly aheadMs?: number | undefined;
    }
  | {
      readonly kind: 'request';
      readonly request: Secret<TokenRequest>;
      readonly clientId?: string | null;
      readonly aheadMs?: number | undefined;
    };

/** An acquisition that runs, and the step that it is in. */
export interface Running {
  step: AcquisitionStep;
}

/** How long steps of an acquisition took, ms; absent: there was no such step. */
export type StepsMs = { readonly [Step in Exclude<AcquisitionStep, 'over'>]?: number };

/** A token that the source and the connection accepted, and everything that changes together with it. */
export interface Accepted {
  readonly ok: true;
  readonly token: Secret<TokenDetails>;
  /** The lifetime in ms. undefined: neither the token nor its metadata state it. */
  readonly lifetimeMs: number | undefined;
  /** How old the token already was when it was received, ms: the youngest possible age. */
  readonly ageMs: number;
  /** The oldest one. Default: the same. */
  readonly oldestMs?: number;
  /** The monotonic moment of the receipt. */
  readonly receivedAt: number;
  /** How many sleeps the acquisition had noticed at that moment. Default: none. */
  readonly sleepsBefore?: number;
  /** How long each step of the acquisition took, ms. */
  readonly stepsMs?: StepsMs;
  /** The parameters to store with the token. */
  readonly terms: Secret<unknown>;
  /** Whether these parameters contain a source for the next token. */
  readonly renewable: boolean;
}

/** There is no token, and why not. */
export interface Refused {
  readonly ok: false;
  readonly error: ErrorInfo;
}

/** The result of an acquisition. */
export type Outcome = Accepted | Refused;

/** A placeholder for an actor that `machine.provide()` must replace. */
export function unprovided(name: string): () => never {
  return () => {
    throw new Error(`The actor '${name}' was not provided: use machine.provide({ actors: { … } })`);
  };
}
