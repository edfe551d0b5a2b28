import type { Server as HttpServer } from 'node:http';
import { Server, type ServerOptions, type Socket } from 'socket.io';

/** The client of a token, and when the token expires, ms since the epoch. */
export interface Identity {
  readonly clientId: string;
  readonly expires: number;
}

/** The reason of a refused token. Latchkey requests another token after code 40140–40149 with status 401. */
export interface Refusal {
  readonly code: number;
  readonly statusCode: number;
  readonly message: string;
}

/** The server's answer to a token. */
export type Verdict = { readonly clientId: string } | { readonly refused: Refusal };

export interface ChatServer {
  readonly io: Server;
  /** Asks every client for a new token. */
  askForTokens(): void;
  /** Refuses all tokens from now on. */
  dropTokens(refusal: Refusal): void;
}

/** How long before the expiry of a token the server asks for a new one, ms. */
const ASK_AHEAD_MS = 30_000;

/** The longest delay of a timer, ms. */
const LONGEST_MS = 2 ** 31 - 1;

const expired: Refusal = { code: 40142, statusCode: 401, message: 'the token expired' };
const missing: Refusal = { code: 40144, statusCode: 401, message: 'the token must be a string' };

/** One connection: its client, and the expiry of its token. */
class Session {
  readonly #socket: Socket;
  #ask: ReturnType<typeof setTimeout> | undefined;
  #end: ReturnType<typeof setTimeout> | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('disconnect', () => this.#rest());
  }

  become({ clientId, expires }: Identity): void {
    this.#rest();
    this.#socket.data.clientId = clientId;
    const left = Math.min(expires - Date.now(), LONGEST_MS);
    if (left > ASK_AHEAD_MS)
      this.#ask = setTimeout(() => this.#socket.emit('latchkey:asked'), left - ASK_AHEAD_MS);
    this.#end = setTimeout(() => this.refuse(expired), left);
  }

  refuse(refusal: Refusal): void {
    this.#socket.emit('latchkey:refused', refusal);
    this.#socket.disconnect(true);
  }

  #rest(): void {
    clearTimeout(this.#ask);
    clearTimeout(this.#end);
  }
}

/**
 * A socket.io server that requires a token from each connection, and accepts a new one in place.
 *
 * @param verify who a token stands for; rejects with a {@link Refusal}
 */
export function chatServer(
  http: HttpServer,
  verify: (token: string) => Promise<Identity>,
  options: Partial<ServerOptions> = {},
): ChatServer {
  const io = new Server(http, { serveClient: false, ...options });
  const sessions = new Map<Socket, Session>();

  io.use((socket, next) => {
    const refuse = (refusal: Refusal) => next(Object.assign(new Error(refusal.message), { data: refusal }));
    // A client may send any JSON value. `String()` throws for some objects.
    const token: unknown = socket.handshake.auth.token;
    if (typeof token !== 'string') return refuse(missing);
    verify(token).then((identity) => {
      socket.data.identity = identity;
      next();
    }, refuse);
  });

  io.on('connection', (socket) => {
    const { identity } = socket.data as { identity: Identity };
    const session = new Session(socket);
    session.become(identity);
    sessions.set(socket, session);
    socket.on('disconnect', () => sessions.delete(socket));
    socket.on('latchkey:token', (token: unknown, answer?: (verdict: Verdict) => void) => {
      if (typeof answer !== 'function') return;
      if (typeof token !== 'string') return answer({ refused: missing });
      verify(token).then(
        (next) => {
          // The timers of a closed connection would never be cleared.
          if (!socket.connected) return;
          // A connection keeps its client.
          if (next.clientId !== identity.clientId) {
            answer({ refused: { code: 40102, statusCode: 401, message: 'the token is for another client' } });
            return;
          }
          session.become(next);
          answer({ clientId: next.clientId });
        },
        (refused: Refusal) => answer({ refused }),
      );
    });
    socket.on('say', (text: unknown) => {
      if (typeof text === 'string') io.emit('said', socket.data.clientId, text);
    });
    // The client counts its attempts to connect: an answer belongs to one of them.
    const { attempt } = socket.handshake.auth;
    socket.emit('latchkey:accepted', { clientId: identity.clientId, attempt });
  });

  return {
    io,
    askForTokens: () => io.emit('latchkey:asked'),
    dropTokens: (refusal) => {
      for (const session of sessions.values()) session.refuse(refusal);
    },
  };
}
