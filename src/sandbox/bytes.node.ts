import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Random bytes, in Base64 for addresses. */
export const randomText = (bytes: number): string => randomBytes(bytes).toString('base64url');

/** The HMAC-SHA256 of a text. */
export const hmacOf = (secret: string, text: string): Uint8Array =>
  createHmac('sha256', secret).update(text, 'utf8').digest();

/** The SHA-256 of a text, in Base64. */
export const sha256Of = (text: string): string => createHash('sha256').update(text, 'utf8').digest('base64');

/** Whether bytes are equal, in a time that does not say where they differ. */
export const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && timingSafeEqual(one, other);

/** The bytes of Base64 in either alphabet. What is no digit is skipped. */
export const fromBase64 = (text: string): Uint8Array => Buffer.from(text, 'base64');

export const toBase64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');

/** The text that bytes are the UTF-8 form of. */
export const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');

/** The length of the UTF-8 form of a text. */
export const lengthOf = (text: string): number => Buffer.byteLength(text);
