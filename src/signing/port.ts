/**
 * HMAC-SHA256 under one secret, Base64. Making the signer does the work the key needs, once;
 * signing is synchronous.
 */
export type Signer = (text: string) => string;

/** @param secret the key's secret, UTF-8 */
export type SignerFactory = (secret: string) => Signer;
