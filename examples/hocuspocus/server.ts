import type { Connection, Extension } from '@hocuspocus/server';
import { tokenAccepted, tokenRefused } from 'latchkey/connection/hocuspocus';

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

/** The hooks of a Hocuspocus server that requires a token for each document, and accepts a new one in place. */
export interface TokenGate extends Extension {
  /** Asks the clients of every document for a new token. */
  askForTokens(): void;
  /** Closes every document with this reason. */
  dropTokens(refusal: Refusal): void;
}

/** How long before the expiry of a token the server asks for a new one, ms. */
const ASK_AHEAD_MS = 30_000;

/** The longest delay of a timer, ms. */
const LONGEST_MS = 2 ** 31 - 1;

const UNAUTHORIZED = 4401;

const expired: Refusal = { code: 40142, statusCode: 401, message: 'the token expired' };
const another: Refusal = { code: 40102, statusCode: 401, message: 'the token is for another client' };

/** An open document of one client, and the token that it is open with. */
class Session {
  readonly #connection: Connection;
  #token: string;
  #ask: ReturnType<typeof setTimeout> | undefined;
  #end: ReturnType<typeof setTimeout> | undefined;

  constructor(connection: Connection, token: string, identity: Identity) {
    this.#connection = connection;
    this.#token = token;
    connection.onClose(() => this.#rest());
    this.accept(token, identity);
  }

  accept(token: string, { clientId, expires }: Identity): void {
    this.#rest();
    this.#token = token;
    const left = Math.min(expires - Date.now(), LONGEST_MS);
    if (left > ASK_AHEAD_MS) this.#ask = setTimeout(() => this.ask(), left - ASK_AHEAD_MS);
    this.#end = setTimeout(() => this.refuse(expired), left);
    this.#connection.sendStateless(tokenAccepted(token, clientId));
  }

  ask(): void {
    this.#connection.requestToken();
  }

  refuse(refusal: Refusal): void {
    this.#connection.close({ code: UNAUTHORIZED, reason: tokenRefused(this.#token, refusal) });
  }

  #rest(): void {
    clearTimeout(this.#ask);
    clearTimeout(this.#end);
  }
}

/** @param verify who a token stands for, if it may open the document; rejects with a {@link Refusal} */
export function tokenGate(verify: (token: string, documentName: string) => Promise<Identity>): TokenGate {
  const sessions = new Map<Connection, Session>();
  return {
    async onAuthenticate({ token, documentName }) {
      const identity = await verify(token, documentName).catch((refusal: Refusal) => {
        throw Object.assign(new Error(refusal.message), { reason: tokenRefused(token, refusal) });
      });
      return { token, identity };
    },
    async connected({ connection, context }) {
      // It may have been closed meanwhile: its timers would never be cleared.
      if (!connection.document.hasConnection(connection)) return;
      connection.onClose(() => sessions.delete(connection));
      sessions.set(connection, new Session(connection, context.token, context.identity));
    },
    async onTokenSync({ connection, token, documentName, context }) {
      const refuse = (refusal: Refusal) => connection.sendStateless(tokenRefused(token, refusal));
      const identity = await verify(token, documentName).catch(refuse);
      const session = sessions.get(connection);
      // The document may have been closed meanwhile.
      if (!identity || session === undefined) return;
      // A document keeps its client.
      if (identity.clientId === context.identity.clientId) session.accept(token, identity);
      else refuse(another);
    },
    askForTokens: () => {
      for (const session of sessions.values()) session.ask();
    },
    dropTokens: (refusal) => {
      for (const session of [...sessions.values()]) session.refuse(refusal);
    },
  };
}
