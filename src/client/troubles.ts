import { ConnectionTrouble } from '../connection/connection-trouble.js';
import { Trouble } from '../log/trouble.js';
import type { ParsedClientOptions } from '../options/client-options.js';
import type { ParsedAuthOptions } from '../sources/auth-options.js';
import { sourceName } from '../sources/source-name.js';
import type { AuthState } from './auth-state.js';
import type { AuthEvents } from './events.js';

/** An event of a client. */
export type Told = {
  readonly [Name in keyof AuthEvents]: {
    readonly name: Name;
    readonly payload: Parameters<AuthEvents[Name]>[0];
  };
}[keyof AuthEvents];

/** What is known at the moment of an event. */
export interface Circumstances {
  readonly state: AuthState;
  /** The AuthOptions of the last request for a token. null: the token is being presented. */
  readonly asked: ParsedAuthOptions | null;
}

/** Logs the failures of a client. It reads the events that the client emits anyway. */
export class Troubles {
  readonly #options: ParsedClientOptions;
  readonly #tokens: Trouble;
  readonly #connection: ConnectionTrouble;
  /** Failed tries in a row, as far as they are known. */
  #attempts = 0;

  constructor(options: ParsedClientOptions) {
    this.#options = options;
    this.#tokens = new Trouble(options);
    this.#connection = new ConnectionTrouble(options);
  }

  hear({ name, payload }: Told, { state, asked }: Circumstances): void {
    if (name === 'failed' || name === 'renewal.failed') {
      const { error, attempts, retryInMs } = payload;
      const isFinal = 'final' in payload && payload.final;
      // The wait is reported more than once. If no try follows a call, the caller has the error already.
      if (!isFinal && (retryInMs === null || attempts === this.#attempts)) return;
      this.#attempts = attempts;
      this.#tokens.failed({ subject: this.#sought(asked), error, retryInMs }, isFinal);
    } else if (name === 'connection.changed') {
      this.#connection.heard(payload, this.#options.connection?.address, state.error);
      if (payload.state === 'connected' && state.value === 'authorized') this.#over();
    } else if (name === 'authorized' || name === 'renewed') {
      // After tokens that were refused right after their receipt, only the server can say whether the new token is
      // good.
      if (state.attempts === 0) this.#over();
    }
  }

  /** Earlier failures are no longer of interest. */
  drop(): void {
    this.#attempts = 0;
    this.#tokens.drop();
    this.#connection.drop();
  }

  /** What the client tried last, and where. */
  #sought(asked: ParsedAuthOptions | null): string {
    const { connection, hosts } = this.#options;
    if (asked !== null) return `token from ${sourceName(asked, hosts)}`;
    return connection === undefined ? 'token' : `token accepted by ${connection.address ?? 'the connection'}`;
  }

  #over(): void {
    this.#attempts = 0;
    this.#tokens.over();
  }
}
