import type { Secret } from '../token/secret.js';
import type { TokenDetails } from '../token/token-details.js';
import type { TokenRequest } from '../token/token-request.js';
import type { Source } from './port.js';

/** The token that was given. @see RSA10e */
export function literal(token: Secret<TokenDetails>): Source {
  const { clientId } = token.expose();
  return async () => (clientId === undefined ? { kind: 'token', token } : { kind: 'token', token, clientId });
}

/** The TokenRequest that was given, to be exchanged once. @see TO3j2 */
export function literalRequest(request: Secret<TokenRequest>): Source {
  const { clientId = null } = request.expose();
  return async () => ({ kind: 'request', request, clientId });
}
