import { type ActorRefFrom, createActor } from 'xstate';
import { connectionMachine } from '../../machines/connection.machine.js';
import type { ConnectionEmitted, ConnectionEvent } from '../../machines/connection-context.js';
import { ErrorInfo } from '../errors.js';
import { inspector } from '../inspect.js';
import { Sealed } from '../token/sealed.js';
import { Listeners } from './listeners.js';
import {
  type ParsedConnectionOptions,
  parseConnectionOptions,
  type RealtimeConnectionOptions,
} from './options.js';
import type { ConnectionAdapter, ConnectionReport, ConnectionState, ConnectionUpgradeEvent } from './port.js';
import type { ProtocolMessage } from './protocol.js';
import { type TransportPorts, transport } from './transport.js';
import { connectionUrl } from './url.js';
import type { WebSocketLike } from './websocket.js';

/** A connection is in another state, or anew in the same. @see RTN4f, TA1–TA5 */
export interface ConnectionStateChange {
  readonly previous: ConnectionState;
  readonly current: ConnectionState;
  /** `update`: connected anew in place, the state is the same. @see RTN24 */
  readonly event: ConnectionState | 'update';
  /** What it was caused by, where that was an error. */
  readonly reason?: ErrorInfo;
  /** ms until the next try, where one follows by itself. @see RTN14d */
  readonly retryIn?: number;
}

/** A token that was pushed, whose verdict is awaited. */
interface Push {
  resolve(): void;
  reject(error: unknown): void;
}

/** The machine of every connection, provided once. */
const machine = connectionMachine.provide({ actors: { transport } });

/** States whose reason is told even if it was told before. */
const withReason: readonly ConnectionState[] = ['disconnected', 'suspended', 'failed'];

/** States that end by themselves, with a try to connect. */
const withRetry: readonly ConnectionState[] = ['disconnected', 'suspended'];

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
  readonly #changes = new Listeners<ConnectionStateChange>();
  readonly #messages = new Listeners<ProtocolMessage>();
  #report: ((report: ConnectionReport) => void) | null = null;
  #push: Push | null = null;
  #socket: WebSocketLike | null = null;
  #told: { readonly state: ConnectionState; readonly reason: ErrorInfo | null } = {
    state: 'initialized',
    reason: null,
  };
  /** Whether the machine knows of the Auth that is attached. */
  #isServed = false;
  #isStarted = false;
  #isOver = false;

  /**
   * @throws {ErrorInfo} 40003 for options that cannot be, or where the platform has no WebSocket;
   *   40012 for a clientId that cannot be
   */
  constructor(options: RealtimeConnectionOptions = {}) {
    const parsed = parseConnectionOptions(options);
    const { autoConnect, clock, inspect, times } = parsed;
    this.#autoConnect = autoConnect;
    this.#actor = createActor(machine, {
      id: 'connection',
      clock,
      input: { ports: new Sealed(this.#ports(parsed), 'ports'), times },
      ...(inspect === undefined ? {} : { inspect: inspector(inspect) }),
    });
  }

  /** After {@link RealtimeConnection.dispose}: `closed`. @see RTN4d */
  get state(): ConnectionState {
    if (this.#isOver) return 'closed';
    const { value } = this.#actor.getSnapshot();
    return (typeof value === 'string' ? value : Object.keys(value)[0]) as ConnectionState;
  }

  /** The connection's id at the server; null without a connection to go back to. @see RTN8 */
  get id(): string | null {
    return this.#isOver ? null : this.#actor.getSnapshot().context.id;
  }

  /** What resumes the connection. Whoever has it and a token may: treat it as a secret. @see RTN9 */
  get key(): string | null {
    return this.#isOver ? null : (this.#actor.getSnapshot().context.key?.open() ?? null);
  }

  /** Why the connection is not what it should be; null where all is well. @see RTN25 */
  get errorReason(): ErrorInfo | null {
    return this.#actor.getSnapshot().context.errorReason;
  }

  /** The XState actor behind it, to inspect. Its snapshots hold no secret. */
  get actor(): ActorRefFrom<typeof connectionMachine> {
    return this.#actor;
  }

  /**
   * Connects, if it is not connected. Without a token it asks its Auth for one, and waits for an Auth
   * where there is none. @see RTN11
   */
  connect(): void {
    this.#announceAuth();
    this.#send({ type: 'connect' });
  }

  /** Closes in good order, not to come back by itself. @see RTN12 */
  close(): void {
    this.#send({ type: 'close' });
  }

  /** Calls `listener` at each change of state and at each update, until the returned function is called. */
  onStateChange(listener: (change: ConnectionStateChange) => void): () => void {
    return this.#changes.add(listener);
  }

  /** Protocol messages this connection has no use for: channels may be built on them. */
  onMessage(listener: (message: ProtocolMessage) => void): () => void {
    return this.#messages.add(listener);
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
    // Not before the Auth, which calls this while it is being made, is ready to hear it.
    queueMicrotask(() => {
      if (this.#report !== listener) return;
      this.#announceAuth();
      if (this.#autoConnect && this.state === 'initialized') this.connect();
    });
    return () => {
      if (this.#report !== listener) return;
      this.#report = null;
      if (this.#isServed) this.#send({ type: 'auth.detached' });
      this.#isServed = false;
    };
  }

  push(event: ConnectionUpgradeEvent, signal: AbortSignal): Promise<void> {
    if (this.#isOver) return Promise.reject(disposed());
    if (event.type === 'connection.fail') {
      this.#send({ type: 'token.denied', error: event.error });
      return Promise.resolve();
    }
    if (signal.aborted) return Promise.reject(signal.reason);
    this.#settle()?.reject(
      new ErrorInfo({
        code: 80017,
        message: 'a newer token took the place of this one',
        remediation: 'Nothing is wrong: the verdict on the newer token counts.',
      }),
    );
    const type = event.type === 'connection.replace' ? 'token.replaced' : 'token.given';
    const token = new Sealed({ ...event.token }, 'token');
    return new Promise((resolve, reject) => {
      const withdraw = () => {
        this.#settle()?.reject(signal.reason);
        this.#send({ type: 'token.withdrawn' });
      };
      const over = () => signal.removeEventListener('abort', withdraw);
      this.#push = {
        resolve: () => {
          over();
          resolve();
        },
        reject: (error) => {
          over();
          reject(error);
        },
      };
      signal.addEventListener('abort', withdraw, { once: true });
      this.#send({ type, token });
    });
  }

  /** Drops the transport at once; then silence. */
  dispose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#report = null;
    this.#changes.clear();
    this.#messages.clear();
    this.#actor.stop();
    this.#settle()?.reject(disposed());
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  toJSON(): { state: ConnectionState; id: string | null } {
    return { state: this.state, id: this.id };
  }

  #ports({ WebSocket, clock, random, times, url }: ParsedConnectionOptions): TransportPorts {
    return {
      clock,
      graceMs: times.requestTimeoutMs,
      random,
      open: (token, resume) => new WebSocket(connectionUrl(url, token, resume)),
      opened: (socket) => {
        this.#socket = socket;
      },
      passOn: (message) => this.#messages.tell(message),
    };
  }

  #announceAuth(): void {
    if (this.#report === null || this.#isServed) return;
    this.#isServed = true;
    this.#send({ type: 'auth.attached' });
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
      case 'updated': {
        const { error: reason } = emitted;
        const update = { previous: 'connected', current: 'connected', event: 'update' } as const;
        this.#changes.tell(reason === undefined ? update : { ...update, reason });
        break;
      }
      default:
        this.#report?.(emitted);
    }
  }

  /** The push whose verdict has come. */
  #settle(): Push | null {
    const push = this.#push;
    this.#push = null;
    return push;
  }

  #tellChange(): void {
    const { state, errorReason } = this;
    const { state: previous, reason: toldReason } = this.#told;
    if (state === previous) return;
    this.#told = { state, reason: errorReason };
    const isNews = errorReason !== toldReason || withReason.includes(state);
    const reason = errorReason !== null && isNews ? { reason: errorReason } : {};
    const { retryInMs } = this.#actor.getSnapshot().context;
    const retry = withRetry.includes(state) ? { retryIn: retryInMs } : {};
    this.#report?.({ type: 'connection.changed', state, ...reason });
    this.#changes.tell({ previous, current: state, event: state, ...reason, ...retry });
  }
}

const disposed = (): ErrorInfo => new ErrorInfo({ code: 80017, message: 'the connection was disposed of' });
