import type { Clock } from '../clock.js';
import { Channels } from './channels.js';
import { readConnectParams } from './connect-params.js';
import type { Credentials } from './credentials.js';
import { Fault, type WireError } from './fault.js';
import type { Faults } from './faults.js';
import { action, parseMessage, type Transport } from './protocol.js';
import { Session, type SessionHost } from './session.js';
import type { Tokens } from './tokens.js';

/** What is told of a connection: nothing that could be used. */
export interface ConnectionFacts {
  readonly connectionId: string;
  readonly clientId: string | null;
  readonly isConnected: boolean;
  /** ms since the epoch; `Infinity` for a connection by key. */
  readonly tokenExpires: number;
}

/** Feeds one transport's frames to the service. */
export interface Line {
  receive(text: string): void;
  lost(): void;
}

export interface RealtimeServices {
  readonly clock: Clock;
  readonly credentials: Credentials;
  readonly tokens: Tokens;
  readonly faults: Faults;
  readonly happened: SessionHost['happened'];
  /** A client was refused before it had a connection. */
  refused(error: WireError): void;
}

/** The realtime service of one sandbox. */
export class Realtime {
  readonly channels: Channels;
  readonly #services: RealtimeServices;
  readonly #host: SessionHost;
  readonly #sessions = new Map<string, Session>();
  readonly #transports = new Set<Transport>();
  #isOver = false;

  constructor(services: RealtimeServices) {
    const { clock, credentials, tokens, faults, happened } = services;
    this.#services = services;
    this.channels = new Channels(() => clock.now());
    this.#host = {
      clock,
      channels: this.channels,
      recognise: (token) => credentials.ofToken(token),
      endOf: (grant) => tokens.endOf(grant),
      authFault: () => faults.onAuth(),
      happened,
    };
  }

  get sessions(): readonly Session[] {
    return [...this.#sessions.values()].filter((session) => session.isConnected || session.canResume);
  }

  get connections(): readonly ConnectionFacts[] {
    return this.sessions.map((session) => ({
      connectionId: session.connectionId,
      clientId: session.clientId,
      isConnected: session.isConnected,
      tokenExpires: session.grant.expires,
    }));
  }

  /** A client has opened a transport to this address. It is told yes or no in a message (RTN14). */
  accept(url: URL, transport: Transport): Line {
    const fault = this.#isOver ? 'refuse' : this.#services.faults.onConnect();
    if (fault === 'refuse') {
      transport.cut();
      return { receive: () => {}, lost: () => {} };
    }
    this.#transports.add(transport);
    const session = fault === 'hang' ? undefined : this.#open(url.searchParams, transport, fault);
    return {
      receive: (text) => {
        const message = parseMessage(text);
        if (message !== undefined) session?.receive(message, transport);
      },
      lost: () => {
        this.#transports.delete(transport);
        session?.lost(transport);
      },
    };
  }

  /** Every connection breaks, and no new one is taken. */
  dispose(): void {
    this.#isOver = true;
    for (const session of this.#sessions.values()) session.cut();
    for (const transport of this.#transports) transport.cut();
    this.#sessions.clear();
    this.#transports.clear();
  }

  #open(query: URLSearchParams, transport: Transport, fault: WireError | undefined): Session | undefined {
    let error = fault;
    try {
      if (error === undefined) return this.#connect(query, transport);
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      error = thrown.toWire();
    }
    // No key `channel`, not even an empty one: the SDK takes it for a channel's error then.
    transport.send(JSON.stringify({ action: action.error, error }));
    transport.close();
    this.#services.refused(error);
    return undefined;
  }

  #connect(query: URLSearchParams, transport: Transport): Session {
    const params = readConnectParams(query);
    const grant = this.#services.credentials.ofConnection(query);
    const { resume } = params;
    const old = resume === null ? undefined : this.#find(resume);
    if (old !== undefined && old.grant.appId === grant.appId) {
      old.resume(transport, grant, params);
      return old;
    }
    const session = new Session(this.#host, grant, params);
    this.#forgetLost();
    this.#sessions.set(session.connectionId, session);
    session.open(transport, resume === null ? undefined : new Fault(80018).toWire());
    return session;
  }

  /** The connection with that key, if it can be gone on with. */
  #find(key: string): Session | undefined {
    const session = this.#sessions.get(key.split('!', 1)[0] ?? '');
    if (session === undefined || session.connectionKey !== key) return undefined;
    return session.isConnected || session.canResume ? session : undefined;
  }

  #forgetLost(): void {
    for (const [id, session] of this.#sessions) {
      if (session.isConnected || session.canResume) continue;
      this.#sessions.delete(id);
      this.channels.leave(session);
    }
  }
}
