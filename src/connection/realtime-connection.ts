import { type ActorRefFrom, createActor } from 'xstate';
import { WebSocketImpl } from '#websocket';
import { connectionMachine } from '../../machines/connection.machine.js';
import type { ConnectionEmitted, ConnectionEvent } from '../../machines/connection-context.js';
import { type Clock, systemClock } from '../clock.js';
import { ErrorInfo } from '../errors.js';
import { Sealed } from '../token/sealed.js';
import type { ConnectionAdapter, ConnectionReport, ConnectionState, ConnectionUpgradeEvent } from './port.js';
import { type ProtocolMessage, type TransportPorts, transport } from './transport.js';
import { connectionUrl, type UrlOptions } from './url.js';
import type { WebSocketClass, WebSocketLike } from './websocket.js';

/** How a {@link RealtimeConnection} is made. Times are ms. */
export interface RealtimeConnectionOptions extends UrlOptions {
  /** Connect as soon as an Auth is there to give a token. Default true. @see RTC1b */
  readonly autoConnect?: boolean;
  /** Default 10,000. @see TO3l11 */
  readonly realtimeRequestTimeout?: number;
  /** Default 15,000. @see TO3l1 */
  readonly disconnectedRetryTimeout?: number;
  /** Default 30,000. @see TO3l2 */
  readonly suspendedRetryTimeout?: number;
  /** Until the server says otherwise. Default 120,000. @see DF1a */
  readonly connectionStateTtl?: number;
  /** Instead of the platform's. */
  readonly WebSocket?: WebSocketClass;
  readonly clock?: Clock;
  /** Instead of `Math.random`: spreads reconnections. */
  readonly random?: () => number;
}

/** @see TA1–TA5 */
export interface ConnectionStateChange {
  readonly previous: ConnectionState;
  readonly current: ConnectionState;
  /** `update`: connected anew in place, the state is the same. */
  readonly event: ConnectionState | 'update';
  readonly reason?: ErrorInfo;
  /** ms until the next try, where one follows by itself. */
  readonly retryIn?: number;
}

interface Push {
  resolve(): void;
  reject(error: unknown): void;
}

/** The machine of every connection, provided once. */
const machine = connectionMachine.provide({ actors: { transport } });

/**
 * A connection to Ably's realtime service: connects with the token it is given, is re-authenticated
 * in place, resumes when its transport breaks, and passes on protocol messages it does not need.
 *
 * @example
 * ```ts
 * import { Auth } from 'latchkey';
 * import { RealtimeConnection } from 'latchkey/connection';
 *
 * const connection = new RealtimeConnection({ endpoint: 'localhost', port: 8080, tls: false });
 * connection.onStateChange(({ current, reason }) => console.log(current, reason?.message));
 * const auth = new Auth({ authUrl: 'http://localhost:8080/token', connection });
 * console.log(auth.state.value, connection.state);
 * ```
 * @see RTN1–RTN27
 */
export class RealtimeConnection implements ConnectionAdapter {
  readonly #actor: ActorRefFrom<typeof machine>;
  readonly #autoConnect: boolean;
  readonly #stateListeners = new Set<(change: ConnectionStateChange) => void>();
  readonly #messageListeners = new Set<(message: ProtocolMessage) => void>();
  #report: ((report: ConnectionReport) => void) | null = null;
  #push: Push | null = null;
  #socket: WebSocketLike | null = null;
  #last: ConnectionState = 'initialized';
  #isStarted = false;
  #isOver = false;

  constructor(options: RealtimeConnectionOptions = {}) {
    const {
      clock = systemClock,
      realtimeRequestTimeout: requestTimeoutMs = 10_000,
      autoConnect = true,
    } = options;
    this.#autoConnect = autoConnect;
    this.#actor = createActor(machine, {
      id: 'connection',
      clock,
      input: {
        ports: new Sealed(this.#ports({ ...options }, clock, requestTimeoutMs), 'ports'),
        times: {
          requestTimeoutMs,
          disconnectedRetryMs: options.disconnectedRetryTimeout ?? 15_000,
          suspendedRetryMs: options.suspendedRetryTimeout ?? 30_000,
          stateTtlMs: options.connectionStateTtl ?? 120_000,
        },
      },
    });
  }

  get state(): ConnectionState {
    const { value } = this.#actor.getSnapshot();
    return (typeof value === 'string' ? value : Object.keys(value)[0]) as ConnectionState;
  }

  /** The connection's id at the server; null without a connection. @see RTN8 */
  get id(): string | null {
    return this.#actor.getSnapshot().context.id;
  }

  /** Why the connection is not what it should be; null where all is well. @see RTN25 */
  get errorReason(): ErrorInfo | null {
    return this.#actor.getSnapshot().context.errorReason;
  }

  /** The XState actor behind it, to inspect. Its snapshots hold no secret. */
  get actor(): ActorRefFrom<typeof connectionMachine> {
    return this.#actor;
  }

  /** Connects, if it is not connected; asks Auth for a token where it has none. @see RTN11 */
  connect(): void {
    this.#send({ type: 'connect' });
  }

  /** Closes in good order, not to come back by itself. @see RTN12 */
  close(): void {
    this.#send({ type: 'close' });
  }

  /** Calls `listener` at each change of state and at each update, until the returned function is called. */
  onStateChange(listener: (change: ConnectionStateChange) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /** Protocol messages this connection has no use for: channels may be built on them. */
  onMessage(listener: (message: ProtocolMessage) => void): () => void {
    this.#messageListeners.add(listener);
    return () => this.#messageListeners.delete(listener);
  }

  /**
   * Sends a protocol message.
   * @throws {ErrorInfo} 80003 without a connection
   */
  send(message: ProtocolMessage): void {
    if (this.#socket === null || this.state !== 'connected') {
      throw new ErrorInfo({ code: 80003, message: `the connection is ${this.state}` });
    }
    this.#socket.send(JSON.stringify(message));
  }

  attach(listener: (report: ConnectionReport) => void): () => void {
    if (this.#report !== null) throw new TypeError('this connection serves another Auth already');
    this.#report = listener;
    if (this.#autoConnect)
      queueMicrotask(() => this.#report === listener && this.state === 'initialized' && this.connect());
    return () => {
      if (this.#report === listener) this.#report = null;
    };
  }

  push(event: ConnectionUpgradeEvent, signal: AbortSignal): Promise<void> {
    if (this.#isOver)
      return Promise.reject(new ErrorInfo({ code: 80017, message: 'the connection was disposed of' }));
    if (event.type === 'connection.fail') {
      this.#send({ type: 'token.denied', error: event.error });
      return Promise.resolve();
    }
    this.#push?.reject(new ErrorInfo({ code: 80017, message: 'a newer token took the place of this one' }));
    const type = event.type === 'connection.replace' ? 'token.replaced' : 'token.given';
    return new Promise((resolve, reject) => {
      const push = { resolve, reject };
      const withdraw = () => {
        if (this.#push !== push) return;
        this.#push = null;
        reject(signal.reason);
        this.#send({ type: 'token.withdrawn' });
      };
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      signal.addEventListener('abort', withdraw, { once: true });
      this.#push = push;
      this.#send({ type, token: new Sealed(event.token, 'token') });
    });
  }

  /** Drops the transport at once; then silence. */
  dispose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#report = null;
    this.#stateListeners.clear();
    this.#messageListeners.clear();
    this.#actor.stop();
    this.#push?.reject(new ErrorInfo({ code: 80017, message: 'the connection was disposed of' }));
    this.#push = null;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  toJSON(): { state: ConnectionState; id: string | null } {
    return { state: this.state, id: this.id };
  }

  #ports(options: RealtimeConnectionOptions, clock: Clock, graceMs: number): TransportPorts {
    const { WebSocket = WebSocketImpl, random = Math.random } = options;
    return {
      clock,
      graceMs,
      random,
      open: (token, resume) => {
        if (WebSocket === undefined)
          throw new TypeError('there is no WebSocket here: give one as option WebSocket');
        return new WebSocket(connectionUrl(options, token, resume));
      },
      opened: (socket) => {
        this.#socket = socket;
      },
      passOn: (message) => {
        for (const listener of this.#messageListeners) listener(message);
      },
    };
  }

  #send(event: ConnectionEvent): void {
    if (this.#isOver) return;
    if (!this.#isStarted) {
      this.#isStarted = true;
      this.#actor.on('*', (emitted) => this.#take(emitted));
      this.#actor.subscribe({ next: () => this.#tellChange(), error: () => this.dispose() });
      this.#actor.start();
    }
    this.#actor.send(event);
  }

  #take(emitted: ConnectionEmitted): void {
    switch (emitted.type) {
      case 'accepted':
        this.#settle()?.resolve();
        break;
      case 'rejected':
        this.#settle()?.reject(emitted.error);
        break;
      case 'updated':
        this.#tell({ previous: 'connected', current: 'connected', event: 'update' }, emitted.error ?? null);
        break;
      default:
        this.#report?.(emitted);
    }
  }

  #settle(): Push | null {
    const push = this.#push;
    this.#push = null;
    return push;
  }

  #tellChange(): void {
    const { state, errorReason } = this;
    if (state === this.#last) return;
    const change = { previous: this.#last, current: state, event: state };
    this.#last = state;
    this.#tell(change, errorReason);
    const reason = errorReason === null ? {} : { reason: errorReason };
    this.#report?.({ type: 'connection.changed', state, ...reason });
  }

  #tell(change: ConnectionStateChange, reason: ErrorInfo | null): void {
    const full = reason === null ? change : { ...change, reason };
    for (const listener of this.#stateListeners) listener(full);
  }
}
