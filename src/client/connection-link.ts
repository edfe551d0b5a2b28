import type {
  ConnectionAdapter,
  ConnectionReport,
  ConnectionState,
  ConnectionUpgradeEvent,
} from '../connection/port.js';
import { ErrorInfo } from '../errors.js';
import { identityFits } from '../token/identity.js';
import type { Sealed } from '../token/sealed.js';
import type { TokenDetails } from '../token/token-details.js';

/** What the link tells the client. */
export interface LinkListener {
  pushed(event: ConnectionUpgradeEvent): void;
  reported(report: ConnectionReport): void;
  /** The token last given to the connection is refused, and it is the one in use. */
  refused(error: ErrorInfo): void;
  /** The token in use. */
  held(): Sealed<TokenDetails> | null;
}

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
  /** Those who wait for a token that was asked for by name, to open the connection with it. */
  readonly #callers = new Set<(error: ErrorInfo) => void>();
  #state: ConnectionState;
  #isWaiting = false;
  /** Whether the connection gave up an attempt for a newer token's sake. */
  #isHalted = false;
  /** Whether it was told that there is no token for now, since it asked. */
  #isTold = false;
  /** The server takes this client for somebody else. */
  #mistake: ErrorInfo | null = null;
  #presented: Sealed<TokenDetails> | null = null;
  #pushed: Sealed<TokenDetails> | null = null;

  constructor(adapter: ConnectionAdapter, clientId: string | undefined, listener: LinkListener) {
    this.#adapter = adapter;
    this.#clientId = clientId;
    this.#listener = listener;
    this.#state = adapter.state;
    this.#detach = adapter.attach((report) => this.#take(report), { clientId: clientId ?? null });
  }

  /** Whether it must be opened before it can say what it thinks of a token. */
  get isConnected(): boolean {
    return this.#adapter.state === 'connected';
  }

  /**
   * Asks the connection to accept `token`, and waits for its answer.
   * Connected: re-authenticates in place, or replaces the connection where somebody else is meant
   * (RTC8a). Not connected: opens it (RTC8b, RTC8c).
   */
  async present(token: Sealed<TokenDetails>, isSomebodyElse: boolean, signal: AbortSignal): Promise<void> {
    const connected = isSomebodyElse ? 'connection.replace' : 'connection.upgrade';
    const type = this.isConnected ? connected : 'connection.open';
    const end = () => {
      if (this.#presented === token) this.#presented = null;
    };
    this.#presented = token;
    this.#isHalted = false;
    this.#mistake = null;
    signal.addEventListener('abort', end, { once: true });
    try {
      await this.#push({ type, token: token.open() }, signal);
      if (this.#mistake !== null) throw this.#mistake;
      this.#pushed = token;
      this.#isWaiting = false;
    } finally {
      end();
      signal.removeEventListener('abort', end);
    }
  }

  /** Gives `token` to the connection if it waits for one. Its verdict comes as a report. */
  offer(token: Sealed<TokenDetails>): void {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.#pushed = token;
    this.#push({ type: 'connection.open', token: token.open() }, this.#over.signal).catch(() => {});
  }

  /** A newer token is asked for by name: the connection is not to be opened with an older one (RTC8b). */
  halt(): void {
    if (this.#adapter.state !== 'connecting' || this.#adapter.halt === undefined) return;
    this.#isHalted = true;
    this.#adapter.halt();
  }

  /** The token in use is about to die: a server that does not answer its successor is not waited for. */
  hurry(): void {
    if (this.#presented !== null && this.isConnected) this.#adapter.hurry?.();
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
    this.#isHalted = false;
    this.#push({ type: 'connection.fail', error }, this.#over.signal).catch(() => {});
  }

  /** There is no token for now: whoever waits for one is told, once (RSA4c). */
  delay(error: ErrorInfo): void {
    if (!this.#isHalted && (!this.#isWaiting || this.#isTold)) return;
    this.#isHalted = false;
    this.#isTold = true;
    // Whether it asked or was halted: the next token is for it.
    this.#isWaiting = true;
    this.#push({ type: 'connection.fail', error, final: false }, this.#over.signal).catch(() => {});
  }

  dispose(): void {
    this.#detach();
    this.#over.abort();
  }

  async #push(event: ConnectionUpgradeEvent, signal: AbortSignal): Promise<void> {
    this.#listener.pushed(event);
    await this.#adapter.push(event, signal);
  }

  #take(report: ConnectionReport): void {
    if (report.type === 'token.needed') this.#wait();
    if (report.type === 'token.refused') this.#takeRefusal(report.error);
    if (report.type === 'connection.changed') this.#takeState(report.state);
    if (report.type === 'identity.confirmed') this.#checkIdentity(report.clientId);
    this.#listener.reported(report);
  }

  #wait(): void {
    this.#isWaiting = true;
    this.#isTold = false;
  }

  #takeState(state: ConnectionState): void {
    const isClosing = isClosed(state) && (!isClosed(this.#state) || state === this.#state);
    this.#state = state;
    if (state !== 'connecting') this.#isHalted = false;
    // It waits for nothing any more: a token that comes now is not to open it again.
    if (isClosed(state) || state === 'failed') this.#isWaiting = false;
    if (!isClosing) return;
    this.#isWaiting = false;
    for (const reject of [...this.#callers]) {
      reject(new ErrorInfo({ code: 80017, message: 'the connection was closed' }));
    }
  }

  /** RSA15a, RSA15c: nobody goes on as somebody else. */
  #checkIdentity(told: string | null): void {
    if (identityFits(this.#clientId, told)) return;
    this.#mistake = new ErrorInfo({
      code: 40102,
      message: `the server takes this client for ${JSON.stringify(told)}, it is ${JSON.stringify(this.#clientId)}`,
    });
    this.fail(this.#mistake);
  }

  /** A refusal of a token that is being presented is told by that push; one of an older token is old news. */
  #takeRefusal(error: ErrorInfo): void {
    if (this.#presented !== null) return;
    this.#wait();
    const held = this.#listener.held();
    if (held !== null && this.#pushed !== null && held !== this.#pushed) this.offer(held);
    else this.#listener.refused(error);
  }
}

const isClosed = (state: ConnectionState): boolean => state === 'closing' || state === 'closed';
