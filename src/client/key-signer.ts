import type { ParsedClientOptions } from '../options/client-options.js';
import { keySigner, type TokenRequestSigner } from '../signing/token-request.js';
import type { ApiKey } from '../token/api-key.js';
import { namedParams } from './acquisition-params.js';

/** Signs TokenRequests with the key of the client. If a request has no clientId, the client's own is used. */
export function clientSigner(
  key: ApiKey,
  { clientId, randomBytes }: Pick<ParsedClientOptions, 'clientId' | 'randomBytes'>,
): TokenRequestSigner {
  const sign = keySigner(key, randomBytes);
  return (params, timestamp) => sign(namedParams(params, clientId), timestamp);
}
