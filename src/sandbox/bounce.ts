import { action, type ProtocolMessage } from './protocol.js';
import type { SessionTimers } from './session-timers.js';

/** How long the answer to a PING may take, ms: the margin that clients have for a heartbeat; inferred. */
const PONG_TIMEOUT_MS = 10_000;

/**
 * `heartbeats=bounce`: the client must answer each PING with a PONG. A page that is suspended does not, although its
 * socket lives.
 * @see RTN23c
 */
export class Bounce {
  readonly #timers: SessionTimers;
  readonly #send: (message: ProtocolMessage) => void;
  readonly #unanswered: () => void;
  #count = 0;
  /** The id of the PING without an answer. */
  #open: string | undefined;

  /** @param unanswered called when a PONG does not come in time */
  constructor(timers: SessionTimers, send: (message: ProtocolMessage) => void, unanswered: () => void) {
    this.#timers = timers;
    this.#send = send;
    this.#unanswered = unanswered;
  }

  /** Sends a PING after `ms`, and after each answer again. */
  start(ms: number): void {
    this.#timers.set('ping', ms, () => {
      this.#count += 1;
      this.#open = String(this.#count);
      this.#timers.set('pong', PONG_TIMEOUT_MS, this.#unanswered);
      this.#send({ action: action.ping, id: this.#open });
    });
  }

  /** The client has sent a PONG. @returns whether it answers the open PING */
  isAnswered({ id }: ProtocolMessage): boolean {
    if (this.#open === undefined || id !== this.#open) return false;
    this.#open = undefined;
    this.#timers.clear('pong');
    return true;
  }
}
