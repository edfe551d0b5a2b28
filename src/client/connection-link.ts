import {
  type ConnectionAdapter,
  type ConnectionReport,
  type ConnectionState,
  type ConnectionUpgradeEvent,
  isComingBack,
} from '../connection/port.js';
import { ErrorInfo, isOwnError, toErrorInfo } from '../errors.js';
import type { LogHandler } from '../log.js';
import type { ParsedClientOptions } from '../options.js';
import { fieldOf } from '../received.js';
import { cleared } from '../sources/cleared-error.js';
import { identityFits, shownName, type Who } from '../token/identity.js';
import type { Sealed } from '../token/sealed.js';
import type { TokenDetails } from '../token/token-details.js';
import { callUser, faultLog } from '../user-callback.js';
import { ConnectedAs } from './connected-as.js';
import { forgotten } from './ended.js';

/** What the link tells the client. */
export interface LinkListener {
  pushed(event: ConnectionUpgradeEvent): void;
  reported(report: ConnectionReport): void;
  /** The token last given to the connection is refused, and it is the one in use. */
  refused(error: ErrorInfo): void;
  /** The token in use. */
  held(): Sealed<TokenDetails> | null;
  /** Who tokens are asked for. */
  asked(): Who;
}

/**
 * What the connection waits for. `'a token'`: it asked. `'any token'`: it was told that there is none for
 * now, or had its own refused, and is given the next. `'the newer token'`: it gave up an attempt for its
 * sake, and must not be given an older one (RTC8b).
 */
type Want = 'nothing' | 'a token' | 'any token' | 'the newer token';

/**
 * The client's end of a connection: pushes tokens, waits for the verdict where somebody must know
 * it, and remembers whether the connection still waits for a token.
 */
export class ConnectionLink {
  readonly #adapter: ConnectionAdapter;
  readonly #listener: LinkListener;
  readonly #detach: () => void;
  readonly #over = new AbortController();
  readonly #clientId: string | undefined;
  readonly #log: LogHandler;
  readonly #failed: (thrown: unknown) => void;
  /** Of reports that are none. Once is enough. */
  #isWarned = false;
  readonly #connectedAs: ConnectedAs;
  /** Those who wait for a token that was asked for by name, to open the connection with it. */
  readonly #callers = new Set<(error: ErrorInfo) => void>();
  #state: ConnectionState;
  #want: Want = 'nothing';
  /** The server takes this client for somebody else. */
  #mistake: ErrorInfo | null = null;
  #presented: Sealed<TokenDetails> | null = null;
  /** The server has accepted it, and the acquisition that presents it is about to end. */
  #accepted: Sealed<TokenDetails> | null = null;
  #pushed: Sealed<TokenDetails> | null = null;
  /** The user signed out, and there was no token since: what is refused now is of no interest. */
  #isForgotten = false;
  /** … and the connection ends for that, not by the user. */
  #isLeaving = false;
  /** How often the user closed the connection, in all and before the acquisition that runs. */
  #closes = 0;
  #closesBefore = 0;

  /** @throws {ErrorInfo} 40003 for an adapter that does not keep to the port */
  constructor(
    adapter: ConnectionAdapter,
    { clientId, log }: Pick<ParsedClientOptions, 'clientId' | 'log'>,
    listener: LinkListener,
  ) {
    this.#adapter = adapter;
    this.#clientId = clientId;
    this.#log = log;
    this.#failed = faultLog(log, 'the connection adapter');
    this.#connectedAs = new ConnectedAs(clientId);
    this.#listener = listener;
    this.#state = 'initialized';
    this.#state = this.#stateNow;
    const report = (given: unknown) => callUser(() => this.#take(given), this.#failed);
    this.#detach = detachIn(adapter.attach(report, { clientId: clientId ?? null }));
  }

  /** Whether it must be opened before it can say what it thinks of a token. */
  get isConnected(): boolean {
    return this.#stateNow === 'connected';
  }

  /** An adapter that says nothing of use is where it was. */
  get #stateNow(): ConnectionState {
    const state = fieldOf(this.#adapter, 'state');
    return isState(state) ? state : this.#state;
  }

  /** Whether it gets the next token there is. */
  get isWaiting(): boolean {
    return this.#want !== 'nothing';
  }

  /** A token that the server has accepted and that is in use in a moment. */
  get accepted(): Sealed<TokenDetails> | null {
    return this.#accepted;
  }

  /** An acquisition begins whose token the connection is to be opened with. */
  begin(): void {
    this.#catchUp();
    this.#closesBefore = this.#closes;
  }

  /**
   * Asks the connection to accept `token`, and waits for its answer.
   * Connected: re-authenticates in place. Not connected: opens it (RTC8a, RTC8b, RTC8c). Where somebody
   * else is meant than who is connected, it is replaced.
   *
   * @param asked who the token was asked for
   * @param isToOpen the token was asked for by name, to open the connection with: not if the user has
   * closed it since (RTC8b1)
   */
  async present(
    token: Sealed<TokenDetails>,
    asked: Who,
    { isToOpen, signal }: { readonly isToOpen: boolean; readonly signal: AbortSignal },
  ): Promise<void> {
    this.#catchUp();
    if (isToOpen && this.#closes !== this.#closesBefore) throw closed();
    const type = this.isConnected ? 'connection.upgrade' : 'connection.open';
    const end = () => {
      if (this.#presented === token) this.#presented = null;
    };
    this.#presented = token;
    this.#isForgotten = false;
    if (this.#want === 'the newer token') this.#want = 'nothing';
    this.#mistake = null;
    signal.addEventListener('abort', end, { once: true });
    try {
      const isSomebodyElse = this.#connectedAs.isAnother(token.open(), asked);
      await this.#push({ type: isSomebodyElse ? 'connection.replace' : type, token: token.open() }, signal);
      if (this.#mistake !== null) throw this.#mistake;
      this.#pushed = token;
      this.#want = 'nothing';
      this.#connectedAs.use(token.open(), asked);
    } catch (error) {
      this.#accepted = null;
      throw error;
    } finally {
      end();
      signal.removeEventListener('abort', end);
    }
  }

  /**
   * Gives `token` to the connection if it waits for one, or would come back as somebody else by itself.
   * Its verdict comes as a report.
   */
  offer(token: Sealed<TokenDetails>): void {
    this.#accepted = null;
    this.#isForgotten = false;
    if (this.#presented !== null || this.#want === 'the newer token') return;
    const asked = this.#listener.asked();
    const isSomebodyElse = this.#connectedAs.isAnother(token.open(), asked);
    if (this.#want === 'nothing' && !(isSomebodyElse && isComingBack(this.#stateNow))) return;
    const type = isSomebodyElse ? 'connection.replace' : 'connection.open';
    this.#want = 'nothing';
    this.#pushed = token;
    this.#connectedAs.use(token.open(), asked);
    this.#push({ type, token: token.open() }, this.#over.signal).catch(() => {});
  }

  /** A newer token is asked for by name: the connection is not to be opened with an older one (RTC8b). */
  halt(): void {
    this.#accepted = null;
    if (this.#stateNow !== 'connecting' || this.#adapter.halt === undefined) return;
    this.#want = 'the newer token';
    callUser(() => this.#adapter.halt?.(), this.#failed);
  }

  /** The token in use is about to die: a server that does not answer its successor is not waited for. */
  hurry(): void {
    if (this.#presented !== null && this.isConnected) callUser(() => this.#adapter.hurry?.(), this.#failed);
  }

  /**
   * Waits for a step towards a token that the connection is to be opened with. When the user closes the
   * connection meanwhile, it must not be opened again (RTC8b1).
   */
  untilClosed<T>(step: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#callers.add(reject);
      step.then(resolve, reject).finally(() => this.#callers.delete(reject));
    });
  }

  /** There will be no token. */
  fail(error: ErrorInfo): void {
    this.#want = 'nothing';
    this.#push({ type: 'connection.fail', error }, this.#over.signal).catch(() => {});
  }

  /** There is no token for now: whoever waits for one is told, once (RSA4c). The next is for it. */
  delay(error: ErrorInfo): void {
    if (this.#want === 'nothing' || this.#want === 'any token') return;
    this.#want = 'any token';
    this.#push({ type: 'connection.fail', error, final: false }, this.#over.signal).catch(() => {});
  }

  /**
   * A try failed, and none follows by itself. A connection that the token was refused to has the one in use.
   * @returns whether it goes on waiting: a token must be asked for
   */
  isLeftWaiting(error: ErrorInfo): boolean {
    const isRefused = this.#want === 'any token';
    this.delay(error);
    if (!isRefused) return false;
    const held = this.#listener.held();
    if (held !== null) this.offer(held);
    return this.#want === 'a token' || this.#want === 'any token';
  }

  /** The user signs out: nobody stays connected, or comes back, by a token that is forgotten. */
  forget(error: ErrorInfo): void {
    this.#isForgotten = true;
    this.#accepted = null;
    this.#pushed = null;
    this.#connectedAs.forget();
    const isAtRest = ['initialized', 'failed', 'closing', 'closed'].includes(this.#stateNow);
    // Whoever hears of the end may connect again at once.
    this.#want = 'nothing';
    if (this.#adapter.forget !== undefined) {
      this.#isLeaving = !isAtRest;
      callUser(() => this.#adapter.forget?.(), this.#failed);
    } else if (!isAtRest) this.fail(error);
  }

  dispose(): void {
    this.#over.abort();
    this.#detach();
  }

  #catchUp(): void {
    callUser(() => this.#adapter.catchUp?.(), this.#failed);
  }

  async #push(event: ConnectionUpgradeEvent, signal: AbortSignal): Promise<void> {
    const closes = this.#closes;
    this.#listener.pushed(event);
    // Whoever was told may have closed the connection, or ended all.
    this.#over.signal.throwIfAborted();
    this.#catchUp();
    if (closes !== this.#closes) throw closed();
    if (this.#isForgotten && event.type !== 'connection.fail') throw forgotten();
    try {
      await this.#adapter.push(event, signal);
    } catch (error) {
      throw isOwnError(error) ? this.#cleared(error) : error;
    }
  }

  #take(given: unknown): void {
    const report = this.#reportIn(given);
    if (report === undefined) {
      if (!this.#isWarned) this.#log('the connection adapter reported what is no ConnectionReport', 'warn');
      this.#isWarned = true;
      return;
    }
    if (report.type === 'token.needed') this.#want = 'a token';
    if (report.type === 'token.accepted') this.#accepted = this.#presented;
    if (report.type === 'token.refused') this.#takeRefusal(report.error);
    if (report.type === 'connection.changed') this.#takeState(report.state);
    if (report.type === 'identity.confirmed') this.#takeIdentity(report.clientId);
    this.#listener.reported(report);
  }

  #takeState(state: ConnectionState): void {
    const isClosing = isClosed(state) && (!isClosed(this.#state) || state === this.#state);
    this.#state = state;
    if (state !== 'connecting' && this.#want === 'the newer token') this.#want = 'nothing';
    // It waits for nothing any more: a token that comes now is not to open it again.
    if (isClosed(state) || state === 'failed') this.#want = 'nothing';
    if (!isClosed(state)) this.#isLeaving = false;
    if (!isClosing) return;
    const isOurs = this.#isLeaving;
    this.#isLeaving = false;
    if (isOurs) return;
    this.#closes += 1;
    for (const reject of [...this.#callers]) reject(closed());
  }

  /** RSA15a, RSA15c: nobody goes on as somebody else. */
  #takeIdentity(told: string | null): void {
    this.#connectedAs.confirm(told);
    if (identityFits(this.#clientId, told)) return;
    this.#mistake = new ErrorInfo({
      code: 40102,
      message: `the server takes this client for ${shownName(told)}, it is ${shownName(this.#clientId)}`,
    });
    this.fail(this.#mistake);
  }

  /** Whatever was refused, the connection waits for another. */
  #takeRefusal(error: ErrorInfo): void {
    if (this.#isForgotten) {
      // It came back by a token that it should have dropped: it is told that there is none, and given the next.
      this.#want = 'a token';
      this.delay(forgotten());
      return;
    }
    // A refusal of a token that is being presented is told by that push.
    this.#want = this.#presented === null ? 'a token' : 'any token';
    if (this.#presented !== null) return;
    // One of an older token is old news.
    const held = this.#listener.held();
    // The same token may come in another box.
    const isOld = held !== null && this.#pushed !== null && held.open().token !== this.#pushed.open().token;
    if (isOld) this.offer(held);
    else this.#listener.refused(error);
  }

  /** A copy of what an adapter reported, with nothing else in it; undefined for what is no report. */
  #reportIn(given: unknown): ConnectionReport | undefined {
    const type = fieldOf(given, 'type');
    switch (type) {
      case 'token.needed':
      case 'token.asked':
      case 'token.accepted':
        return { type };
      case 'token.refused':
        return { type, error: this.#cleared(fieldOf(given, 'error')) };
      case 'identity.confirmed': {
        const clientId = fieldOf(given, 'clientId');
        return typeof clientId === 'string' || clientId === null ? { type, clientId } : undefined;
      }
      case 'connection.changed': {
        const [state, reason, wait] = ['state', 'reason', 'retryInMs'].map((name) => fieldOf(given, name));
        if (!isState(state)) return undefined;
        const told = reason === undefined || reason === null ? {} : { reason: this.#cleared(reason) };
        const next = typeof wait === 'number' && wait >= 0 ? { retryInMs: wait } : {};
        return { type, state, ...told, ...next };
      }
      default:
        return undefined;
    }
  }

  /** An adapter may say anything, the token as well. */
  #cleared(error: unknown): ErrorInfo {
    const given = [this.#presented, this.#pushed].flatMap((box) => box?.open().token ?? []);
    return cleared(toErrorInfo(error, { code: 40142, message: 'the connection gave no reason' }), given);
  }
}

const states: readonly unknown[] = [
  ...(['initialized', 'connecting', 'connected', 'disconnected'] as const),
  ...(['suspended', 'closing', 'closed', 'failed'] as const),
] satisfies readonly ConnectionState[];

const isState = (state: unknown): state is ConnectionState => states.includes(state);

const isClosed = (state: ConnectionState): boolean => state === 'closing' || state === 'closed';

function closed(): ErrorInfo {
  return new ErrorInfo({ code: 80017, message: 'the connection was closed' });
}

function detachIn(returned: unknown): () => void {
  if (typeof returned === 'function') return returned as () => void;
  throw new ErrorInfo({
    code: 40003,
    message: "the connection adapter's attach() returned no function",
    remediation: 'Return a function from attach(), after which nothing is reported any more.',
  });
}
