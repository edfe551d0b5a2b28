import { identityOf, type Who } from '../token/identity.js';

/** The identity of a client, as far as it is known. @see RSA7b, RSA12, RSA15 */
export class Identity {
  readonly #own: string | undefined;
  #told: Who;

  constructor(own: string | undefined, told: Who) {
    this.#own = own;
    this.#told = told;
  }

  /** `'*'`: any clientId. null: none, or not known yet. */
  get current(): string | null {
    return identityOf(this.#own, this.#told);
  }

  /** A token or the connection says which clientId the client has. undefined: it does not say. */
  learn(told: Who): void {
    if (told !== undefined) this.#told = told;
  }
}
