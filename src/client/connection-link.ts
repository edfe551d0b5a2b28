import type { ConnectionAdapter, ConnectionReport, ConnectionUpgradeEvent } from '../connection/port.js';
import type { ErrorInfo } from '../errors.js';
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
  #isWaiting = false;
  #presented: Sealed<TokenDetails> | null = null;
  #pushed: Sealed<TokenDetails> | null = null;

  constructor(adapter: ConnectionAdapter, listener: LinkListener) {
    this.#adapter = adapter;
    this.#listener = listener;
    this.#detach = adapter.attach((report) => this.#take(report));
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
    signal.addEventListener('abort', end, { once: true });
    try {
      await this.#push({ type, token: token.open() }, signal);
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

  /** There will be no token. */
  fail(error: ErrorInfo): void {
    this.#push({ type: 'connection.fail', error }, this.#over.signal).catch(() => {});
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
    if (report.type === 'token.needed') this.#isWaiting = true;
    if (report.type === 'token.refused') this.#takeRefusal(report.error);
    this.#listener.reported(report);
  }

  /** A refusal of a token that is being presented is told by that push; one of an older token is old news. */
  #takeRefusal(error: ErrorInfo): void {
    if (this.#presented !== null) return;
    this.#isWaiting = true;
    const held = this.#listener.held();
    if (held !== null && this.#pushed !== null && held !== this.#pushed) this.offer(held);
    else this.#listener.refused(error);
  }
}
