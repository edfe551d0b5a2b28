import type { Clock } from '../clock.js';
import type { ApiKey } from '../token/api-key.js';
import { canonicalCapability } from '../token/capability.js';
import type { ParsedGrant } from './grant.js';
import type { TokenTerms } from './token-terms.js';

/** Signs Ably JWTs with one key. */
export type JwtSigner = (
  terms: TokenTerms,
  more: Pick<ParsedGrant, 'revocationKey' | 'claims'>,
) => Promise<string>;

/**
 * Makes a function that signs JWTs. The key is imported, and the library loaded, when the function is first
 * called. A JWT counts in seconds: it expires no later than the terms, and up to a second earlier. A lifetime
 * of less than a second is not possible.
 *
 * @see https://ably.com/docs/auth/token/jwt
 */
export function jwtSigner({ name, secret }: ApiKey, clock: Clock): JwtSigner {
  let loaded: Promise<readonly [typeof import('./jose.js'), CryptoKey]> | undefined;
  const header = { typ: 'JWT', alg: 'HS256', kid: name };
  return async ({ clientId, capability, ttl }, { revocationKey, claims }) => {
    const now = clock.now();
    const payload = {
      ...claims,
      iat: Math.floor(now / 1000),
      exp: Math.floor((now + ttl) / 1000),
      'x-ably-capability': canonicalCapability(capability),
      ...(clientId === null ? {} : { 'x-ably-clientId': clientId }),
      ...(revocationKey === undefined ? {} : { 'x-ably-revocation-key': revocationKey }),
    };
    loaded ??= load(secret);
    const [{ SignJWT }, key] = await loaded;
    return await new SignJWT(payload).setProtectedHeader(header).sign(key);
  };
}

/** One after the other: `jose` cannot be loaded without a `TextEncoder`, nor a key be imported without `crypto`. */
async function load(secret: string): Promise<readonly [typeof import('./jose.js'), CryptoKey]> {
  return [await import('./jose.js'), await imported(secret)];
}

function imported(secret: string): Promise<CryptoKey> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return crypto.subtle.importKey('raw', new TextEncoder().encode(secret), algorithm, false, ['sign']);
}
