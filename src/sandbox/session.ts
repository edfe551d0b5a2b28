import { randomBytes } from 'node:crypto';
import type { Clock, TimerHandle } from '../clock.js';
import type { Channels, Member } from './channels.js';
import { Fault, type WireError } from './fault.js';
import { action, type ProtocolMessage, type Transport } from './protocol.js';
import type { Grant } from './tokens.js';

const MAX_IDLE_MS = 15_000;
const STATE_TTL_MS = 120_000;

/** The server asks for a new token this long before the old one expires, if that is still ahead. */
const ASK_AHEAD_MS = 30_000;

/** What a session needs of the service around it. */
export interface SessionHost {
  readonly clock: Clock;
  readonly channels: Channels;
  /** Who a token stands for. @throws {Fault} */
  recognise(token: string): Grant;
  /** What to answer to AUTH, if not the truth. */
  authFault(): 'silence' | WireError | undefined;
  happened(
    what: 'connected' | 'reauthenticated' | 'asked' | 'dropped' | 'closed' | 'refused',
    session: Session,
    error?: WireError,
  ): void;
}

/** One connection's state at the server: it outlives its transport, so that it can be resumed. */
export class Session implements Member {
  readonly connectionId = randomBytes(6).toString('base64url');
  readonly connectionKey = `${this.connectionId}!${randomBytes(12).toString('base64url')}`;
  readonly #host: SessionHost;
  /** The name the client gave itself in the connection's URL. */
  readonly #asked: string | null;
  #grant: Grant;
  #transport: Transport | undefined;
  #timers: TimerHandle[] = [];
  #idle: TimerHandle;
  #lostAt = 0;

  constructor(host: SessionHost, grant: Grant, askedClientId: string | null) {
    this.#host = host;
    this.#asked = askedClientId;
    this.#grant = checkClientId(grant, askedClientId);
  }

  get grant(): Grant {
    return this.#grant;
  }

  /** RSA15b: a token for anybody is for whom the client says it is. */
  get clientId(): string | null {
    return this.#grant.clientId === '*' ? (this.#asked ?? '*') : this.#grant.clientId;
  }

  get isConnected(): boolean {
    return this.#transport !== undefined;
  }

  get canResume(): boolean {
    return !this.isConnected && this.#host.clock.monotonic() - this.#lostAt < STATE_TTL_MS;
  }

  send(message: ProtocolMessage): void {
    this.#transport?.send(JSON.stringify(message));
    this.#armIdle();
  }

  /** Connected, for the first time or again. */
  open(transport: Transport, error?: WireError): void {
    this.#transport = transport;
    this.#sayConnected(error);
    this.#host.happened('connected', this);
  }

  /** Comes back by its connection key, with a token that may be another. */
  resume(transport: Transport, grant: Grant): void {
    this.#grant = checkClientId(grant, this.#asked);
    this.open(transport);
    this.#host.channels.review(this);
  }

  receive(message: ProtocolMessage): void {
    const { channels, clock } = this.#host;
    switch (message.action) {
      case action.heartbeat: {
        const id = message.id === undefined ? {} : { id: message.id };
        // A client measures the time this takes, and expects some.
        this.#timers.push(clock.setTimeout(() => this.send({ action: action.heartbeat, ...id }), 2));
        break;
      }
      case action.auth:
        this.#reauthenticate(message.auth?.accessToken ?? '');
        break;
      case action.attach:
        channels.attach(message.channel ?? '', this);
        break;
      case action.detach:
        channels.detach(message.channel ?? '', this);
        break;
      case action.message:
        channels.publish(message, this);
        break;
      case action.close:
        this.send({ action: action.closed });
        this.end();
        break;
      case action.disconnect:
        this.#drop();
        break;
    }
  }

  /** Asks for a new token. @see RTN22 */
  ask(): void {
    if (!this.isConnected) return;
    this.send({ action: action.auth });
    this.#host.happened('asked', this);
  }

  /** Asks for a new token, and disconnects if none comes in time: the one in use will be revoked. */
  askWithin(ms: number): void {
    this.ask();
    this.#timers.push(this.#host.clock.setTimeout(() => this.disconnect(40141), ms));
  }

  /** Disconnects with a reason; the state is kept, to be resumed with a better token. @see RTN22a */
  disconnect(code: 40141 | 40142): void {
    if (!this.isConnected) return;
    const error = new Fault(code).toWire();
    this.send({ action: action.disconnected, error });
    this.#drop(error);
  }

  /** The transport broke. */
  lost(): void {
    if (this.#transport === undefined) return;
    this.#transport = undefined;
    this.#lostAt = this.#host.clock.monotonic();
    this.#disarm();
    this.#host.happened('dropped', this);
  }

  /** Breaks the transport without a word. */
  cut(): void {
    const transport = this.#transport;
    this.lost();
    transport?.cut();
  }

  /** Over, not to be resumed. */
  end(): void {
    const transport = this.#transport;
    this.#transport = undefined;
    this.#lostAt = Number.NEGATIVE_INFINITY;
    this.#disarm();
    this.#host.channels.leave(this);
    transport?.close();
    this.#host.happened('closed', this);
  }

  #drop(error?: WireError): void {
    const transport = this.#transport;
    this.#transport = undefined;
    this.#lostAt = this.#host.clock.monotonic();
    this.#disarm();
    transport?.close();
    this.#host.happened('dropped', this, error);
  }

  #reauthenticate(token: string): void {
    const fault = this.#host.authFault();
    if (fault === 'silence') return;
    const grant = fault === undefined ? this.#recognise(token) : fault;
    if (!('keyName' in grant)) {
      this.#fail(grant);
      return;
    }
    this.#grant = grant;
    this.#sayConnected();
    this.#host.happened('reauthenticated', this);
    this.#host.channels.review(this);
  }

  #recognise(token: string): Grant | WireError {
    try {
      const grant = this.#host.recognise(token);
      this.#checkSame(grant);
      return grant;
    } catch (thrown) {
      if (thrown instanceof Fault) return thrown.toWire();
      throw thrown;
    }
  }

  /** A live connection stays with one app and one client. */
  #checkSame(grant: Grant): void {
    if (grant.appId !== this.#grant.appId) throw new Fault(40102, 'the token is of another app');
    const { clientId } = checkClientId(grant, this.#asked);
    if (clientId !== '*' && this.clientId !== '*' && clientId !== this.clientId) {
      throw new Fault(40102, 'the token is for another client');
    }
  }

  #fail(error: WireError): void {
    this.send({ action: action.error, error });
    this.#host.happened('refused', this, error);
    this.end();
  }

  #sayConnected(error?: WireError): void {
    const { clientId } = this;
    this.send({
      action: action.connected,
      connectionId: this.connectionId,
      connectionKey: this.connectionKey,
      ...(error === undefined ? {} : { error }),
      connectionDetails: {
        ...(clientId === null ? {} : { clientId }),
        connectionKey: this.connectionKey,
        maxMessageSize: 65_536,
        maxInboundRate: 250,
        maxOutboundRate: 100,
        maxFrameSize: 524_288,
        serverId: 'sandbox',
        connectionStateTtl: STATE_TTL_MS,
        maxIdleInterval: MAX_IDLE_MS,
      },
    });
    this.#armExpiry();
  }

  #armExpiry(): void {
    const { clock } = this.#host;
    for (const timer of this.#timers) clock.clearTimeout(timer);
    this.#timers = [];
    const left = this.#grant.expires - clock.now();
    if (left > ASK_AHEAD_MS) this.#timers.push(clock.setTimeout(() => this.ask(), left - ASK_AHEAD_MS));
    this.#timers.push(clock.setTimeout(() => this.disconnect(40142), left));
  }

  #armIdle(): void {
    const { clock } = this.#host;
    clock.clearTimeout(this.#idle);
    if (!this.isConnected) return;
    this.#idle = clock.setTimeout(() => this.send({ action: action.heartbeat }), MAX_IDLE_MS);
  }

  #disarm(): void {
    const { clock } = this.#host;
    for (const timer of this.#timers) clock.clearTimeout(timer);
    this.#timers = [];
    clock.clearTimeout(this.#idle);
  }
}

/** @throws {Fault} 40102 when the token is for another than the one who connects. @see RSA15a */
function checkClientId(grant: Grant, asked: string | null): Grant {
  if (asked === null || grant.clientId === '*' || grant.clientId === asked) return grant;
  throw new Fault(40102, 'invalid clientId for credentials');
}
