import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.js';
import { Bounce } from './bounce.js';
import type { Member } from './channel.js';
import type { Channels } from './channels.js';
import { identityOf } from './client-id.js';
import { type ClientType, connectingAs } from './client-type.js';
import type { ConnectParams } from './connect-params.js';
import { connectedMessage, STATE_TTL_MS } from './connected-message.js';
import { Fault, type WireError } from './fault.js';
import type { AuthOutcome } from './faults.js';
import type { Format } from './format.js';
import { frameOf } from './frame.js';
import { action, type ProtocolMessage, type Transport } from './protocol.js';
import type { Refusal } from './refusals.js';
import { SessionTimers } from './session-timers.js';
import type { End, Grant } from './tokens.js';
import { Undelivered } from './undelivered.js';

/** How long before the end of a token the server asks for a new one, ms. */
const ASK_AHEAD_MS = 30_000;

/** How long the answer to a HEARTBEAT takes, ms: a client measures it, and expects more than 0. */
const ECHO_MS = 2;

/** What a session needs from the service. */
export interface SessionHost {
  readonly clock: Clock;
  readonly channels: Channels;
  /** The grant of a token. @throws {Fault} */
  recognise(token: string): Grant;
  /** When a grant ends, as far as is known now. */
  endOf(grant: Grant): End;
  /** Whether AUTH accepts a token of another key. */
  readonly reauthByAnyKey: boolean;
  /** Whether the account is billed by monthly active users. */
  readonly isMau: boolean;
  /** The current fault for AUTH. */
  onAuth(): AuthOutcome;
  happened(
    what: 'connected' | 'reauthenticated' | 'unanswered' | 'asked' | 'dropped' | 'closed' | 'refused',
    session: Session,
    error?: WireError,
  ): void;
}

/** A connection's state at the server. It outlives its transport, so that the connection can be resumed. */
export class Session implements Member {
  readonly connectionId = randomBytes(6).toString('base64url');
  readonly connectionKey = `${this.connectionId}!${randomBytes(12).toString('base64url')}`;
  readonly #host: SessionHost;
  readonly #timers: SessionTimers;
  readonly #undelivered = new Undelivered();
  readonly #bounce: Bounce;
  #params: ConnectParams;
  #grant: Grant;
  #clientId: string | null;
  #clientType: ClientType | undefined;
  /** The first identity other than any (`*`); undefined: not decided yet. */
  #settled: string | null | undefined;
  #transport: Transport | undefined;
  #isOver = false;
  #echoes = 0;
  #auths = 0;

  /**
   * Opens a session.
   * @throws {Fault} 40102 if the grant is for another client than the address names; 40012, 40167, 40168
   */
  constructor(host: SessionHost, grant: Grant, params: ConnectParams) {
    this.#host = host;
    this.#timers = new SessionTimers(host.clock);
    this.#bounce = new Bounce(
      this.#timers,
      (message) => this.send(message),
      () => this.cut(),
    );
    this.#params = params;
    this.#grant = grant;
    this.#clientId = identityOf(grant, params.clientId);
    this.#clientType = this.#typeOf(grant, this.#clientId, params);
    this.#settle();
  }

  get grant(): Grant {
    return this.#grant;
  }

  get clientId(): string | null {
    return this.#clientId;
  }

  /** What the client is; undefined where the account does not ask. */
  get clientType(): ClientType | undefined {
    return this.#clientType;
  }

  get echo(): boolean {
    return this.#params.echo;
  }

  get maxIdleMs(): number {
    return this.#params.maxIdleMs;
  }

  get isConnected(): boolean {
    return this.#transport !== undefined;
  }

  /** Whether the connection can be resumed: it has no transport and has not ended. */
  get canResume(): boolean {
    return !this.isConnected && !this.#isOver;
  }

  get format(): Format {
    return this.#params.format;
  }

  send(message: ProtocolMessage): void {
    if (this.#transport === undefined || this.#undelivered.holds(message)) {
      this.#keep(message);
      return;
    }
    this.#undelivered.sent(message);
    // A message that is lost on the way follows when the connection is resumed.
    this.#transport.send(frameOf(message, this.#params.format), () => this.#keep(message));
    this.#armIdle();
  }

  reply(msgSerial: number, answer: ProtocolMessage): void {
    this.#undelivered.answered(msgSerial, answer);
    this.send(answer);
  }

  /** Connects for the first time. */
  open(transport: Transport, error?: WireError): void {
    this.#timers.clear('state');
    this.#timers.clear('presence');
    this.#transport = transport;
    this.#sayConnected(error);
    if (this.#params.bounce) this.#bounce.start(this.maxIdleMs);
    this.#host.happened('connected', this);
  }

  /**
   * Resumes the connection by its key, with a token that may be a new one.
   * @throws {Fault} 40102 if the token is for another client
   */
  resume(transport: Transport, grant: Grant, params: ConnectParams): void {
    this.#become(grant, params);
    this.cut();
    // Missed messages follow when the client attaches again; before that, it would ignore them (RTL17).
    this.#undelivered.resumed(this.#host.channels.attachedBy(this));
    this.open(transport);
    this.#host.channels.review(this);
  }

  /** Handles a message, if `from` is the current transport. */
  receive(message: ProtocolMessage, from: Transport): void {
    if (from !== this.#transport) return;
    const { channels } = this.#host;
    switch (message.action) {
      case action.heartbeat:
        this.#echoHeartbeat(message);
        break;
      case action.pong:
        if (this.#bounce.isAnswered(message)) this.#bounce.start(this.maxIdleMs);
        break;
      case action.auth:
        this.#reauthenticate(message.auth?.accessToken ?? '');
        break;
      case action.attach:
        channels.attach(message, this, this.#undelivered.isWhole(message));
        for (const missed of this.#undelivered.take(message.channel ?? '')) this.send(missed);
        break;
      case action.detach:
        channels.detach(message, this);
        this.#undelivered.take(message.channel ?? '');
        break;
      case action.sync:
        channels.sync(message, this);
        break;
      case action.message:
      case action.presence:
      case action.object:
      case action.annotation:
        this.#publish(message);
        break;
      case action.close:
        this.#close();
        break;
      case action.disconnect:
        this.#drop((transport) => transport.close());
        break;
    }
  }

  /** Handles a frame that is not a protocol message. */
  garbled(from: Transport): void {
    if (from === this.#transport) this.refuse('malformed request', 'it must be a protocol message');
  }

  /** Asks for a new token. @see RTN22 */
  ask(): void {
    if (!this.isConnected) return;
    this.send({ action: action.auth });
    this.#host.happened('asked', this);
  }

  /** Sets the timers for the end of the token. */
  armEnd(): void {
    if (!this.isConnected) return;
    const { at, why } = this.#host.endOf(this.#grant);
    const left = at - this.#host.clock.now();
    this.#timers.clear('ask');
    if (left > ASK_AHEAD_MS) this.#timers.set('ask', left - ASK_AHEAD_MS, () => this.ask());
    this.#timers.set('end', left, () => this.disconnect(why));
  }

  /**
   * Disconnects with a reason. The state is kept, so that the client can resume with another token.
   * @see RTN22a
   */
  disconnect(why: End['why']): void {
    if (!this.isConnected) return;
    this.#disconnect(new Fault(why).toWire());
  }

  /** Handles the loss of a transport. A transport that was replaced before is ignored. */
  lost(transport: Transport): void {
    if (transport === this.#transport) this.#drop(() => {});
  }

  /** Breaks the transport without a message. */
  cut(): void {
    this.#drop((transport) => transport.cut());
  }

  /** Ends the session with the service. */
  dispose(): void {
    this.cut();
    this.#isOver = true;
    this.#timers.clearAll();
  }

  /** Ends the session with an error. */
  refuse(refusal: Refusal, detail?: string): void {
    this.#fail(new Fault(refusal, detail).toWire());
  }

  /** Ends the session: it cannot be resumed. */
  end(): void {
    if (this.#isOver) return;
    const transport = this.#transport;
    this.#transport = undefined;
    this.#isOver = true;
    this.#timers.clearAll();
    this.#host.channels.leave(this);
    transport?.close();
    this.#host.happened('closed', this);
  }

  /** A message did not reach the client. If it cannot follow later, the client must attach its channels anew. */
  #keep(message: ProtocolMessage): void {
    if (!this.#undelivered.keep(message)) this.#host.channels.leave(this);
  }

  #disconnect(error: WireError): void {
    this.send({ action: action.disconnected, error });
    this.#drop((transport) => transport.close(), error);
  }

  #close(): void {
    this.send({ action: action.closed });
    this.end();
  }

  #drop(leave: (transport: Transport) => void, error?: WireError): void {
    const transport = this.#transport;
    if (transport === undefined) return;
    this.#transport = undefined;
    this.#timers.clearAll();
    this.#timers.set('state', STATE_TTL_MS, () => this.end());
    this.#timers.set('presence', this.#params.remainPresentFor, () => this.#host.channels.absent(this));
    leave(transport);
    this.#host.happened('dropped', this, error);
  }

  #echoHeartbeat({ id }: ProtocolMessage): void {
    const echo = { action: action.heartbeat, ...(id === undefined ? {} : { id }) };
    this.#echoes += 1;
    this.#timers.set(`echo ${this.#echoes}`, ECHO_MS, () => this.send(echo));
  }

  #publish(message: ProtocolMessage): void {
    const { msgSerial = 0 } = message;
    const answer = this.#undelivered.answerAgain(msgSerial);
    if (answer !== undefined) this.send(answer);
    else if (message.action === action.message) this.#host.channels.publish(message, this);
    else if (message.action === action.presence) this.#host.channels.presence(message, this);
    else {
      const error = (
        message.action === action.annotation
          ? new Fault('the sandbox does not change or annotate messages')
          : new Fault('the sandbox does not offer this', 'objects')
      ).toWire();
      this.reply(msgSerial, { action: action.nack, msgSerial, count: 1, error });
    }
  }

  #reauthenticate(token: string): void {
    const outcome = this.#host.onAuth();
    if (outcome === 'drop') this.cut();
    if (outcome === 'close') this.#close();
    if (outcome === 'silence') this.#host.happened('unanswered', this);
    if (typeof outcome !== 'object') return;
    const { lateMs, error, disconnects } = outcome;
    const judge = () => this.#judge(token, error, disconnects);
    if (lateMs === 0) {
      judge();
      return;
    }
    this.#auths += 1;
    this.#timers.set(`auth ${this.#auths}`, lateMs, judge);
    this.#host.happened('unanswered', this);
  }

  #judge(token: string, fault: WireError | undefined, disconnects: boolean): void {
    const error = fault ?? this.#tryToBecome(token);
    if (error !== undefined) {
      if (disconnects) this.#disconnect(error);
      else this.#fail(error);
      return;
    }
    // CONNECTED is sent before the errors of channels.
    this.#sayConnected();
    this.#host.happened('reauthenticated', this);
    this.#host.channels.review(this);
  }

  #tryToBecome(token: string): WireError | undefined {
    try {
      const grant = this.#host.recognise(token);
      if (grant.keyName !== this.#grant.keyName && !this.#host.reauthByAnyKey) {
        throw new Fault('incompatible credentials', 'the token is of another key');
      }
      this.#become(grant, this.#params);
      return undefined;
    } catch (thrown) {
      if (thrown instanceof Fault) return thrown.toWire();
      throw thrown;
    }
  }

  /** Changes the grant. A connection keeps its app and its client. @throws {Fault} 40102 */
  #become(grant: Grant, params: ConnectParams): void {
    if (grant.appId !== this.#grant.appId)
      throw new Fault('incompatible credentials', 'the token is of another app');
    const clientId = identityOf(grant, params.clientId);
    if (clientId !== '*' && this.#settled !== undefined && clientId !== this.#settled) {
      throw new Fault('incompatible credentials', 'the token is for another client');
    }
    this.#clientType = this.#typeOf(grant, clientId, params);
    this.#grant = grant;
    this.#params = params;
    this.#clientId = clientId;
    this.#settle();
  }

  #typeOf(grant: Grant, clientId: string | null, { declared }: ConnectParams): ClientType | undefined {
    return this.#host.isMau ? connectingAs(grant, clientId, declared) : undefined;
  }

  /** A token for any client, between two for one client, does not change the identity. */
  #settle(): void {
    if (this.#clientId !== '*') this.#settled ??= this.#clientId;
  }

  #fail(error: WireError): void {
    this.send({ action: action.error, error });
    this.#host.happened('refused', this, error);
    this.end();
  }

  #sayConnected(error?: WireError): void {
    this.send(connectedMessage(this, error));
    this.armEnd();
  }

  #armIdle(): void {
    // A PING is a sign of life as well.
    if (this.#params.bounce) return;
    this.#timers.set('idle', this.maxIdleMs, () => {
      if (this.#params.heartbeats) this.send({ action: action.heartbeat });
      else {
        this.#transport?.ping();
        this.#armIdle();
      }
    });
  }
}
