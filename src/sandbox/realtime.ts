import type { Clock } from '../clock.js';
import { Channels } from './channels.js';
import { MOST_OF_A_CLIENT } from './client-type.js';
import { readConnectParams } from './connect-params.js';
import type { Credentials } from './credentials.js';
import { errorOf, Fault, type WireError } from './fault.js';
import type { Faults } from './faults.js';
import { FaultyTransport } from './faulty-transport.js';
import { encode, type Format } from './format.js';
import type { Who } from './identity.js';
import { action, parseMessage, type Transport } from './protocol.js';
import { Session, type SessionHost } from './session.js';
import type { Tokens } from './tokens.js';

/** The highest number of connections, and of those without a transport. */
const MOST = 50_000;
const MOST_AWAY = 10_000;

/** The facts about a connection. They contain nothing that a client could use. */
export interface ConnectionFacts {
  readonly connectionId: string;
  readonly clientId: string | null;
  readonly isConnected: boolean;
  /** ms since the epoch; `Infinity` for a connection by key. */
  readonly tokenExpires: number;
}

/** Passes the frames of one transport to the service. */
export interface Line {
  receive(data: string | Uint8Array): void;
  lost(): void;
}

export interface RealtimeServices {
  readonly clock: Clock;
  readonly credentials: Credentials;
  readonly tokens: Tokens;
  readonly faults: Faults;
  readonly reauthByAnyKey: boolean;
  /** Whether the account is billed by monthly active users. */
  readonly isMau: boolean;
  readonly happened: SessionHost['happened'];
  /** Called when a client was refused before it had a connection. */
  refused(error: WireError): void;
}

/** The realtime service of one sandbox. */
export class Realtime {
  readonly channels: Channels;
  readonly #services: RealtimeServices;
  readonly #host: SessionHost;
  readonly #sessions = new Map<string, Session>();
  readonly #away = new Set<Session>();
  readonly #transports = new Set<Transport>();
  #isOver = false;

  constructor(services: RealtimeServices) {
    const { clock, credentials, tokens, faults, reauthByAnyKey, isMau } = services;
    this.#services = services;
    this.channels = new Channels(() => clock.now());
    this.#host = {
      clock,
      channels: this.channels,
      recognise: (token) => credentials.ofToken(token),
      endOf: (grant) => tokens.endOf(grant),
      reauthByAnyKey,
      isMau,
      admit: (who, session) => this.#checkLimit(who, session),
      onAuth: () => faults.onAuth(),
      happened: (what, session, error) => {
        this.#count(what, session);
        services.happened(what, session, error);
      },
    };
  }

  /** The connections that are connected or can be resumed. */
  get sessions(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  get connections(): readonly ConnectionFacts[] {
    return this.sessions.map((session) => ({
      connectionId: session.connectionId,
      clientId: session.clientId,
      isConnected: session.isConnected,
      tokenExpires: session.grant.expires,
    }));
  }

  /**
   * A client has opened a transport to this address. The service accepts or refuses it in a message (RTN14).
   */
  accept(url: URL, carrier: Transport): Line {
    const { faults, clock } = this.#services;
    const fault = this.#isOver ? 'refuse' : faults.onConnect();
    if (fault === 'refuse') {
      carrier.cut();
      return { receive: () => {}, lost: () => {} };
    }
    const transport = new FaultyTransport(carrier, faults, clock);
    this.#transports.add(transport);
    const session = fault === 'hang' ? undefined : this.#open(url, transport, fault);
    return {
      receive: (data) => {
        if (session === undefined || !transport.hears) return;
        const message = parseMessage(session.format, data);
        if (message === undefined) session.garbled(transport);
        else session.receive(message, transport);
      },
      lost: () => {
        this.#transports.delete(transport);
        session?.lost(transport);
        // What was still late is lost.
        transport.cut();
      },
    };
  }

  /** Breaks every connection, and refuses new ones. */
  dispose(): void {
    this.#isOver = true;
    for (const session of this.sessions) session.dispose();
    for (const transport of this.#transports) transport.cut();
    this.#sessions.clear();
    this.#away.clear();
    this.#transports.clear();
  }

  #open(url: URL, transport: Transport, fault: WireError | undefined): Session | undefined {
    let session: Session | undefined;
    const connect = () => {
      session = this.#connect(url, transport);
    };
    const error = fault ?? errorOf(connect);
    if (error === undefined) return session;
    // The message has no key `channel`, not even an empty one: the SDK would take it for an error of a
    // channel.
    transport.send(encode(formatIn(url), { action: action.error, error }));
    transport.close();
    this.#services.refused(error);
    return undefined;
  }

  #connect(url: URL, transport: Transport): Session {
    const params = readConnectParams(url.searchParams);
    const grant = this.#services.credentials.ofConnection(url);
    const { resume } = params;
    const old = resume === null ? undefined : this.find(resume);
    if (old !== undefined) {
      old.resume(transport, grant, params);
      return old;
    }
    if (this.#sessions.size >= MOST) throw new Fault('too much at once', `there are ${MOST} connections`);
    const session = new Session(this.#host, grant, params);
    this.#sessions.set(session.connectionId, session);
    session.open(transport, resume === null ? undefined : new Fault('invalid connection key').toWire());
    return session;
  }

  /**
   * The devices of one clientId have a limit of connections, on an account billed by monthly active users.
   * @param session the session of the client; it is not counted itself
   * @throws {Fault} 80030
   */
  #checkLimit({ clientType, clientId, grant: { appId } }: Who, session: Session): void {
    if (clientType !== 'device') return;
    const others = this.sessions.filter(
      (one) =>
        one !== session &&
        one.isConnected &&
        one.clientType === 'device' &&
        one.clientId === clientId &&
        one.grant.appId === appId,
    );
    if (others.length >= MOST_OF_A_CLIENT)
      throw new Fault('too many connections of one client', `at most ${MOST_OF_A_CLIENT} at a time`);
  }

  /** The connection with this key. */
  find(key: string): Session | undefined {
    const session = this.#sessions.get(key.split('!', 1)[0] ?? '');
    return session?.connectionKey === key ? session : undefined;
  }

  /**
   * Counts the connections without a transport. If there are too many, the one that is without for longest
   * ends.
   */
  #count(what: Parameters<SessionHost['happened']>[0], session: Session): void {
    if (what === 'connected') this.#away.delete(session);
    if (what === 'dropped') this.#away.add(session);
    if (what === 'closed') {
      this.#away.delete(session);
      this.#sessions.delete(session.connectionId);
    }
    const [longest] = this.#away;
    if (this.#away.size > MOST_AWAY) longest?.end();
  }
}

/** The format of a refusal, which the client must be able to read too. */
function formatIn({ searchParams }: URL): Format {
  return searchParams.get('format') === 'msgpack' ? 'msgpack' : 'json';
}
