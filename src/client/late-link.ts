import { invalidArgument } from '../checks/option-checks.js';
import type { TimerHandle } from '../clock.js';
import type { ConnectionLink, LinkListener } from '../connection/link/connection-link.js';
import { endConnection } from '../connection/made-for.js';
import { type ConnectionAdapter, type ConnectionState, isComingBack } from '../connection/port.js';
import { disposed, forgotten } from '../errors/closed-errors.js';
import { callUser, faultLog } from '../log/user-callback.js';
import type { ParsedClientOptions } from '../options/client-options.js';
import { fieldOf } from '../redaction/received.js';
import type { Secret } from '../token/secret.js';
import type { TokenDetails } from '../token/token-details.js';
import { parts } from './parts.js';

type Work = (link: ConnectionLink) => void;

/** ms until the code is loaded again after a failure. */
const RETRY_MS = 5_000;

/** The longest list of reports and commands that wait for the code. The oldest is dropped. */
const MOST_KEPT = 1_000;

/**
 * The client's end of a connection. Its code is loaded at the first report or command, while the token source is
 * asked. Reports and commands that come before the code are kept, in order.
 */
export class LateLink {
  readonly #adapter: ConnectionAdapter;
  readonly #options: ParsedClientOptions;
  readonly #listener: LinkListener;
  readonly #failed: (thrown: unknown) => void;
  readonly #stateAtFirst: unknown;
  readonly #detach: () => void;
  #link: ConnectionLink | null = null;
  /** Reports and commands that wait for the code. null: the link is loaded and has received all of them. */
  #kept: Work[] | null = [];
  /** The number of the newest offer or loss. Older offers may still wait for the code. */
  #offers = 0;
  #timer: TimerHandle | undefined;
  #signOuts = 0;
  #isOver = false;

  /** @throws {ErrorInfo} 40003 if the adapter does not implement the port */
  constructor(adapter: ConnectionAdapter, options: ParsedClientOptions, listener: LinkListener) {
    this.#adapter = adapter;
    this.#options = options;
    this.#listener = listener;
    this.#failed = faultLog(options.log, 'the connection adapter');
    this.#stateAtFirst = fieldOf(adapter, 'state');
    if (parts.link.loaded !== undefined) this.#make(parts.link.loaded);
    const report = (given: unknown) => callUser(() => this.#hear(given), this.#failed);
    try {
      const { agents, clientId = null, clientType } = options;
      this.#detach = detachIn(
        adapter.attach(report, { clientId, ...(agents && { agents }), ...(clientType && { clientType }) }),
      );
    } catch (unfit) {
      this.endOwn();
      throw unfit;
    }
  }

  /** Whether the connection is open. Then its server can accept or refuse a token. */
  get isConnected(): boolean {
    return this.#link?.isConnected ?? fieldOf(this.#adapter, 'state') === 'connected';
  }

  /** Whether the connection is open, or is being opened. */
  get isInUse(): boolean {
    const state = fieldOf(this.#adapter, 'state');
    return state === 'connected' || isComingBack(state as ConnectionState);
  }

  /** Whether the connection waits for a token. */
  get isWaiting(): boolean {
    return this.#link?.isWaiting ?? this.#kept?.length !== 0;
  }

  /** A token that the server has accepted, and that the client commits next. */
  get accepted(): Secret<TokenDetails> | null {
    return this.#link?.accepted ?? null;
  }

  /** The link, after its code was loaded. */
  get loaded(): ConnectionLink | null {
    return this.#link;
  }

  /** @throws {ErrorInfo} 80003 the code could not be loaded · 80017 the client was disposed of meanwhile */
  async load(): Promise<ConnectionLink> {
    const code = await parts.link.load();
    if (this.#isOver) throw disposed();
    return this.#link ?? this.#make(code);
  }

  /** Runs a command of the link: at once, or after the commands and reports before it. */
  run(work: Work): void {
    if (this.#isOver) return;
    if (this.#link !== null && this.#kept === null) work(this.#link);
    else {
      this.#catchUp();
      this.#keep(work);
    }
  }

  /** The connection may use this token. Of the offers that wait for the code only the last one counts. */
  offer(token: Secret<TokenDetails>): void {
    this.#offers += 1;
    const number = this.#offers;
    this.run((link) => {
      if (number === this.#offers) link.offer(token);
    });
  }

  /** The current token is over. */
  lose(): void {
    this.#offers += 1;
    this.run((link) => link.lose());
  }

  /**
   * Waits for a step towards a token that opens the connection. If the user closes the connection meanwhile, the
   * promise is rejected: the connection must not be opened again then (RTC8b1).
   */
  untilClosed<T>(step: Promise<T>, isCalledFor: () => boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      this.run((link) => link.untilClosed(step, isCalledFor).then(resolve, reject));
      // This also works if the code is not loaded by then.
      step.then(resolve, reject);
    });
  }

  /** The user signs out: requests of the connection from before are dropped. */
  forget(): void {
    this.#signOuts += 1;
    this.#offers += 1;
    this.run((link) => link.forget(forgotten()));
  }

  /** Closes the connection with CLOSE, if it was made for this client. */
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
    // Reports that the adapter still holds back are newer than the ones that are kept here.
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

  /** The client gets `token.needed` at once, so that it asks the source while the code loads. */
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
  throw invalidArgument(
    "the connection adapter's attach() returned no function",
    'Return a function from attach() that ends the reports.',
  );
}
