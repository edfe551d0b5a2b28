import type { Secret } from '../token/secret.js';
import type { TokenDetails } from '../token/token-details.js';
import type { TokenRequest } from '../token/token-request.js';
import type { Source } from './port.js';

/** The source that returns the `token` of the options. @see RSA10e */
export function literal(token: Secret<TokenDetails>): Source {
  const { clientId } = token.expose();
  return async () => (clientId === undefined ? { kind: 'token', token } : { kind: 'token', token, clientId });
}

/** The source that returns the TokenRequest of the options, which is exchanged once. @see TO3j2 */
export function literalRequest(request: Secret<TokenRequest>): Source {
  const { clientId = null } = request.expose();
  return async () => ({ kind: 'request', request, clientId });
}
