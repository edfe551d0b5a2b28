import { hmacSigner } from '#hmac';
import type { Clock } from '../clock.js';
import { base64 } from '../platform/bytes.js';
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
  const sign = hmacSigner(secret);
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
    return `${signed}.${forUrls(sign(signed))}`;
  };
}

const part = (content: object): string => forUrls(base64(JSON.stringify(content)));

/** Base64 with the alphabet for URLs, without padding. @see RFC 4648 §5 */
const forUrls = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
