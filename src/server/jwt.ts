import { base64Url, hmacSigner } from '#hmac';
import type { ApiKey } from '../token/api-key.js';
import { canonicalCapability } from '../token/capability.js';
import type { TokenDetails } from '../token/token-details.js';
import type { ParsedGrant } from './grant.js';
import type { TokenTerms } from './token-terms.js';

/** A connection sends a JWT in its address or a header: many proxies and servers take 8 KB for all of them. */
export const LONGEST_JWT = 8_192;

/** The parts of a grant that only a JWT can contain. */
type JwtTerms = Pick<ParsedGrant, 'revocationKey' | 'claims' | 'clientType'>;

/** Signs Ably JWTs with one key. @param now the time of the service, ms */
export type JwtSigner = (terms: TokenTerms, more: JwtTerms, now: number) => TokenDetails;

/**
 * Makes a function that signs JWTs (HS256, RFC 7515), and says what is in them. A JWT counts in seconds: it expires
 * no later than the terms, and up to a second earlier. A lifetime of less than a second is not possible.
 *
 * @see https://ably.com/docs/auth/token/jwt
 */
export function jwtSigner({ name, secret }: ApiKey): JwtSigner {
  const sign = hmacSigner(secret, 'base64url');
  const header = part({ typ: 'JWT', alg: 'HS256', kid: name });
  return ({ clientId, capability, ttl }, { revocationKey, claims, clientType }, now) => {
    const [iat, exp] = [Math.floor(now / 1000), Math.floor((now + ttl) / 1000)];
    const granted = canonicalCapability(capability);
    const payload = {
      ...claims,
      iat,
      exp,
      'x-ably-capability': granted,
      ...(clientId === null ? {} : { 'x-ably-clientId': clientId }),
      ...(revocationKey === undefined ? {} : { 'x-ably-revocation-key': revocationKey }),
      ...(clientType === undefined ? {} : { 'x-ably-clientType': clientType }),
    };
    const signed = `${header}.${part(payload)}`;
    return {
      token: `${signed}.${sign(signed)}`,
      issued: iat * 1000,
      expires: exp * 1000,
      ...(clientId === null ? {} : { clientId }),
      capability: granted,
    };
  };
}

const part = (content: object): string => base64Url(JSON.stringify(content));
