import { port, record, wholeNumber } from '../../checks/option-checks.js';
import { type Clock, systemClock } from '../../clock.js';
import { closed, forgotten } from '../../errors/closed-errors.js';
import { type ErrorInfo, isTokenError, toErrorInfo } from '../../errors/error-info.js';
import { DISPOSE } from '../../platform/globals.js';
import { reasonOf } from '../../platform/signals.js';
import { outsideZones, throughProxies } from '../../surroundings.js';
import type { TokenDetails } from '../../token/token-details.js';
import { noteMaking } from '../made-for.js';
import { disposed } from '../one-auth.js';
import { PendingPush } from '../pending-push.js';
import {
  type ConnectionAdapter,
  type ConnectionReport,
  type ConnectionState,
  type ConnectionUpgradeEvent,
  isAtRest,
  type ReportedError,
} from '../port.js';
import { ReportedState } from './reported-state.js';
import { noAnswer, notOpened, superseded, unclear } from './stack-errors.js';
import { StackTimers } from './stack-timers.js';

/** The options of every {@link StackConnection}. */
export interface StackOptions {
  /** How long the server may take to answer a token, in whole ms. Default: 10,000. */
  readonly answerTimeoutMs?: number;
  /** Replaces the clock of the platform. */
  readonly clock?: Clock;
}

/** A token that waits for the server's answer. */
interface Pushed {
  readonly token: TokenDetails;
  /** The connection was connected with another token before, which may still be good. */
  readonly isUpgrade: boolean;
}

/**
 * The base of a connection on another stack: an adapter says how the stack opens, shuts and re-authenticates, and reports
 * what the stack does. The base keeps the rules of the port: which token is presented, which push is answered, what is
 * reported, and how long a server may stay silent.
 *
 * - It presents the pushed token, or else the one accepted last. It never presents a refused token again, nor one that
 *   has expired by the clock: it asks for another.
 * - The adapter overrides {@link open}, {@link shut} and, if its server takes a token in place, {@link authenticate}.
 * - The adapter calls {@link retrying}, {@link accepted}, {@link refused}, {@link lost}, {@link asked} and {@link ended}
 *   when its stack does that. A report about a transport that was shut must not be passed on.
 *
 * @example
 * ```ts
 * import { Auth, type TokenDetails } from 'latchkey';
 * import { StackConnection } from 'latchkey/connection/stack';
 *
 * class ChatConnection extends StackConnection {
 *   #socket: WebSocket | undefined;
 *
 *   protected open({ token }: TokenDetails): void {
 *     this.shut();
 *     const socket = new WebSocket('wss://example.com/chat');
 *     this.#socket = socket;
 *     socket.onopen = () => socket.send(JSON.stringify({ token }));
 *     socket.onmessage = ({ data }) => this.accepted(JSON.parse(data).clientId);
 *     socket.onclose = ({ code, reason }) => {
 *       if (this.#socket !== socket) return;
 *       if (code === 4401) this.refused({ code: 40142, statusCode: 401, message: reason });
 *       else this.lost({ code: 80003, statusCode: 400, message: reason }, 1_000);
 *     };
 *   }
 *
 *   protected shut(): void {
 *     const socket = this.#socket;
 *     this.#socket = undefined;
 *     socket?.close();
 *   }
 * }
 *
 * const connection = new ChatConnection();
 * const auth = new Auth({ authUrl: 'https://example.com/api/token', connection });
 * connection.connect();
 * console.log(auth.state.value);
 * ```
 */
export abstract class StackConnection implements ConnectionAdapter {
  /** The version of the port. */
  readonly port = 1;
  /** The clock of the connection, for waits of the adapter. */
  protected readonly clock: Clock;
  readonly #answerTimeoutMs: number;
  readonly #push = new PendingPush();
  readonly #state: ReportedState;
  readonly #timers: StackTimers;
  #pushed: Pushed | null = null;
  #accepted: TokenDetails | null = null;
  #refusal: { readonly token: string; readonly error: ReportedError } | null = null;
  #isDisposed = false;

  /** @throws {ErrorInfo} 40003: an option has a wrong value */
  constructor(options: StackOptions = {}) {
    const { answerTimeoutMs, clock } = record('options', options ?? {});
    this.#answerTimeoutMs = wholeNumber('answerTimeoutMs', answerTimeoutMs) ?? 10_000;
    this.clock =
      port('clock', clock ?? undefined, ['now', 'monotonic', 'setTimeout', 'clearTimeout']) ?? systemClock;
    this.#state = new ReportedState(this.clock);
    this.#timers = new StackTimers(this.clock);
    noteMaking(this, () => this.dispose());
  }

  /** Connects with this token. What was open before ends, without a report. */
  protected abstract open(token: TokenDetails): void;

  /**
   * Ends what is open, without a report. The stack must not come back by itself until {@link open}.
   *
   * @param end why the connection is closed or failed; null: it waits for a token, so what the app has subscribed stays
   */
  protected abstract shut(end: ErrorInfo | null): void;

  /**
   * Re-authenticates in place. Without this method the connection is opened again with the token.
   *
   * @returns settles with the server's answer to this token: the clientId if the server says it, or the refusal, which has
   * status 401 or 403. If the transport breaks first, it stays pending. undefined: this server takes no token in place
   */
  protected authenticate?(token: TokenDetails): Promise<string | null | undefined> | undefined;

  /** The state of the connection. */
  get state(): ConnectionState {
    return this.#state.name;
  }

  /** The token to connect with: the one that was pushed, or else the one accepted last. null: there is none. */
  protected get token(): TokenDetails | null {
    if (this.#pushed !== null) return this.#pushed.token;
    const { expires } = this.#accepted ?? {};
    const isOver = typeof expires === 'number' && expires > 0 && expires <= this.clock.now();
    return isOver ? null : this.#accepted;
  }

  /** Opens the connection: with its token, or it asks for one. A connection that is open or opening stays as it is. */
  connect(): void {
    if (this.#isDisposed) throw disposed();
    if (this.state !== 'connected' && this.state !== 'connecting') this.#begin();
  }

  /** Closes the connection. A failed one stays failed. */
  close(): void {
    if (this.state !== 'closed' && this.state !== 'failed') this.#leave('closed', closed());
  }

  /** Closes the connection, and drops its tokens: the user signed out. */
  forget(): void {
    this.#accepted = null;
    if (!isAtRest(this.state)) this.#leave('closed', forgotten());
  }

  /** Closes the connection for good. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.close();
    this.#isDisposed = true;
    this.#state.detach();
  }

  /** {@link StackConnection.dispose}, for `using`. */
  [DISPOSE](): void {
    this.dispose();
  }

  /** A connection that is printed or serialised shows its state, and no secret. */
  toJSON(): { state: ConnectionState } {
    return { state: this.state };
  }

  /** @throws {ErrorInfo} 40003: the listener is not a function, or the connection belongs to another Auth */
  attach(listener: (report: ConnectionReport) => void): () => void {
    return this.#state.attach(listener);
  }

  push(event: ConnectionUpgradeEvent, signal: AbortSignal): Promise<void> {
    if (this.#isDisposed) return Promise.reject(disposed());
    if (event.type === 'connection.fail') {
      this.#denied(event.error, event.final !== false);
      return Promise.resolve();
    }
    if (signal.aborted) return Promise.reject(reasonOf(signal));
    const { token } = event;
    const isUpgrade = this.state === 'connected' && event.type === 'connection.upgrade';
    const answer = this.#push.wait(signal, () => this.#withdraw());
    this.#pushed = { token, isUpgrade };
    this.#state.isAsking = false;
    if (event.type === 'connection.replace') this.#accepted = null;
    this.#arm();
    // A server would refuse it again, so it is not asked.
    if (token.token === this.#refusal?.token) this.#refuse(this.#refusal.error, isUpgrade);
    else if (!isUpgrade || !this.#authenticate(this.#pushed)) this.#open(token);
    return answer;
  }

  useNext(token: TokenDetails | null): void {
    if (this.#pushed === null || token !== null) this.#accepted = token;
  }

  halt(): void {
    if (this.state !== 'connecting') return;
    this.#drop(superseded());
    this.#wait();
  }

  hurry(): void {
    if (this.state === 'connected' && this.#pushed !== null) this.#open(this.#pushed.token);
  }

  /**
   * The stack is about to connect again by itself, with {@link token}.
   * @returns the token. null: there is none; the stack was shut, and is opened with the next token
   */
  protected retrying(): TokenDetails | null {
    if (!this.#state.isUsed) {
      this.shut(null);
      return null;
    }
    const { token } = this;
    this.#timers.stay();
    this.#become('connecting');
    if (token === null) this.#ask();
    else if (!this.#timers.isArmed) this.#arm();
    return token;
  }

  /**
   * The server accepted the token of the transport that was opened last.
   *
   * @param clientId whose connection it is by the server's words. Absent: that of the token
   */
  protected accepted(clientId?: string | null): void {
    const token = this.#pushed?.token ?? this.#accepted;
    if (!this.#state.isUsed || token === null) return;
    this.#accepted = token;
    this.#pushed = null;
    this.#timers.stay();
    this.#timers.answered();
    this.#state.connected(clientId === undefined ? token.clientId : clientId);
    this.#push.resolve();
  }

  /** The server refuses the token: with a token error (40140–40149, status 401) another can help, or else nothing can. */
  protected refused(error: ReportedError): void {
    if (this.#state.isUsed) this.#refuse(error);
  }

  /**
   * The transport broke. The stack comes back by itself and says so by {@link retrying}.
   *
   * @param retryInMs if the stack does not: after so many ms the connection is opened again
   */
  protected lost(reason?: ReportedError, retryInMs?: number): void {
    if (!this.#state.isUsed) return;
    if (this.#pushed === null) this.#timers.disarm();
    this.#become('disconnected', reason, retryInMs);
    if (retryInMs !== undefined) this.#timers.again(() => this.#begin(), retryInMs);
  }

  /** The server asks for a new token. */
  protected asked(): void {
    if (this.state === 'connected') this.#state.report({ type: 'token.asked' });
  }

  /** The stack gave up for good. */
  protected ended(error: ReportedError): void {
    if (!isAtRest(this.state)) this.#leave('failed', error);
  }

  #begin(): void {
    const { token } = this;
    this.#become('connecting');
    if (token === null) {
      this.#ask();
      return;
    }
    this.#arm();
    this.#open(token);
  }

  #open(token: TokenDetails): void {
    this.#timers.stay();
    this.#become('connecting');
    try {
      outsideZones(() => this.open(token));
    } catch (thrown) {
      const error = toErrorInfo(thrown, notOpened);
      this.#drop(error);
      this.lost(error, this.#timers.afterSilence());
    }
  }

  #ask(): void {
    this.#timers.disarm();
    this.#wait();
    this.#state.report({ type: 'token.needed' });
  }

  /** Nothing is open until the next push. */
  #wait(): void {
    this.#state.isAsking = true;
    this.#timers.stay();
    this.shut(null);
  }

  /** @returns whether it is tried in place */
  #authenticate(pushed: Pushed): boolean {
    let answer: Promise<string | null | undefined> | undefined;
    try {
      answer = this.authenticate?.(pushed.token);
    } catch (thrown) {
      answer = Promise.reject(thrown);
    }
    answer?.then(
      (clientId) => {
        if (this.#pushed === pushed) this.accepted(clientId);
      },
      (thrown) => {
        if (this.#pushed !== pushed) return;
        const error = toErrorInfo(thrown, unclear);
        // Anything else says nothing about the token.
        if (error.statusCode === 401 || error.statusCode === 403) this.#refuse(error, true);
        else this.#drop(error);
      },
    );
    return answer !== undefined;
  }

  #refuse(error: ReportedError, isInPlace = false): void {
    if (!isTokenError(error)) {
      this.#leave('failed', error);
      return;
    }
    const { token = '' } = this.#pushed?.token ?? this.#accepted ?? {};
    this.#refusal = { token, error };
    // The older token was accepted before, and its connection was only left for the newer one.
    const isOlderGood = this.#pushed?.isUpgrade === true && this.#accepted?.token !== token;
    if (!isOlderGood) this.#accepted = null;
    this.#drop(error);
    if (isInPlace && isOlderGood) return;
    if (this.state === 'connected') this.#become('disconnected', error);
    if (this.#accepted !== null) {
      this.#begin();
      return;
    }
    this.#become('connecting');
    this.#wait();
    this.#state.report({ type: 'token.refused', error });
  }

  /** No caller waits for the pushed token any more: the connection continues with the one accepted last. */
  #withdraw(): void {
    this.#pushed = null;
    this.#timers.disarm();
    if (this.state === 'connecting') this.#begin();
  }

  #denied(error: ErrorInfo, isFinal: boolean): void {
    if (isFinal && this.state !== 'closed') this.#leave('failed', error);
    if (isFinal || this.state !== 'connecting' || !this.#state.isAsking) return;
    this.#state.isAsking = false;
    this.#become('disconnected', error);
  }

  /** The server was silent for too long. */
  #overdue(): void {
    const error = noAnswer(this.#answerTimeoutMs);
    this.#drop(error);
    if (this.state !== 'connecting') return;
    const retryInMs = this.#timers.afterSilence();
    this.shut(null);
    this.lost(error, retryInMs);
  }

  #leave(state: 'closed' | 'failed', reason: ReportedError): void {
    this.#state.isAsking = false;
    this.#accepted = null;
    this.#timers.stay();
    this.#become(state, reason);
    this.#drop(reason);
    this.shut(toErrorInfo(reason, unclear));
  }

  /** The pushed token is over. */
  #drop(reason: ReportedError): void {
    this.#pushed = null;
    this.#timers.disarm();
    this.#push.reject(reason);
  }

  #arm(): void {
    this.#timers.arm(() => this.#overdue(), this.#answerTimeoutMs);
  }

  #become(state: ConnectionState, reason?: ReportedError, retryInMs?: number): void {
    // What was asked on the transport before is not answered any more.
    if (state !== this.state && this.#pushed !== null) this.#pushed = { ...this.#pushed };
    this.#state.become(state, reason, retryInMs);
  }
}

throughProxies(StackConnection);
