import type { AblyRealtime, AblyStateChange } from './ably-js-client.js';
import { told } from './ably-js-errors.js';
import type { ConnectionState } from './port.js';

/** The code of a connection that was closed, with the SDK as everywhere. */
const CLOSED = 80017;

/** What the SDK has told of its changes: it tells them a while after they happen. */
export class AblyHearing {
  readonly #connection: AblyRealtime['connection'];
  #isOver = false;
  #state: ConnectionState = 'initialized';
  #reason: unknown = null;
  /** The reason of the last change that was known before it was told. */
  #known: unknown = null;
  #wasHeard: () => void = () => {};

  constructor(connection: AblyRealtime['connection']) {
    this.#connection = connection;
  }

  /** The state that was told last. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** From now on everything is heard. */
  begin(): void {
    this.#isOver = false;
    this.#state = this.#connection.state;
    this.#reason = this.#connection.errorReason ?? null;
    this.#known = null;
  }

  end(): void {
    this.#isOver = true;
    this.#wasHeard();
  }

  /** A close that was not told yet. Each has a reason of its own, which stays when it is opened again. */
  takeClose(): AblyStateChange | null {
    const { errorReason: reason = null, state } = this.#connection;
    if (reason === null || reason === this.#reason || reason === this.#known) return null;
    if (told(reason).code !== CLOSED) return null;
    const change = { previous: this.#state, current: 'closed', reason } as const;
    this.#known = reason;
    if (state === 'closed') this.#state = state;
    return change;
  }

  /** @returns whether that is news */
  hears({ current, reason = null }: AblyStateChange): boolean {
    const isKnown = this.#known !== null && current !== 'connected';
    if (reason !== null) this.#reason = reason;
    if (!isKnown || (current === 'closed' && reason === this.#known)) this.#known = null;
    this.#state = current;
    if (current === this.#connection.state) this.#wasHeard();
    return !isKnown;
  }

  /** All that has happened was told. */
  untilAll(): Promise<void> {
    return new Promise((resolve) => {
      this.#wasHeard = resolve;
      if (this.#isOver || this.#state === this.#connection.state) resolve();
    });
  }
}
