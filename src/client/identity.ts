import { identityOf, type Who } from '../token/identity.js';

/** Who a client is, as far as is known. @see RSA7b, RSA12, RSA15 */
export class Identity {
  readonly #own: string | undefined;
  #told: Who;

  constructor(own: string | undefined, told: Who) {
    this.#own = own;
    this.#told = told;
  }

  /** `'*'`: anybody. `null`: nobody, or not known yet. */
  get current(): string | null {
    return identityOf(this.#own, this.#told);
  }

  /** A token or the connection says who this is; undefined where it does not say. */
  learn(told: Who): void {
    if (told !== undefined) this.#told = told;
  }
}
