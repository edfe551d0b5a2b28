import type { ApiKey } from '../token/api-key.js';
import { Secret } from '../token/secret.js';
import type { Source, SourceServices } from './port.js';

/** The source that signs a TokenRequest with the key. @see RSA9, RSA10k */
export function keySource(key: Secret<ApiKey>, queryTime: boolean, services: SourceServices): Source {
  return async (params, signal) => {
    // With a given timestamp (RSA9d) the server's time is not needed.
    const query = queryTime && params.timestamp === undefined;
    const [sign, { serverTime }] = await Promise.all([services.signer(key), services.rest()]);
    const request = sign(params, await serverTime.now(query, signal));
    const sealed = new Secret(request, 'TokenRequest');
    return { kind: 'request', request: sealed, clientId: request.clientId ?? null };
  };
}
