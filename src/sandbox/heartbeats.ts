import type { ConnectParams } from './connect-params.js';
import { action, type ProtocolMessage } from './protocol.js';
import type { SessionTimers } from './session-timers.js';

/** How long the answer to a HEARTBEAT takes, ms: a client measures it, and expects more than 0. */
const ECHO_MS = 2;

/** How long the answer to a PING may take, ms: the margin that clients have for a heartbeat; inferred. */
const PONG_TIMEOUT_MS = 10_000;

/** The transport of a connection. */
export interface HeartbeatLine {
  send(message: ProtocolMessage): void;
  /** Sends a sign of life that is not a message, if the transport has one. */
  ping(): void;
  /** Breaks the transport. */
  cut(): void;
}

/** How the heartbeats of a connection go. */
type HeartbeatParams = Pick<ConnectParams, 'heartbeats' | 'bounce' | 'maxIdleMs'>;

/** The signs of life between one client and the service, on one transport after the other. */
export class Heartbeats {
  readonly #timers: SessionTimers;
  readonly #line: HeartbeatLine;
  #params: HeartbeatParams;
  #echoes = 0;
  #pings = 0;
  /** The id of the PING without an answer. */
  #unanswered: string | undefined;

  constructor(timers: SessionTimers, line: HeartbeatLine, params: HeartbeatParams) {
    this.#timers = timers;
    this.#line = line;
    this.#params = params;
  }

  /** The connection has a new transport. */
  opened(params: HeartbeatParams): void {
    this.#params = params;
    this.#unanswered = undefined;
    if (params.bounce) this.#pingLater();
  }

  /** A message was sent, which is a sign of life too: the next one follows after the longest silence. */
  sent(): void {
    const { bounce, heartbeats, maxIdleMs } = this.#params;
    // A PING is a sign of life as well.
    if (bounce) return;
    this.#timers.set('idle', maxIdleMs, () => {
      if (heartbeats) this.#line.send({ action: action.heartbeat });
      else {
        this.#line.ping();
        this.sent();
      }
    });
  }

  /** The client has sent a HEARTBEAT, which is answered with its id. @see RTN13 */
  echo({ id }: ProtocolMessage): void {
    this.#echoes += 1;
    const message = { action: action.heartbeat, ...(id === undefined ? {} : { id }) };
    this.#timers.set(`echo ${this.#echoes}`, ECHO_MS, () => this.#line.send(message));
  }

  /** The client has sent a PONG. One that does not answer the last PING changes nothing. */
  pong({ id }: ProtocolMessage): void {
    if (this.#unanswered === undefined || id !== this.#unanswered) return;
    this.#unanswered = undefined;
    this.#timers.clear('pong');
    this.#pingLater();
  }

  /**
   * `heartbeats=bounce`: the client must answer each PING with a PONG. A page that is suspended does not, although its
   * socket lives.
   * @see RTN23c
   */
  #pingLater(): void {
    this.#timers.set('ping', this.#params.maxIdleMs, () => {
      this.#pings += 1;
      this.#unanswered = String(this.#pings);
      this.#timers.set('pong', PONG_TIMEOUT_MS, () => this.#line.cut());
      this.#line.send({ action: action.ping, id: this.#unanswered });
    });
  }
}
