import { base64Url, hmacSigner } from '#hmac';
import type { Clock } from '../clock.js';
import type { ApiKey } from '../token/api-key.js';
import { canonicalCapability } from '../token/capability.js';
import type { ParsedGrant } from './grant.js';
import type { TokenTerms } from './token-terms.js';

/** Signs Ably JWTs with one key. */
export type JwtSigner = (terms: TokenTerms, more: Pick<ParsedGrant, 'revocationKey' | 'claims'>) => string;

/**
 * Makes a function that signs JWTs (HS256, RFC 7515). A JWT counts in seconds: it expires no later than the terms, and up
 * to a second earlier. A lifetime of less than a second is not possible.
 *
 * @see https://ably.com/docs/auth/token/jwt
 */
export function jwtSigner({ name, secret }: ApiKey, clock: Clock): JwtSigner {
  const sign = hmacSigner(secret, 'base64url');
  const header = part({ typ: 'JWT', alg: 'HS256', kid: name });
  return ({ clientId, capability, ttl }, { revocationKey, claims }) => {
    const now = clock.now();
    const payload = {
      ...claims,
      iat: Math.floor(now / 1000),
      exp: Math.floor((now + ttl) / 1000),
      'x-ably-capability': canonicalCapability(capability),
      ...(clientId === null ? {} : { 'x-ably-clientId': clientId }),
      ...(revocationKey === undefined ? {} : { 'x-ably-revocation-key': revocationKey }),
    };
    const signed = `${header}.${part(payload)}`;
    return `${signed}.${sign(signed)}`;
  };
}

const part = (content: object): string => base64Url(JSON.stringify(content));
