import type { TimerHandle } from '../clock.js';
import type { ConnectionLink, LinkListener } from '../connection/link/connection-link.js';
import { endConnection } from '../connection/made-for.js';
import type { ConnectionAdapter } from '../connection/port.js';
import { disposed, forgotten } from '../errors/closed-errors.js';
import { ErrorInfo } from '../errors/error-info.js';
import { callUser, faultLog } from '../log/user-callback.js';
import type { ParsedClientOptions } from '../options/client-options.js';
import { fieldOf } from '../redaction/received.js';
import type { Secret } from '../token/secret.js';
import type { TokenDetails } from '../token/token-details.js';
import { parts } from './parts.js';

type Work = (link: ConnectionLink) => void;

/** ms until the code is asked for again that could not be loaded. */
const RETRY_MS = 5_000;

/** More is not kept while the code is not there: what is older counts no more. */
const MOST_KEPT = 1_000;

/**
 * The client's end of a connection, whose code is loaded when there is something for it to do: while the token
 * source is asked. What happens until then is kept, in order.
 */
export class LateLink {
  readonly #adapter: ConnectionAdapter;
  readonly #options: ParsedClientOptions;
  readonly #listener: LinkListener;
  readonly #failed: (thrown: unknown) => void;
  readonly #stateAtFirst: unknown;
  readonly #detach: () => void;
  #link: ConnectionLink | null = null;
  /** null: the link is there, and knows all that happened. */
  #kept: Work[] | null = [];
  #timer: TimerHandle | undefined;
  #signOuts = 0;
  #isOver = false;

  /** @throws {ErrorInfo} 40003 for an adapter that does not keep to the port */
  constructor(adapter: ConnectionAdapter, options: ParsedClientOptions, listener: LinkListener) {
    this.#adapter = adapter;
    this.#options = options;
    this.#listener = listener;
    this.#failed = faultLog(options.log, 'the connection adapter');
    this.#stateAtFirst = fieldOf(adapter, 'state');
    if (parts.link.loaded !== undefined) this.#make(parts.link.loaded);
    const report = (given: unknown) => callUser(() => this.#hear(given), this.#failed);
    try {
      this.#detach = detachIn(adapter.attach(report, { clientId: options.clientId ?? null }));
    } catch (unfit) {
      this.endOwn();
      throw unfit;
    }
  }

  /** Whether it must be opened before it can say what it thinks of a token. */
  get isConnected(): boolean {
    return this.#link?.isConnected ?? fieldOf(this.#adapter, 'state') === 'connected';
  }

  /** Whether it gets the next token there is. */
  get isWaiting(): boolean {
    return this.#link?.isWaiting ?? this.#kept?.length !== 0;
  }

  /** A token that the server has accepted, and that the client is about to hold. */
  get accepted(): Secret<TokenDetails> | null {
    return this.#link?.accepted ?? null;
  }

  /** The link, once its code was loaded. */
  get loaded(): ConnectionLink | null {
    return this.#link;
  }

  /** @throws {ErrorInfo} 80003 it could not be loaded · 80017 the client was disposed of meanwhile */
  async load(): Promise<ConnectionLink> {
    const code = await parts.link.load();
    if (this.#isOver) throw disposed();
    return this.#link ?? this.#make(code);
  }

  /** Has the link do something: at once, or after what happened before. */
  run(work: Work): void {
    if (this.#isOver) return;
    if (this.#link !== null && this.#kept === null) work(this.#link);
    else {
      this.#catchUp();
      this.#keep(work);
    }
  }

  /**
   * Waits for a step towards a token that the connection is to be opened with. When the user closes the
   * connection meanwhile, it must not be opened again (RTC8b1).
   */
  untilClosed<T>(step: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.run((link) => link.untilClosed(step).then(resolve, reject));
      // Whether the code is there by then or not.
      step.then(resolve, reject);
    });
  }

  /** The user signs out: what the connection wanted before is of no use. */
  forget(): void {
    this.#signOuts += 1;
    this.run((link) => link.forget(forgotten()));
  }

  /** Closes the connection in good order, where it was made for this client. */
  endOwn(): void {
    if (this.#options.ownsConnection) callUser(() => endConnection(this.#adapter), this.#failed);
  }

  dispose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#timer !== undefined) this.#options.clock.clearTimeout(this.#timer);
    if (this.#link === null) this.#detach();
    else this.#link.dispose();
  }

  #make({ ConnectionLink }: NonNullable<typeof parts.link.loaded>): ConnectionLink {
    // What the connection has not told yet came after what is kept.
    if (this.#kept?.length !== 0) this.#catchUp();
    const reported: LinkListener['reported'] = (report) => {
      if (this.#kept === null || report.type !== 'token.needed') this.#listener.reported(report);
    };
    const link = new ConnectionLink(
      this.#adapter,
      this.#options,
      { ...this.#listener, reported },
      { state: this.#stateAtFirst, detach: () => this.#detach() },
    );
    this.#link = link;
    for (const work of this.#kept ?? []) work(link);
    this.#kept = null;
    return link;
  }

  /** That a token is needed is told at once: the source is asked while the code is loaded. */
  #hear(given: unknown): void {
    if (this.#isOver) return;
    if (this.#link !== null) this.#link.take(given);
    else {
      const [report, signOuts] = [{ ...(given as object) }, this.#signOuts];
      this.#keep((link) => {
        const isOld = signOuts !== this.#signOuts && fieldOf(report, 'type') !== 'connection.changed';
        if (!isOld) link.take(report);
      });
    }
    if (this.#kept !== null && fieldOf(given, 'type') === 'token.needed')
      this.#listener.reported({ type: 'token.needed' });
  }

  #catchUp(): void {
    callUser(() => this.#adapter.catchUp?.(), this.#failed);
  }

  #keep(work: Work): void {
    const kept = this.#kept ?? [];
    kept.push(work);
    if (kept.length === 1) this.#fetch();
    if (kept.length > MOST_KEPT && this.#link === null) kept.shift();
  }

  #fetch(): void {
    const { clock } = this.#options;
    this.load().catch((error: unknown) => {
      if (this.#isOver) return;
      this.#failed(error);
      this.#timer = clock.setTimeout(() => this.#fetch(), RETRY_MS);
    });
  }
}

function detachIn(returned: unknown): () => void {
  if (typeof returned === 'function') return returned as () => void;
  throw new ErrorInfo({
    code: 40003,
    message: "the connection adapter's attach() returned no function",
    remediation: 'Return a function from attach(), after which nothing is reported any more.',
  });
}
