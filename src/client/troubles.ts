import { ConnectionTrouble } from '../connection/connection-trouble.js';
import { Trouble } from '../log/trouble.js';
import type { ParsedClientOptions } from '../options/client-options.js';
import type { ParsedAuthOptions } from '../sources/auth-options.js';
import { sourceName } from '../sources/source-name.js';
import type { AuthState } from './auth-state.js';
import type { AuthEvents } from './events.js';

/** An event that a client tells. */
export type Told = {
  readonly [Name in keyof AuthEvents]: {
    readonly name: Name;
    readonly payload: Parameters<AuthEvents[Name]>[0];
  };
}[keyof AuthEvents];

/** What is known at an event. */
export interface Circumstances {
  readonly state: AuthState;
  /** By what a token was asked for last; null: it is presented. */
  readonly asked: ParsedAuthOptions | null;
}

/** Says in the log what goes wrong for a client: by the events that it tells anyway. */
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
      // That it waits is told more than once; of a call that nothing follows after, its caller is told.
      if (!isFinal && (retryInMs === null || attempts === this.#attempts)) return;
      this.#attempts = attempts;
      this.#tokens.failed({ subject: this.#sought(asked), error, retryInMs }, isFinal);
    } else if (name === 'connection.changed') {
      this.#connection.heard(payload, this.#options.connection?.address, state.error);
      if (payload.state === 'connected' && state.value === 'authorized') this.#over();
    } else if (name === 'authorized' || name === 'renewed') {
      // After tokens that were refused as soon as they came, it is the server that says whether this one is good.
      if (state.attempts === 0) this.#over();
    }
  }

  /** Nobody is interested any more. */
  drop(): void {
    this.#attempts = 0;
    this.#tokens.drop();
    this.#connection.drop();
  }

  /** What was tried for last, and where. */
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
