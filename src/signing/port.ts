/** With the alphabet of MIME, or with that for URLs and without padding. @see RFC 4648 §5 */
export type Base64Alphabet = 'base64' | 'base64url';

/**
 * Signs a text with HMAC-SHA256, as Base64. The work for the key is done once, when the signer is made.
 * Signing is synchronous.
 */
export type Signer = (text: string) => string;

/** Makes a signer. @param secret the key's secret, UTF-8 */
export type SignerFactory = (secret: string, alphabet?: Base64Alphabet) => Signer;
