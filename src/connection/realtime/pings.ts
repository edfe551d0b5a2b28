import type { Clock, TimerHandle } from '../../clock.js';
import { ErrorInfo } from '../../errors/error-info.js';
import { callUser } from '../../log/user-callback.js';
import type { ConnectionState } from '../port.js';
import { action, type ProtocolMessage } from './protocol.js';

interface Ping {
  readonly id: string;
  sentAt: number | undefined;
  timer: TimerHandle;
  resolve(ms: number): void;
  reject(error: ErrorInfo): void;
}

interface PingOptions {
  readonly clock: Clock;
  random(): number;
  readonly times: { readonly requestTimeoutMs: number };
}

/** States in which a ping waits for a connection; in all others but `connected` it fails. @see RTN13b, RTN13d */
const hopeful: readonly ConnectionState[] = ['connecting', 'disconnected'];

/** Heartbeats that the client sends by itself, to see how long an answer takes. @see RTN13 */
export class Pings {
  readonly #options: PingOptions;
  readonly #connection: { send(message: ProtocolMessage): void };
  readonly #all = new Map<string, Ping>();
  #count = 0;

  constructor(options: PingOptions, connection: { send(message: ProtocolMessage): void }) {
    this.#options = options;
    this.#connection = connection;
  }

  /** Whether a ping has no answer yet. */
  get areAwaited(): boolean {
    return this.#all.size > 0;
  }

  /** @returns the time until the answer, ms */
  send(state: ConnectionState): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#count += 1;
      const id = `${this.#options.random().toString(36).slice(2)}${this.#count}`;
      this.#all.set(id, { id, sentAt: undefined, timer: this.#limit(id), resolve, reject });
      this.stateIs(state);
    });
  }

  stateIs(state: ConnectionState): void {
    if (state === 'connected') for (const ping of this.#all.values()) this.#go(ping);
    else if (!hopeful.includes(state)) this.fail(unable(state));
  }

  /** @returns whether this was the answer to a ping */
  take({ action: what, id }: ProtocolMessage): boolean {
    const ping = what === action.heartbeat && typeof id === 'string' ? this.#end(id) : undefined;
    ping?.resolve(this.#options.clock.monotonic() - (ping.sentAt ?? 0));
    return ping !== undefined;
  }

  fail(error: ErrorInfo): void {
    for (const id of [...this.#all.keys()]) this.#end(id)?.reject(error);
  }

  #go(ping: Ping): void {
    if (ping.sentAt !== undefined) return;
    const { clock } = this.#options;
    ping.sentAt = clock.monotonic();
    clock.clearTimeout(ping.timer);
    ping.timer = this.#limit(ping.id);
    callUser(
      () => this.#connection.send({ action: action.heartbeat, id: ping.id }),
      () => this.#end(ping.id)?.reject(unsent()),
    );
  }

  /** RTN13c: one time limit covers the wait for the connection and the wait for the answer. */
  #limit(id: string): TimerHandle {
    const { clock, times } = this.#options;
    const { requestTimeoutMs: ms } = times;
    return clock.setTimeout(() => this.#end(id)?.reject(unanswered(ms)), ms);
  }

  #end(id: string): Ping | undefined {
    const ping = this.#all.get(id);
    this.#all.delete(id);
    this.#options.clock.clearTimeout(ping?.timer);
    return ping;
  }
}

const unable = (state: ConnectionState): ErrorInfo =>
  new ErrorInfo({
    code: state === 'closed' || state === 'closing' ? 80017 : 80003,
    message: `the connection is ${state}`,
  });

const unsent = (): ErrorInfo =>
  new ErrorInfo({ code: 80003, message: 'the transport accepts no more messages' });

const unanswered = (ms: number): ErrorInfo =>
  new ErrorInfo({ code: 80014, message: `timeout: the ping was not answered within ${ms} ms` });
