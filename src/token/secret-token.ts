import { Secret } from './secret.js';
import { type TokenDetails, type TokenMetadata, tokenMetadata } from './token-details.js';

/** A token whose serialised form has all fields but the token itself. */
export class SecretToken extends Secret<TokenDetails> {
  constructor(details: TokenDetails) {
    super(details, 'token');
  }

  override toJSON(): TokenMetadata & { readonly token: '[token]' } {
    // A Proxy of it knows nothing of the token.
    return { token: '[token]', ...(String(this) === '[token]' ? tokenMetadata(this.expose()) : {}) };
  }
}
