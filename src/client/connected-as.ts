import type { Who } from '../token/identity.js';
import type { TokenFacts } from '../token/token-details.js';

/** Who a connection is, as far as is known: by its token, and by what the server says. */
export class ConnectedAs {
  readonly #own: string | undefined;
  #who: Who;
  /** Who its token was asked for. */
  #asked: Who;

  /** @param own who the client is made for: nobody else then */
  constructor(own: string | undefined) {
    this.#own = own;
  }

  /**
   * Whether a token is for another, so that the connection must be replaced. One that does not say whom it
   * is for is, if it was asked for another than the one before.
   */
  isAnother(token: TokenFacts, asked: Who): boolean {
    if (this.#own !== undefined) return false;
    // A token for anybody is nobody else's.
    const said = token.clientId === '*' ? undefined : token.clientId;
    if (said !== undefined) return this.#who !== undefined && said !== this.#who;
    const before = this.#asked === undefined ? this.#who : this.#asked;
    return asked !== undefined && asked !== '*' && before !== undefined && asked !== before;
  }

  /** It has this token now. */
  use(token: TokenFacts, asked: Who): void {
    this.#asked = asked;
    const { clientId } = token;
    if (clientId === '*' && typeof this.#who === 'string') return;
    if (clientId !== undefined) this.#who = clientId;
  }

  /** The server says who it is. */
  confirm(who: string | null): void {
    this.#who = who;
  }

  forget(): void {
    this.#who = undefined;
    this.#asked = undefined;
  }
}
