import { invalidArgument, invalidOption } from '../checks/option-checks.js';
import { addressOf, hrefIn } from '../platform/address.js';
import { isLoopbackHost } from '../platform/loopback.js';
import { fieldOf } from '../redaction/received.js';
import type { JwtVerifierOptions } from './jwt-verifier.js';
import { algorithmsOf } from './key-algorithms.js';

/** With what signatures are checked. */
export interface Keys {
  readonly isSecret: boolean;
  readonly found:
    | { readonly kind: 'address'; readonly address: string }
    | { readonly kind: 'set'; readonly set: object }
    | { readonly kind: 'key'; readonly key: object };
}

/** A shorter secret can be guessed, and RFC 7518 forbids it. */
const LEAST_SECRET = 32;

const WITH_SECRET = ['HS256', 'HS384', 'HS512'];
const WITH_PUBLIC_KEY = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/** @throws {ErrorInfo} 40003 */
export function keysIn({ jwks, key, secret }: Partial<JwtVerifierOptions>): Keys {
  if ([jwks, key, secret].filter((one) => one !== undefined).length !== 1) {
    throw invalidArgument(
      'exactly one of jwks, key and secret is needed',
      'Pass jwks: the address of the key set of the issuer.',
    );
  }
  if (secret !== undefined) return { isSecret: true, found: { kind: 'key', key: bytesOf(secret) } };
  if (key !== undefined) {
    if (isPublicKey(key)) return { isSecret: false, found: { kind: 'key', key } };
    throw invalidOption('key', 'a public key: a CryptoKey, a KeyObject or a JWK', key);
  }
  return { isSecret: false, found: keySet(jwks) };
}

/** A CryptoKey and a KeyObject say their type. A JWK has the kind of the key, and a private one a member `d`. */
function isPublicKey(key: unknown): boolean {
  const kind = fieldOf(key, 'kty');
  if (typeof kind !== 'string') return fieldOf(key, 'type') === 'public';
  return kind !== 'oct' && fieldOf(key, 'd') === undefined;
}

function bytesOf(secret: unknown): Uint8Array {
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret;
  if (!(bytes instanceof Uint8Array)) throw invalidOption('secret', 'a string or a Uint8Array', secret);
  if (bytes.length >= LEAST_SECRET) return bytes;
  throw invalidArgument(
    `secret has ${bytes.length} bytes, and must have ${LEAST_SECRET} or more`,
    'Make one with: openssl rand -base64 32',
  );
}

function keySet(jwks: JwtVerifierOptions['jwks']): Keys['found'] {
  if (typeof jwks === 'object' && 'keys' in jwks) {
    if (Array.isArray(jwks.keys)) return { kind: 'set', set: { keys: [...jwks.keys] } };
    throw invalidOption('jwks.keys', 'a list of keys', jwks.keys);
  }
  const url = addressOf(typeof jwks === 'string' ? jwks : (hrefIn(jwks) ?? ''));
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.host)))
    return { kind: 'address', address: url.href };
  throw invalidArgument(
    'jwks must be an https address, or an object with keys',
    'Pass the jwks_uri of the issuer. http is accepted for this machine only.',
  );
}

/** @throws {ErrorInfo} 40003: an algorithm is unknown, or for the other kind of key, or none is for this key */
export function algorithmsIn(
  given: readonly string[] | undefined,
  { isSecret, found }: Keys,
): readonly string[] {
  const known = isSecret ? WITH_SECRET : WITH_PUBLIC_KEY;
  const ofKey = found.kind === 'key' && !isSecret ? (algorithmsOf(found.key) ?? known) : known;
  if (given === undefined) return isSecret ? ['HS256'] : ofKey;
  if (!Array.isArray(given) || given.length === 0)
    throw invalidOption('algorithms', 'a list of names such as ["RS256"]', given);
  const usable = given.filter((one) => ofKey.includes(one));
  if (given.every((one) => known.includes(one)) && usable.length > 0) return usable;
  throw invalidArgument(
    `algorithms must be of ${ofKey.join(', ')} with ${isSecret ? 'a secret' : 'this public key'}`,
    'Name the algorithm that the issuer signs with.',
  );
}

/** Texts of which a claim must have one. null: any. undefined: nothing was passed. */
export function audienceIn(name: string, given: unknown): readonly string[] | null | undefined {
  if (given === undefined || given === null) return given;
  const all: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (all.length > 0 && all.every((one): one is string => typeof one === 'string' && one !== ''))
    return [...all];
  throw invalidOption(name, 'a string, or a list of strings that are not empty', given);
}
