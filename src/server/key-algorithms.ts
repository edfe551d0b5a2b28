import { fieldOf } from '../redaction/received.js';

const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const EDWARDS = ['EdDSA', 'Ed25519'];

/** The algorithms of a key of this kind, by the names of JWK, of `KeyObject` and of `CryptoKey`. */
const BY_KIND: Readonly<Record<string, readonly string[]>> = {
  RSA,
  rsa: RSA,
  'rsa-pss': RSA.filter((name) => name.startsWith('PS')),
  'RSASSA-PKCS1-v1_5 SHA-256': ['RS256'],
  'RSASSA-PKCS1-v1_5 SHA-384': ['RS384'],
  'RSASSA-PKCS1-v1_5 SHA-512': ['RS512'],
  'RSA-PSS SHA-256': ['PS256'],
  'RSA-PSS SHA-384': ['PS384'],
  'RSA-PSS SHA-512': ['PS512'],
  'P-256': ['ES256'],
  prime256v1: ['ES256'],
  'P-384': ['ES384'],
  secp384r1: ['ES384'],
  'P-521': ['ES512'],
  secp521r1: ['ES512'],
  Ed25519: EDWARDS,
  ed25519: EDWARDS,
};

/**
 * The algorithms that a public key can verify. undefined: its kind is not known.
 *
 * jose throws a `TypeError` for a token of another algorithm, as it does for a key that is unusable.
 */
export function algorithmsOf(key: object): readonly string[] | undefined {
  const alg = fieldOf(key, 'alg');
  const algorithm = fieldOf(key, 'algorithm');
  const name = fieldOf(algorithm, 'name');
  const kind = [
    fieldOf(key, 'crv'),
    fieldOf(fieldOf(key, 'asymmetricKeyDetails'), 'namedCurve'),
    fieldOf(algorithm, 'namedCurve'),
    `${name} ${fieldOf(fieldOf(algorithm, 'hash'), 'name')}`,
    name,
    fieldOf(key, 'kty'),
    fieldOf(key, 'asymmetricKeyType'),
  ].find((one): one is string => typeof one === 'string' && Object.hasOwn(BY_KIND, one));
  const found = kind === undefined ? undefined : BY_KIND[kind];
  if (alg === undefined) return found;
  // A JWK may name its only algorithm.
  return typeof alg === 'string' && found?.includes(alg) ? [alg] : undefined;
}
