import type { ApiKey } from '../token/api-key.js';
import { Secret } from '../token/secret.js';
import type { Source, SourceServices } from './port.js';

/** Signs a TokenRequest with the key at hand. @see RSA9, RSA10k */
export function keySource(key: Secret<ApiKey>, queryTime: boolean, services: SourceServices): Source {
  return async (params, signal) => {
    // A timestamp that is given comes first (RSA9d): nothing to ask the server for.
    const query = queryTime && params.timestamp === undefined;
    const [sign, { serverTime }] = await Promise.all([services.signer(key), services.rest()]);
    const request = sign(params, await serverTime.now(query, signal));
    const sealed = new Secret(request, 'TokenRequest');
    return { kind: 'request', request: sealed, clientId: request.clientId ?? null };
  };
}
