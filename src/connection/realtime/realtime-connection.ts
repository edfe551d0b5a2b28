import type { Observable } from 'rxjs';
import type { ActorRefFrom } from 'xstate';
import type { connectionMachine } from '../../../machines/connection.machine.js';
import type { ConnectionEmitted, ConnectionEvent } from '../../../machines/connection-context.js';
import { checkListener, record } from '../../checks/option-checks.js';
import { ClockReading, holdWhile, type LetGo } from '../../clock.js';
import { ErrorInfo } from '../../errors/error-info.js';
import { callUser, faultLog } from '../../log/user-callback.js';
import { DISPOSE, soon } from '../../platform/globals.js';
import { reasonOf } from '../../platform/signals.js';
import { textIn } from '../../redaction/received.js';
import { throughProxies } from '../../surroundings.js';
import { clientTypeIn } from '../../token/client-type.js';
import { checkIdentity } from '../../token/identity.js';
import { Secret } from '../../token/secret.js';
import type { TokenDetails } from '../../token/token-details.js';
import { closeAndDispose, noteMaking } from '../made-for.js';
import { disposed, servesAnother } from '../one-auth.js';
import { PendingPush } from '../pending-push.js';
import {
  type AttachedClient,
  type ConnectionAdapter,
  type ConnectionReport,
  type ConnectionState,
  type ConnectionUpgradeEvent,
  isComingBack,
} from '../port.js';
import type {
  ChangeEvent,
  ChangeListener,
  ConnectionStateChange,
  ListenerArguments,
  StateArguments,
} from './change-listeners.js';
import {
  type ConnectionActor,
  ConnectionTransportPorts,
  connectionActor,
  watchNetwork,
} from './connection-actor.js';
import { LateTrouble } from './late-trouble.js';
import {
  type ParsedConnectionOptions,
  parseConnectionOptions,
  type RealtimeConnectionOptions,
} from './options.js';
import { connectionParts } from './parts.js';
import type { ProtocolMessage } from './protocol.js';
import { recoveryIn } from './recovery-option.js';
import { ConnectionSubscribers, reportedChange } from './subscribers.js';
import type { PassedMessage } from './transport.js';
import { realtimeBase } from './url.js';

/**
 * A connection to Ably's realtime service. It connects with the token that it gets, is re-authenticated in place,
 * resumes after the loss of a transport, and passes on the protocol messages that it does not need itself.
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
  readonly port = 1;
  readonly #actor: ConnectionActor;
  readonly #options: ParsedConnectionOptions;
  readonly #subscribers: ConnectionSubscribers;
  readonly #ports: ConnectionTransportPorts;
  readonly #failed: (thrown: unknown) => void;
  /** Logs the failures while there is no Auth that does it. */
  readonly #trouble: LateTrouble;
  /** The clientId of the connection's own options. undefined: that of the Auth is used. */
  readonly #clientId: string | undefined;
  /** null: the actor was not started yet. */
  #unwatch: (() => void) | null = null;
  #report: ((report: ConnectionReport) => void) | null = null;
  readonly #push = new PendingPush();
  /** The clientId that the server confirmed. undefined: the server did not say. */
  #confirmedId: string | null | undefined;
  #letGo: LetGo;

  /**
   * @throws {ErrorInfo} 40003: an option is invalid, or the platform has no WebSocket · 40012: the clientId is
   * invalid
   */
  constructor(options: RealtimeConnectionOptions = {}) {
    const parsed = parseConnectionOptions(options);
    const recovery = recoveryIn(options.recover, parsed.secrets);
    noteMaking(this, () => closeAndDispose(this), true);
    const { key, log, url } = parsed;
    this.#options = parsed;
    this.#failed = faultLog(log, 'a part of the connection');
    this.#subscribers = new ConnectionSubscribers(log);
    this.#ports = new ConnectionTransportPorts(parsed, this.#subscribers, recovery);
    this.#clientId = url.clientId ?? undefined;
    this.#trouble = new LateTrouble(parsed);
    this.#actor = connectionActor(parsed, this.#ports, recovery.connectionKey);
    // RTC1b: the caller of the constructor must be able to add a listener first.
    if (key === undefined || !parsed.autoConnect) return;
    soon(() => this.state === 'initialized' && this.connect());
  }

  /** The current state. After {@link RealtimeConnection.dispose}: `closed`. @see RTN4d */
  get state(): ConnectionState {
    if (this.#isOver) return 'closed';
    const { value } = this.#actor.getSnapshot();
    return (typeof value === 'string' ? value : Object.keys(value)[0]) as ConnectionState;
  }

  /** The id of the connection at the server. null: there is no connection that could be resumed. @see RTN8 */
  get id(): string | null {
    return this.#isOver ? null : this.#actor.getSnapshot().context.id;
  }

  /**
   * The key that resumes the connection. Together with a token it gives access to the connection: treat it as a
   * secret.
   * @see RTN9
   */
  get key(): string | null {
    return this.id === null ? null : (this.#actor.getSnapshot().context.key?.expose() ?? null);
  }

  /**
   * What another client needs to continue this connection: the value of its option `recover`. The clients of Ably's SDK
   * can use it too. null: the connection cannot be recovered, because it was never connected, or is suspended, closing,
   * closed or failed. The key is a secret, and useful for `connectionStateTtl` after the connection was lost.
   *
   * @example
   * ```ts
   * import { RealtimeConnection } from 'latchkey/connection';
   *
   * const NAME = 'recovery key';
   * const connection = new RealtimeConnection({ recover: sessionStorage.getItem(NAME) });
   * sessionStorage.removeItem(NAME);
   * addEventListener('pagehide', () => {
   *   const key = connection.createRecoveryKey();
   *   if (key !== null) sessionStorage.setItem(NAME, key);
   * });
   * ```
   * @see RTN16g, RTN16g1, RTN16g2
   */
  createRecoveryKey(): string | null {
    return this.#ports.recovery.now?.keyOf(this) ?? null;
  }

  /**
   * The fallback host of the connection. null: it is connected to the primary host, or not connected.
   * @see RTN17e
   */
  get fallbackHost(): string | null {
    return this.state === 'connected' ? this.#actor.getSnapshot().context.host : null;
  }

  /** The address of the connection, or of the attempt to connect: `wss://host`. */
  get address(): string {
    return realtimeBase(this.#options.url, this.#actor.getSnapshot().context.host ?? undefined);
  }

  /** The states, the current one first. Completes on {@link dispose}. */
  get state$(): Observable<ConnectionState> {
    return this.#subscribers.state$;
  }

  /** The messages of {@link onMessage} as a stream. Completes on {@link dispose}. */
  get messages$(): Observable<ProtocolMessage> {
    return this.#subscribers.messages$;
  }

  /** Why the connection is in a bad state. null: it is in a good one. @see RTN25 */
  get errorReason(): ErrorInfo | null {
    return this.#actor.getSnapshot().context.errorReason;
  }

  /** The XState actor of this connection, for inspection. Its snapshots contain no secret. */
  get actor(): ActorRefFrom<typeof connectionMachine> {
    return this.#actor;
  }

  /**
   * Connects, if the connection is not connected. Without a token it asks its Auth for one. Without an Auth it
   * waits for one.
   * @see RTN11
   */
  connect(): void {
    this.#announceAuth();
    this.#send({ type: 'connect' });
  }

  /** Closes the connection. It does not connect again by itself. @see RTN12 */
  close(): void {
    const { state } = this;
    this.#send({ type: 'close' });
    // An Auth that is about to open the connection must know that it was closed once more (RTC8b1).
    if (state === 'closing' || state === 'closed') this.#tell({ type: 'connection.changed', state });
  }

  /** The same as {@link RealtimeConnection.on} with a listener only. */
  onStateChange(listener: ChangeListener): () => void {
    return this.on(listener);
  }

  /**
   * Calls `listener` at each change of this kind, or of any kind and at each update, until the returned function or
   * {@link RealtimeConnection.off} is called.
   *
   * @throws {ErrorInfo} 40003: there is no such event, or the listener is not a function
   * @see RTN4, RTE3
   */
  on(event: ChangeEvent | readonly ChangeEvent[], listener: ChangeListener): () => void;
  on(listener: ChangeListener): () => void;
  on(...given: ListenerArguments): () => void {
    return this.#subscribers.changes.on(given);
  }

  /**
   * The next change of this kind, or of any kind: as a promise, or for a listener.
   *
   * @throws {ErrorInfo} as {@link RealtimeConnection.on} · the promise rejects with 80017 when the connection is
   * disposed of
   *
   * @example
   * ```ts
   * import { RealtimeConnection } from 'latchkey/connection';
   *
   * const connection = new RealtimeConnection();
   * const { reason } = await connection.once('disconnected');
   * console.log(reason?.message);
   * ```
   * @see RTE4
   */
  once(event: ChangeEvent, listener: ChangeListener): () => void;
  once(listener: ChangeListener): () => void;
  once(event?: ChangeEvent): Promise<ConnectionStateChange>;
  once(...given: ListenerArguments): (() => void) | Promise<ConnectionStateChange> {
    return this.#subscribers.changes.once(given);
  }

  /**
   * Removes a listener: for one kind of change, or for all; without arguments every listener.
   *
   * @throws {ErrorInfo} as {@link RealtimeConnection.on}
   * @see RTE5
   */
  off(event: ChangeEvent | readonly ChangeEvent[], listener: ChangeListener): void;
  off(listener: ChangeListener): void;
  off(): void;
  off(...given: ListenerArguments): void {
    this.#subscribers.changes.off(given);
  }

  /**
   * Waits until the connection is in `state`: as a promise, or for a listener. If it is already, the result is null, and
   * a listener is called at once.
   *
   * @throws {ErrorInfo} 40003: there is no such state, or the listener is not a function · the promise rejects with 80017
   * when the connection is disposed of
   *
   * @example
   * ```ts
   * import { RealtimeConnection } from 'latchkey/connection';
   *
   * const connection = new RealtimeConnection();
   * await connection.whenState('connected');
   * ```
   * @see RTN26
   */
  whenState(state: ConnectionState, listener: (change: ConnectionStateChange | null) => void): void;
  whenState(state: ConnectionState): Promise<ConnectionStateChange | null>;
  whenState(...given: StateArguments): Promise<ConnectionStateChange | null> | undefined {
    return this.#subscribers.changes.whenState(this.state, given);
  }

  /**
   * Measures how long the server takes to answer, ms. If the connection is being opened, the call waits for it
   * first.
   * @throws {ErrorInfo} 80003, 80017: there is no connection and none is being opened, or it ends first · 80014:
   * the connection was not open, or the answer did not come, within `realtimeRequestTimeout`
   * @see RTN13
   */
  ping(): Promise<number> {
    return this.#isOver ? Promise.reject(disposed()) : this.#awaited(this.#ping());
  }

  /**
   * Calls `listener` with the protocol messages that the connection does not need itself: channels can be built
   * with them.
   */
  onMessage(listener: (message: ProtocolMessage) => void): () => void {
    return this.#subscribers.onMessage(listener);
  }

  /**
   * Calls `listener` with each protocol message that passes, without its content: the studio shows them.
   *
   * @internal
   * @param listener must not throw
   */
  onTraffic(listener: PassedMessage): () => void {
    const { traffic = new Set<PassedMessage>() } = this.#ports;
    this.#ports.traffic = traffic.add(listener);
    return () => traffic.delete(listener);
  }

  /**
   * Sends a protocol message.
   * @throws {ErrorInfo} 80003: there is no connection · 40003: the message is not an object
   */
  send(message: ProtocolMessage): void {
    record('message', message);
    if (this.#ports.socket === null || this.state !== 'connected') {
      throw new ErrorInfo({ code: 80003, message: `the connection is ${this.state}` });
    }
    const text = JSON.stringify(message);
    this.#ports.socket.send(text);
    this.#ports.passed(true, message.action, text.length);
    this.#ports.recovery.run((it) => it.sent(message));
  }

  /**
   * @throws {ErrorInfo} 40003: an argument is invalid, or the connection belongs to another Auth · 40102: the Auth has another clientId than
   * the connection
   */
  attach(
    listener: (report: ConnectionReport) => void,
    client: AttachedClient = { clientId: null },
  ): () => void {
    checkListener(listener);
    record('client', client);
    if (this.#report !== null) throw servesAnother();
    const clientType = clientTypeIn(client.clientType);
    if (client.clientId !== null) checkIdentity(this.#clientId, client.clientId);
    this.#report = listener;
    this.#trouble.drop();
    const agents = textIn(client, 'agents');
    this.#ports.attached = {
      clientId: client.clientId,
      ...(clientType && { clientType }),
      ...(agents && { agents }),
    };
    // Later, because Auth calls this method in its constructor, before it can receive reports.
    soon(() => {
      if (this.#report !== listener) return;
      this.#announceAuth();
      if (this.state === 'connected' && this.#confirmedId !== undefined)
        this.#tell({ type: 'identity.confirmed', clientId: this.#confirmedId });
      if (this.#options.autoConnect && this.state === 'initialized') this.connect();
    });
    return () => {
      if (this.#report !== listener) return;
      this.#report = null;
      this.#ports.attached = undefined;
      if (this.#unwatch !== null) this.#send({ type: 'auth.detached' });
      this.#holdOn();
    };
  }

  push(event: ConnectionUpgradeEvent, signal: AbortSignal): Promise<void> {
    if (this.#isOver) return Promise.reject(disposed());
    if (event.type === 'connection.fail') {
      const { error, final = true } = event;
      this.#send({ type: final ? 'token.denied' : 'token.delayed', error });
      return Promise.resolve();
    }
    if (signal.aborted) return Promise.reject(reasonOf(signal));
    const type = event.type === 'connection.replace' ? 'token.replaced' : 'token.given';
    const verdict = this.#push.wait(signal, () => this.#send({ type: 'token.withdrawn' }));
    this.#send({ type, token: this.#received(event.token) });
    return this.#awaited(verdict);
  }

  halt(): void {
    this.#send({ type: 'attempt.halted' });
  }

  useNext(token: TokenDetails | null): void {
    this.#send({ type: 'token.next', token: token && this.#received(token) });
  }

  #received(token: TokenDetails): Secret<TokenDetails> {
    this.#ports.tokenAt = new ClockReading(this.#options.clock);
    this.#options.secrets.note('token', String(token.token));
    return new Secret({ ...token }, 'token');
  }

  hurry(): void {
    this.#send({ type: 'answer.urgent' });
  }

  forget(): void {
    this.#send({ type: 'token.forgotten' });
  }

  /**
   * Closes the connection, drops the transport at once, and reports `closed` to its Auth. After that it does
   * nothing.
   */
  dispose(): void {
    if (this.#isOver) return;
    const report = this.state === 'closed' ? null : this.#report;
    this.#report = null;
    this.#trouble.drop();
    this.#subscribers.end();
    callUser(() => this.#unwatch?.(), this.#failed);
    this.#actor.send({ type: 'close' });
    this.#actor.stop();
    this.#ports.pings?.fail(disposed());
    this.#push.reject(disposed());
    this.#holdOn();
    // The Auth need not get a token for this connection any more.
    report?.({ type: 'connection.changed', state: 'closed' });
  }

  /** {@link RealtimeConnection.dispose}, for `using`. */
  [DISPOSE](): void {
    this.dispose();
  }

  /** A connection that is printed or serialised shows its state, and no secret. */
  toJSON(): { state: ConnectionState; id: string | null } {
    return { state: this.state, id: this.id };
  }

  /** Runs in the same turn if the code is loaded already. */
  async #ping(): Promise<number> {
    const { Pings } = connectionParts.pings.loaded ?? (await connectionParts.pings.load());
    if (this.#isOver) throw disposed();
    this.#ports.pings ??= new Pings(this.#options, this);
    const answer = this.#ports.pings.send(this.state);
    this.#holdOn();
    return await answer;
  }

  get #isOver(): boolean {
    return this.#subscribers.isOver;
  }

  #announceAuth(): void {
    if (this.#report === null || this.#actor.getSnapshot().context.isServed) return;
    this.#send({
      type: 'auth.attached',
      clientId: this.#clientId ?? this.#ports.attached?.clientId ?? undefined,
    });
  }

  #send(event: ConnectionEvent): void {
    if (this.#isOver) return;
    if (this.#unwatch === null) this.#start();
    this.#actor.send(event);
  }

  #start(): void {
    this.#unwatch = () => {};
    this.#actor.on('*', (emitted) => this.#take(emitted));
    this.#actor.subscribe(
      () => this.#tellChange(),
      // If the machine has failed with an unexpected error, the connection ends.
      (fault) => {
        this.#failed(fault);
        this.dispose();
      },
    );
    this.#actor.start();
    // XState keeps them for good. They are in the context already.
    this.#actor.options = NO_OPTIONS;
    callUser(() => {
      this.#unwatch = watchNetwork(this.#options, (event) => this.#send(event));
    }, this.#failed);
  }

  #take(emitted: ConnectionEmitted): void {
    switch (emitted.type) {
      case 'accepted':
        if (this.#push.isWaiting) this.#tell({ type: 'token.accepted' });
        this.#push.resolve();
        break;
      case 'rejected':
        this.#push.reject(emitted.error);
        break;
      case 'updated':
        this.#subscribers.updated(emitted.error);
        break;
      default:
        if (emitted.type === 'identity.confirmed') this.#confirmedId = emitted.clientId;
        this.#tell(emitted);
    }
  }

  #tell(report: ConnectionReport): void {
    callUser(() => this.#report?.(report), this.#failed);
  }

  #awaited<T>(promise: Promise<T>): Promise<T> {
    const update = () => this.#holdOn();
    promise.then(update, update);
    update();
    return promise;
  }

  /** Keeps the process alive while the connection waits to connect again, or while a ping waits for its answer. */
  #holdOn(): void {
    const isAble = this.#report !== null || this.#options.key !== undefined;
    const isAwaited = this.#ports.pings?.areAwaited || this.#push.isWaiting;
    const isWanted = !this.#isOver && (isAwaited || (isAble && isComingBack(this.state)));
    this.#letGo = holdWhile(isWanted, this.#letGo, this.#options);
  }

  #tellChange(): void {
    this.#holdOn();
    const { errorReason: reason, state } = this;
    const { context } = this.#actor.getSnapshot();
    this.#ports.recovery.now?.follow(context);
    const { retryInMs } = context;
    const change = this.#subscribers.since({ state, reason, retryInMs });
    if (change === undefined) return;
    const told = reportedChange(change);
    this.#trouble.tell(told, this);
    if (this.#report === null) this.#trouble.heard(told, this);
    else this.#tell({ type: 'connection.changed', ...told });
    this.#ports.pings?.stateIs(state);
    this.#subscribers.changed(change);
  }
}

const NO_OPTIONS = Object.freeze({});

throughProxies(RealtimeConnection);
