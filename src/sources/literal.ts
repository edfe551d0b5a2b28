import type { Sealed } from '../token/sealed.js';
import type { TokenDetails } from '../token/token-details.js';
import type { Source } from './port.js';

/** The token that was given. @see RSA10e */
export function literal(token: Sealed<TokenDetails>): Source {
  const { clientId } = token.open();
  return async () => (clientId === undefined ? { kind: 'token', token } : { kind: 'token', token, clientId });
}
