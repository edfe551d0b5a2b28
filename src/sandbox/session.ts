import { randomText } from '#sandbox-bytes';
import type { Clock } from '../clock.js';
import type { Member } from './channel.js';
import type { Channels } from './channels.js';
import type { ClientType } from './client-type.js';
import type { ConnectParams } from './connect-params.js';
import { connectedMessage, STATE_TTL_MS } from './connected-message.js';
import { errorOf, Fault, type WireError } from './fault.js';
import type { AuthOutcome } from './faults.js';
import type { Format } from './format.js';
import { frameOf } from './frame.js';
import { Heartbeats } from './heartbeats.js';
import { Identity, type IdentityRules, type Who } from './identity.js';
import { action, type ProtocolMessage, type Transport } from './protocol.js';
import type { Refusal } from './refusals.js';
import { SessionTimers } from './session-timers.js';
import type { End, Grant } from './tokens.js';
import { Undelivered } from './undelivered.js';

/** How long before the end of a token the server asks for a new one, ms. */
const ASK_AHEAD_MS = 30_000;

/** What a session needs from the service. */
export interface SessionHost extends IdentityRules {
  readonly clock: Clock;
  readonly channels: Channels;
  /** When a grant ends, as far as is known now. */
  endOf(grant: Grant): End;
  /** Checks the limit of connections before a session opens, resumes or changes its client. @throws {Fault} 80030 */
  admit(who: Who, session: Session): void;
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
  readonly connectionId = randomText(6);
  readonly connectionKey = `${this.connectionId}!${randomText(12)}`;
  readonly #host: SessionHost;
  readonly #timers: SessionTimers;
  readonly #undelivered: Undelivered;
  readonly #heartbeats: Heartbeats;
  readonly #identity: Identity;
  #params: ConnectParams;
  #transport: Transport | undefined;
  #isOver = false;
  #auths = 0;

  /**
   * Opens a session.
   * @throws {Fault} 40102 if the grant is for another client than the address names; 40012, 40167, 40168, 80030
   */
  constructor(host: SessionHost, grant: Grant, params: ConnectParams) {
    this.#host = host;
    this.#params = params;
    this.#timers = new SessionTimers(host.clock);
    this.#undelivered = new Undelivered(
      () => host.clock.monotonic(),
      () => this.maxIdleMs,
    );
    const line = {
      send: (message: ProtocolMessage) => this.send(message),
      ping: () => this.#transport?.ping(),
      cut: () => this.cut(),
    };
    this.#heartbeats = new Heartbeats(this.#timers, line, params);
    this.#identity = new Identity(host, (who) => host.admit(who, this), grant, params);
  }

  get grant(): Grant {
    return this.#identity.who.grant;
  }

  get clientId(): string | null {
    return this.#identity.who.clientId;
  }

  /** What the client is; undefined where the account does not ask. */
  get clientType(): ClientType | undefined {
    return this.#identity.who.clientType;
  }

  /** How many things are kept for the client, in case that they did not reach it. */
  get undelivered(): number {
    return this.#undelivered.size;
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
      this.#undelivered.keep(message);
      return;
    }
    this.#undelivered.sent(message);
    // A message that is lost on the way follows when the connection is resumed.
    this.#transport.send(frameOf(message, this.#params.format), () => this.#undelivered.keep(message));
    this.#heartbeats.sent();
  }

  reply(msgSerial: number, answer: ProtocolMessage): void {
    this.#undelivered.answered(msgSerial, answer);
    this.send(answer);
  }

  left(channel: string): void {
    this.#undelivered.left(channel);
  }

  /** Connects for the first time. */
  open(transport: Transport, error?: WireError): void {
    this.#timers.clear('state');
    this.#timers.clear('presence');
    this.#transport = transport;
    this.#heartbeats.opened(this.#params);
    this.#sayConnected(error);
    this.#host.happened('connected', this);
  }

  /**
   * Resumes the connection by its key, with a token that may be a new one.
   * @throws {Fault} 40102 if the token is for another client; 40012, 40167, 40168, 80030
   */
  resume(transport: Transport, grant: Grant, params: ConnectParams): void {
    this.#identity.change(grant, params);
    this.#params = params;
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
        this.#heartbeats.echo(message);
        break;
      case action.pong:
        this.#heartbeats.pong(message);
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
    const { at, why } = this.#host.endOf(this.grant);
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

  #publish(message: ProtocolMessage): void {
    const answer = this.#undelivered.answerAgain(message.msgSerial ?? 0);
    if (answer === undefined) this.#host.channels.receive(message, this);
    else this.send(answer);
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
    const error = fault ?? errorOf(() => this.#identity.reauthenticate(token, this.#params));
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

  #fail(error: WireError): void {
    this.send({ action: action.error, error });
    this.#host.happened('refused', this, error);
    this.end();
  }

  #sayConnected(error?: WireError): void {
    this.send(connectedMessage(this, error));
    this.armEnd();
  }
}
