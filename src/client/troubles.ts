import { ConnectionTrouble } from '../connection/connection-trouble.js';
import { Trouble } from '../log/trouble.js';
import type { ParsedClientOptions } from '../options/client-options.js';
import type { AuthState } from './auth-state.js';
import type { AuthEvents } from './events.js';

/** An event that a client tells. */
export type Told = {
  readonly [Name in keyof AuthEvents]: {
    readonly name: Name;
    readonly payload: Parameters<AuthEvents[Name]>[0];
  };
}[keyof AuthEvents];

/** Who knows what was tried for last: "token from https://example.com/token". */
interface Seeker {
  readonly sought: string;
}

/** Says in the log what goes wrong for a client: by the events that it tells anyway. */
export class Troubles {
  readonly #options: ParsedClientOptions;
  readonly #seeker: Seeker;
  readonly #client: { readonly state: AuthState };
  readonly #tokens: Trouble;
  readonly #connection: ConnectionTrouble;
  /** Failed tries in a row, as far as they are known. */
  #attempts = 0;

  constructor(options: ParsedClientOptions, seeker: Seeker, client: { readonly state: AuthState }) {
    this.#options = options;
    this.#seeker = seeker;
    this.#client = client;
    this.#tokens = new Trouble(options);
    this.#connection = new ConnectionTrouble(options);
  }

  hear({ name, payload }: Told): void {
    const { state } = this.#client;
    if (name === 'failed' || name === 'renewal.failed') {
      const { error, attempts, retryInMs } = payload;
      const isFinal = 'final' in payload && payload.final;
      // That it waits is told more than once; of a call that nothing follows after, its caller is told.
      if (!isFinal && (retryInMs === null || attempts === this.#attempts)) return;
      this.#attempts = attempts;
      this.#tokens.failed({ subject: this.#seeker.sought, error, retryInMs }, isFinal);
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

  #over(): void {
    this.#attempts = 0;
    this.#tokens.over();
  }
}

/** Whether a client may be in trouble that tells this. */
export const mayBeTrouble = (name: Told['name']): boolean => /failed|connection.changed/.test(name);
