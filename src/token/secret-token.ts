import { Secret } from './secret.js';
import { type TokenDetails, type TokenMetadata, tokenMetadata } from './token-details.js';

/** A token in a box that shows, where it is serialised, everything but the token. */
export class SecretToken extends Secret<TokenDetails> {
  constructor(details: TokenDetails) {
    super(details, 'token');
  }

  override toJSON(): TokenMetadata & { readonly token: '[token]' } {
    // A Proxy of it knows nothing of the token.
    return { token: '[token]', ...(String(this) === '[token]' ? tokenMetadata(this.expose()) : {}) };
  }
}
