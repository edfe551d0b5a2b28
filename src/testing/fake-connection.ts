import { checkListener, checkNames, flag, invalidOption, record } from '../checks/option-checks.js';
import { servesAnother } from '../connection/one-auth.js';
import {
  type ConnectionAdapter,
  type ConnectionReport,
  type ConnectionState,
  type ConnectionUpgradeEvent,
  isAtRest,
} from '../connection/port.js';
import { CONNECTION_STATES } from '../connection/states.js';
import { ErrorInfo, isErrorInfo, isTokenError } from '../errors/error-info.js';
import { rememberSelf, throughProxies } from '../surroundings.js';
import { type TokenDetails, type TokenMetadata, tokenMetadata } from '../token/token-details.js';
import { oneOf, required } from './argument-checks.js';

/** The options of {@link fakeConnection}. */
export interface FakeConnectionOptions {
  /** The state at the beginning. Default: `initialized`. */
  readonly state?: ConnectionState;
  /** Whether each token is accepted as soon as it is pushed. Default: true. */
  readonly autoAccept?: boolean;
}

/** A pushed event, without the token itself. */
export type RecordedPush =
  | {
      readonly type: Exclude<ConnectionUpgradeEvent['type'], 'connection.fail'>;
      readonly token: TokenMetadata;
    }
  | { readonly type: 'connection.fail'; readonly error: ErrorInfo; readonly final?: false };

/** A connection without a server: the test decides what the server answers. */
export interface FakeConnection extends ConnectionAdapter {
  /** All pushed events, the oldest first. */
  readonly pushes: readonly RecordedPush[];
  /** Whether an Auth is attached. */
  readonly attached: boolean;
  /** Whether a pushed token is pending. */
  readonly isWaiting: boolean;
  /** Whether each token is accepted as soon as it is pushed. */
  autoAccept: boolean;
  /** Connects, as a user does: asks for a token, unless the connection is connected. */
  connect(): void;
  /**
   * The server accepts the pending token: the connection is connected.
   * @throws {TypeError} if no token is pending
   */
  accept(): void;
  /**
   * The server refuses the pending token. After a token error (401, 40140–40149) another token can help; any
   * other error fails the connection.
   * @throws {TypeError} if no token is pending
   */
  refuse(error: ErrorInfo): void;
  /** Sets the state. A pending token is rejected if the new state ends the wait. */
  setState(state: ConnectionState, reason?: ErrorInfo): void;
  /** Reports any other event to Auth. */
  report(report: ConnectionReport): void;
}

/**
 * Makes a fake connection, to test the auth of an application without a server.
 *
 * @throws {ErrorInfo} 40003 if an option is invalid; so do the methods for their arguments
 *
 * @example
 * ```ts
 * import { Auth } from 'latchkey';
 * import { fakeConnection } from 'latchkey/testing';
 *
 * const connection = fakeConnection({ state: 'connected' });
 * const auth = new Auth({ authCallback: async () => 'a token', connection });
 * await auth.authorize();
 * console.log(connection.pushes.map(({ type }) => type)); // ['connection.upgrade']
 * ```
 */
export function fakeConnection(options: FakeConnectionOptions = {}): FakeConnection {
  const given = record('options', options ?? {});
  checkNames(given, ['state', 'autoAccept']);
  return new Fake(given);
}

/** Checks an error of a connection: it has a code and a status. */
function checkError(name: string, given: unknown): void {
  if (!isErrorInfo(given)) throw invalidOption(name, 'an ErrorInfo', given);
}

interface Waiting {
  readonly token: TokenDetails;
  settle(error?: unknown): void;
}

/** The states that reject a pending token (RTC8b1), with the error's code and message. */
const ends: Partial<Record<ConnectionState, readonly [code: number, message: string]>> = {
  closing: [80017, 'the connection was closed'],
  closed: [80017, 'the connection was closed'],
  suspended: [80014, 'the connection is suspended'],
  failed: [80003, 'the connection failed'],
};

class Fake implements FakeConnection {
  readonly port = 1;
  readonly pushes: RecordedPush[] = [];
  autoAccept: boolean;
  #state: ConnectionState;
  #listener: ((report: ConnectionReport) => void) | null = null;
  #waiting: Waiting | null = null;
  /** The last connected `clientId`; undefined: not known. */
  #clientId: string | null | undefined;

  constructor({ state, autoAccept }: FakeConnectionOptions) {
    rememberSelf(this);
    this.#state = oneOf('state', CONNECTION_STATES, state) ?? 'initialized';
    this.autoAccept = flag('autoAccept', autoAccept ?? undefined) ?? true;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get attached(): boolean {
    return this.#listener !== null;
  }

  get isWaiting(): boolean {
    return this.#waiting !== null;
  }

  attach(listener: (report: ConnectionReport) => void): () => void {
    checkListener(listener);
    if (this.#listener !== null) throw servesAnother();
    this.#listener = listener;
    queueMicrotask(() => {
      if (this.#listener === listener && this.#state === 'connected') this.#reportIdentity();
    });
    return () => {
      if (this.#listener === listener) this.#listener = null;
    };
  }

  push(event: ConnectionUpgradeEvent, signal: AbortSignal): Promise<void> {
    this.pushes.push(recordOf(event));
    if (event.type === 'connection.fail') {
      if (event.final === false) {
        if (this.#state === 'connecting') this.setState('disconnected', event.error);
        return Promise.resolve();
      }
      this.#settle(event.error);
      if (this.#state !== 'closed') this.setState('failed', event.error);
      return Promise.resolve();
    }
    if (signal.aborted) return Promise.reject(signal.reason);
    this.#settle(new ErrorInfo({ code: 80017, message: 'a newer token replaced this token' }));
    const verdict = this.#wait({ ...event.token }, signal);
    if (event.type === 'connection.replace' || this.#state !== 'connected') this.setState('connecting');
    if (this.autoAccept) this.accept();
    return verdict;
  }

  forget(): void {
    if (isAtRest(this.#state)) return;
    this.setState('closed', new ErrorInfo({ code: 80017, message: 'the user signed out' }));
  }

  connect(): void {
    if (this.#state === 'connected') return;
    this.setState('connecting');
    this.report({ type: 'token.needed' });
  }

  accept(): void {
    const { token } = this.#due();
    this.#settle();
    this.setState('connected');
    this.#clientId = token.clientId;
    this.#reportIdentity();
  }

  refuse(error: ErrorInfo): void {
    checkError('error', error);
    this.#due();
    if (!isTokenError(error)) {
      this.#settle(error);
      this.setState('failed', error);
      return;
    }
    // A connected connection keeps its previous token; otherwise it has none.
    if (this.#state !== 'connected') this.report({ type: 'token.refused', error });
    this.#settle(error);
  }

  setState(state: ConnectionState, reason?: ErrorInfo): void {
    oneOf('state', CONNECTION_STATES, required('state', `one of ${CONNECTION_STATES.join(', ')}`, state));
    if (reason !== undefined) checkError('reason', reason);
    const end = ends[state];
    if (end !== undefined) this.#settle(reason ?? new ErrorInfo({ code: end[0], message: end[1] }));
    if (state === this.#state) return;
    this.#state = state;
    this.report({ type: 'connection.changed', state, ...(reason === undefined ? {} : { reason }) });
  }

  report(report: ConnectionReport): void {
    record('report', report);
    this.#listener?.(report);
  }

  #wait(token: TokenDetails, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => this.#settle(signal.reason);
      this.#waiting = {
        token,
        settle: (error) => {
          signal.removeEventListener('abort', abort);
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  /** Settles the pending token, if there is one. @param error the reason to reject it; undefined: it is accepted */
  #settle(error?: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.settle(error);
  }

  #reportIdentity(): void {
    if (this.#clientId !== undefined) this.report({ type: 'identity.confirmed', clientId: this.#clientId });
  }

  #due(): Waiting {
    if (this.#waiting === null) throw new TypeError('no pushed token is pending');
    return this.#waiting;
  }
}

throughProxies(Fake);

function recordOf(event: ConnectionUpgradeEvent): RecordedPush {
  if (event.type === 'connection.fail') return { ...event };
  return { type: event.type, token: tokenMetadata(event.token) };
}
