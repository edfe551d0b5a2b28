import { closed } from '../../errors/closed-errors.js';
import { type ErrorInfo, isOwnError, toErrorInfo } from '../../errors/error-info.js';
import type { LogHandler } from '../../log/log.js';
import { callUser, faultLog } from '../../log/user-callback.js';
import { abortable, reasonOf } from '../../platform/signals.js';
import { fieldOf } from '../../redaction/received.js';
import type { SecretStore } from '../../redaction/secret-store.js';
import { redactedError } from '../../sources/redacted-error.js';
import { warnOfServerClaim } from '../../sources/server-claim.js';
import type { ClientType } from '../../token/client-type.js';
import type { Who } from '../../token/identity.js';
import type { Secret } from '../../token/secret.js';
import type { TokenDetails } from '../../token/token-details.js';
import type {
  ConnectionAdapter,
  ConnectionReport,
  ConnectionState,
  ConnectionUpgradeEvent,
} from '../port.js';
import { readReport, readState, stateOf } from './adapter-report.js';
import { type Effect, type Mode, type Presented, type Push, type Report, tokensIn } from './link-modes.js';
import { restOf } from './link-rules.js';
import { firstMode, reduce } from './link-table.js';

/** The functions of the client that the link calls. */
export interface LinkListener {
  pushed(event: ConnectionUpgradeEvent): void;
  reported(report: ConnectionReport<ErrorInfo>): void;
  /** The server refused the last token of the connection, and that token is the current one. */
  refused(error: ErrorInfo): void;
  /** The connection still waits: a token must be requested. */
  needed(): void;
  /** The current token. */
  held(): Secret<TokenDetails> | null;
  /** The clientId that tokens are requested for. */
  asked(): Who;
}

/** The options of a client that the link needs. */
export interface LinkOptions {
  /** The clientId of the client. undefined: that of the token. */
  readonly clientId: string | undefined;
  readonly clientType?: ClientType | undefined;
  readonly log: LogHandler;
  /** The secrets that no error may show. */
  readonly secrets?: SecretStore;
}

/** What is known of an adapter after it was attached. */
export interface Attachment {
  /** The state before it was attached. */
  readonly state: unknown;
  readonly detach: () => void;
}

/** A caller that waits for the answer to a token. */
interface Caller {
  readonly presented: Presented;
  readonly signal: AbortSignal;
  withdraw(): void;
  resolve(): void;
  reject(reason: unknown): void;
}

/**
 * The client's end of a connection. It pushes tokens, waits for the answer if a caller needs it, and remembers
 * whether the connection still waits for a token. The table decides what a report means. This class carries the
 * decisions out.
 */
export class ConnectionLink {
  readonly #adapter: ConnectionAdapter;
  readonly #listener: LinkListener;
  readonly #options: LinkOptions;
  readonly #failed: (thrown: unknown) => void;
  readonly #detach: () => void;
  // Lists, because thousands of connections have them, and an empty Map or Set takes more memory.
  /** Abort the pushes that no caller waits for. */
  readonly #unasked: (() => void)[] = [];
  /** The caller that waits for an answer. There is at most one. */
  readonly #inHand: Caller[] = [];
  /** The callers that wait for a token with which the connection is to be opened. */
  readonly #callers: ((error: ErrorInfo) => void)[] = [];
  #mode: Mode;

  /** @param attachment the adapter, whose reports go to {@link take} */
  constructor(
    adapter: ConnectionAdapter,
    options: LinkOptions,
    listener: LinkListener,
    { state, detach }: Attachment,
  ) {
    this.#adapter = adapter;
    this.#listener = listener;
    this.#options = options;
    this.#failed = faultLog(options.log, 'the connection adapter');
    this.#mode = firstMode(options.clientId, readState(state) ?? 'initialized');
    this.#detach = detach;
  }

  /** Whether the connection must be opened before it can accept or refuse a token. */
  get isConnected(): boolean {
    return this.#state === 'connected';
  }

  /** Whether the connection gets the next token. */
  get isWaiting(): boolean {
    return this.#mode.kind !== 'disposed' && restOf(this.#mode) !== 'served';
  }

  /** A token that the server has accepted, and that the client commits next. */
  get accepted(): Secret<TokenDetails> | null {
    return this.#mode.kind === 'disposed' ? null : this.#mode.known.accepted;
  }

  /** The state that the adapter shows. If it shows no valid state: its last one. */
  get #state(): ConnectionState {
    return stateOf(this.#adapter) ?? stateHeard(this.#mode);
  }

  /** An acquisition begins, and its token is to open the connection. */
  begin(): void {
    this.#catchUp();
    this.#dispatch({ type: 'acquisition.begun' });
  }

  /**
   * Asks the connection to accept `token`, and waits for the answer.
   *
   * @param asked the clientId that the token was requested for
   * @param isToOpen whether the token is to open the connection: not if the user has closed it since (RTC8b1)
   */
  present(
    token: Secret<TokenDetails>,
    asked: Who,
    { isToOpen, signal }: { readonly isToOpen: boolean; readonly signal: AbortSignal },
  ): Promise<void> {
    this.#catchUp();
    if (signal.aborted) return Promise.reject(reasonOf(signal));
    const presented: Presented = { token, asked };
    return new Promise((resolve, reject) => {
      const withdraw = () => this.#dispatch({ type: 'token.withdrawn', presented, reason: reasonOf(signal) });
      signal.addEventListener('abort', withdraw, { once: true });
      this.#inHand.push({ presented, signal, withdraw, resolve, reject });
      this.#dispatch({ type: 'token.presented', presented, isToOpen, state: this.#state });
    });
  }

  /**
   * Gives `token` to the connection if it waits for one, or if it would connect again with another identity. The
   * answer comes as a report.
   */
  offer(token: Secret<TokenDetails>): void {
    this.#dispatch({ type: 'token.offered', token, asked: this.#listener.asked(), state: this.#state });
  }

  /** The current token expired or was refused, and there is no other yet. */
  lose(): void {
    this.#dispatch({ type: 'token.lost', state: this.#state });
  }

  /** A caller requests a newer token: the connection must not be opened with an older one (RTC8b). */
  halt(): void {
    this.#dispatch({ type: 'attempt.halted', isAble: this.#isAbleTo('halt'), state: this.#state });
  }

  /** The current token expires soon: a server that has not answered its successor is not waited for. */
  hurry(): void {
    this.#dispatch({ type: 'answer.urgent', state: this.#state });
  }

  /**
   * Waits for a step towards a token that is to open the connection. If the user closes the connection meanwhile,
   * it must not be opened again (RTC8b1).
   * @param isCalledFor whether a caller waits for the token at that moment
   */
  untilClosed<T>(step: Promise<T>, isCalledFor: () => boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      const close = (error: ErrorInfo) => {
        if (isCalledFor()) reject(error);
      };
      this.#callers.push(close);
      step.then(resolve, reject).finally(() => remove(this.#callers, close));
    });
  }

  /** No token will come. */
  fail(error: ErrorInfo): void {
    this.#dispatch({ type: 'token.denied', error });
  }

  /** There is no token at the moment: a waiting connection is informed once (RSA4c). */
  delay(error: ErrorInfo): void {
    this.#dispatch({ type: 'token.delayed', error });
  }

  /** A try failed, and no other follows by itself: a waiting connection is informed, or gets the current token. */
  attemptFailed(error: ErrorInfo): void {
    this.#dispatch({ type: 'attempt.failed', error, ...this.#held() });
  }

  /** The user signs out: no connection stays connected, or connects again, with a token of this user. */
  forget(error: ErrorInfo): void {
    const isAble = this.#isAbleTo('forget');
    this.#dispatch({ type: 'token.forgotten', error, isAble, state: this.#state });
  }

  dispose(): void {
    this.#dispatch({ type: 'client.disposed' });
  }

  #isAbleTo(method: 'halt' | 'forget'): boolean {
    return typeof fieldOf(this.#adapter, method) === 'function';
  }

  /** A decision needs every report up to now. */
  #catchUp(): void {
    if (this.#mode.kind !== 'disposed') callUser(() => this.#adapter.catchUp?.(), this.#failed);
  }

  /** An effect may cause the next report before the later effects are done. */
  #dispatch(report: Report): void {
    const [mode, effects] = reduce(this.#mode, report);
    this.#mode = mode;
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: Effect): void {
    switch (effect.type) {
      case 'announce':
        this.#listener.pushed(eventOf(effect.push));
        this.#catchUp();
        this.#dispatch({ type: 'push.announced', push: effect.push });
        break;
      case 'push':
        if (effect.push.type !== 'connection.fail')
          warnOfServerClaim(effect.push.token.expose(), this.#options);
        void this.#push(effect.push);
        break;
      case 'resolve':
        this.#settle(effect.presented)?.resolve();
        break;
      case 'reject':
        this.#settle(effect.presented)?.reject(effect.reason);
        break;
      case 'reject callers':
        for (const reject of [...this.#callers]) reject(closed());
        break;
      case 'tell the refusal':
        this.#listener.refused(effect.error);
        break;
      case 'use next':
        callUser(() => this.#adapter.useNext?.(effect.token?.expose() ?? null), this.#failed);
        break;
      case 'ask for a token':
        this.#listener.needed();
        break;
      case 'detach':
        for (const abort of [...this.#unasked]) abort();
        this.#detach();
        break;
      case 'warn':
        this.#options.log('the connection adapter reported a value that is not a ConnectionReport', 'warn');
        break;
      default:
        callUser(() => this.#adapter[effect.type]?.(), this.#failed);
    }
  }

  /** The caller waits no longer, so an abort of its signal has no effect any more. */
  #settle(presented: Presented): Caller | undefined {
    const caller = this.#callerOf(presented);
    if (caller !== undefined) remove(this.#inHand, caller);
    caller?.signal.removeEventListener('abort', caller.withdraw);
    return caller;
  }

  #callerOf(presented: Presented): Caller | undefined {
    return this.#inHand.find((caller) => caller.presented === presented);
  }

  async #push(push: Push): Promise<void> {
    const presented = push.type === 'connection.fail' ? undefined : push.presented;
    const caller = presented && this.#callerOf(presented);
    const { signal, abort } = caller === undefined ? abortable() : { ...caller, abort: () => {} };
    const end = () => abort(undefined);
    this.#unasked.push(end);
    try {
      await this.#adapter.push(eventOf(push), signal);
    } catch (error) {
      const reason = isOwnError(error) ? this.#cleared(error) : error;
      if (presented !== undefined) this.#dispatch({ type: 'push.rejected', presented, reason });
      return;
    } finally {
      remove(this.#unasked, end);
    }
    if (presented !== undefined) this.#dispatch({ type: 'push.accepted', presented });
  }

  /** The adapter reports something. */
  take(given: unknown): void {
    if (this.#mode.kind === 'disposed') return;
    const report = readReport(given, (error) => this.#cleared(error));
    if (report === undefined) {
      this.#dispatch({ type: 'report.unreadable' });
      return;
    }
    switch (report.type) {
      case 'token.needed':
      case 'token.accepted':
      case 'identity.confirmed':
      case 'connection.changed':
        this.#dispatch(report);
        break;
      case 'token.refused':
        this.#dispatch({ ...report, ...this.#held() });
    }
    this.#listener.reported(report);
  }

  #held(): { readonly held: Secret<TokenDetails> | null; readonly asked: Who } {
    return { held: this.#listener.held(), asked: this.#listener.asked() };
  }

  /** An adapter may report any value, even one that contains the token. */
  #cleared(error: unknown): ErrorInfo {
    const told = toErrorInfo(error, { code: 40142, message: 'the connection gave no reason' });
    return redactedError(told, [...tokensIn(this.#mode), ...(this.#options.secrets?.all() ?? [])]);
  }
}

function remove<T>(list: T[], one: T): void {
  const at = list.indexOf(one);
  if (at >= 0) list.splice(at, 1);
}

function eventOf(push: Push): ConnectionUpgradeEvent {
  return push.type === 'connection.fail' ? push : { type: push.type, token: push.token.expose() };
}

/** The state that was reported last. A connection that was asked to end counts as ending. */
function stateHeard(mode: Mode): ConnectionState {
  if (mode.kind === 'disposed') return 'closed';
  const { heard } = mode.known;
  return heard === 'leaving' ? 'closing' : heard;
}
