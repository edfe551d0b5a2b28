import { Sealed } from './sealed.js';
import { factsOf, type TokenDetails, type TokenFacts } from './token-details.js';

/** A token in a box that shows, where it is serialised, everything but the token. */
export class SealedToken extends Sealed<TokenDetails> {
  constructor(details: TokenDetails) {
    super(details, 'token');
  }

  override toJSON(): TokenFacts & { readonly token: '[token]' } {
    return { token: '[token]', ...factsOf(this.open()) };
  }
}
