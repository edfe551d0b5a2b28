import type { Clock } from '../clock.js';
import { Channels } from './channels.js';
import type { Credentials } from './credentials.js';
import { Fault, type WireError } from './fault.js';
import type { Faults } from './faults.js';
import { action, parseMessage, type Transport } from './protocol.js';
import { Session, type SessionHost } from './session.js';

/** What is told of a connection: nothing that could be used. */
export interface ConnectionFacts {
  readonly connectionId: string;
  readonly clientId: string | null;
  readonly isConnected: boolean;
  /** ms since the epoch. */
  readonly tokenExpires: number;
}

/** Feeds one transport's frames to the service. */
export interface Line {
  receive(text: string): void;
  lost(): void;
}

/** The realtime service of one sandbox. */
export class Realtime {
  readonly channels = new Channels();
  readonly #credentials: Credentials;
  readonly #faults: Faults;
  readonly #host: SessionHost;
  readonly #sessions = new Map<string, Session>();

  constructor(clock: Clock, credentials: Credentials, faults: Faults, happened: SessionHost['happened']) {
    this.#credentials = credentials;
    this.#faults = faults;
    this.#host = {
      clock,
      channels: this.channels,
      recognise: (token) => credentials.ofToken(token),
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
    const fault = this.#faults.onConnect();
    if (fault === 'hang') return { receive: () => {}, lost: () => {} };
    let session: Session | undefined;
    try {
      if (fault !== undefined) throw fault;
      session = this.#open(url.searchParams, transport);
    } catch (thrown) {
      const error = toWire(thrown);
      transport.send(JSON.stringify({ action: action.error, error }));
      transport.close();
    }
    return {
      receive: (text) => {
        const message = parseMessage(text);
        if (message !== undefined) session?.receive(message);
      },
      lost: () => session?.lost(),
    };
  }

  #open(query: URLSearchParams, transport: Transport): Session {
    const format = query.get('format') ?? 'json';
    if (format !== 'json')
      throw new Fault(40000, `format ${JSON.stringify(format)} is not spoken here, only json`);
    const grant = this.#credentials.ofQuery(query);
    const key = query.get('resume');
    const old =
      key === null ? undefined : [...this.#sessions.values()].find((one) => one.connectionKey === key);
    if (old?.isConnected) old.cut();
    if (old?.canResume) {
      old.resume(transport, grant);
      return old;
    }
    const session = new Session(this.#host, grant, query.get('clientId'));
    this.#forgetLost();
    this.#sessions.set(session.connectionId, session);
    session.open(transport, key === null ? undefined : new Fault(80018).toWire());
    return session;
  }

  #forgetLost(): void {
    for (const [id, session] of this.#sessions) {
      if (!session.isConnected && !session.canResume) this.#sessions.delete(id);
    }
  }
}

function toWire(thrown: unknown): WireError {
  if (thrown instanceof Fault) return thrown.toWire();
  throw thrown;
}
