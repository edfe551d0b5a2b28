import { identityOf } from '../token/identity.js';
import type { TokenFacts } from '../token/token-details.js';

/** Who a client is, as far as is known. @see RSA7b, RSA12, RSA15 */
export class Identity {
  readonly #own: string | undefined;
  #told: string | null | undefined;

  constructor(own: string | undefined, given: TokenFacts | null) {
    this.#own = own;
    this.#told = given?.clientId;
  }

  /** `'*'`: anybody. `null`: nobody, or not known yet. */
  get current(): string | null {
    return identityOf(this.#own, this.#told);
  }

  /** A token or the connection says who this is; undefined where it does not say. */
  learn(told: string | null | undefined): void {
    if (told !== undefined) this.#told = told;
  }

  /** Whether a token is for another than the one who is connected, and may be: the client has no name of its own. */
  isSomebodyElse(token: TokenFacts): boolean {
    return (
      this.#own === undefined &&
      this.#told !== undefined &&
      token.clientId !== undefined &&
      token.clientId !== this.#told
    );
  }
}
