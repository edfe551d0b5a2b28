import { hmacSigner } from '#hmac';
import { ErrorInfo } from '../errors/error-info.js';
import type { RandomBytes } from '../platform/random-bytes.js';
import type { ApiKey } from '../token/api-key.js';
import type { ParsedTokenParams } from '../token/token-params.js';
import { canonicalText, type TokenRequest } from '../token/token-request.js';
import { noncePool } from './nonces.js';

/** Signs TokenRequests with one key. */
export type TokenRequestSigner = (params: ParsedTokenParams, timestamp: number) => TokenRequest;

const platformNonce = noncePool();

/**
 * @param randomBytes instead of the platform's, for nonces
 * @returns a function of TokenParams and the present moment (ms since the epoch). A `timestamp` or
 * `nonce` among the params comes first (RSA9d, RSA9c). It throws an ErrorInfo 40012 for a clientId
 * with a line end in it.
 * @see RSA9g, https://ably.com/docs/api/token-request-spec
 */
export function keySigner({ name: keyName, secret }: ApiKey, randomBytes?: RandomBytes): TokenRequestSigner {
  const sign = hmacSigner(secret);
  const nextNonce = randomBytes === undefined ? platformNonce : noncePool(randomBytes);
  return (params, now) => {
    const { ttl, capability, clientId, timestamp = now, nonce = nextNonce() } = params;
    const request: { -readonly [K in keyof TokenRequest]: TokenRequest[K] } = {
      keyName,
      timestamp,
      nonce,
      mac: '',
    };
    if (ttl !== undefined) request.ttl = ttl;
    if (capability !== undefined) request.capability = capability;
    if (clientId !== undefined && clientId !== null) request.clientId = oneLine(clientId);
    request.mac = sign(canonicalText(request));
    return request;
  };
}

/**
 * The signed text consists of lines, so a line break in a field looks like the end of the field. A client
 * that chooses a clientId with line breaks could get a signature that is valid for another client.
 */
function oneLine(clientId: string): string {
  if (!clientId.includes('\n')) return clientId;
  throw new ErrorInfo({
    code: 40012,
    message: 'clientId contains a line break, so a TokenRequest for it would be ambiguous',
    remediation: 'Remove line breaks from the clientId.',
  });
}
