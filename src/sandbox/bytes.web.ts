import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The value of each digit, in both alphabets. */
const values = new Map([...DIGITS].map((digit, value) => [digit, value]))
  .set('-', DIGITS.indexOf('+'))
  .set('_', DIGITS.indexOf('/'));

// A decoder without a stream keeps nothing between two texts.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Random bytes, in Base64 for addresses. */
export const randomText = (bytes: number): string =>
  toBase64(crypto.getRandomValues(new Uint8Array(bytes)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');

/** The HMAC-SHA256 of a text. The one of WebCrypto is asynchronous, and absent from a page without TLS. */
export const hmacOf = (secret: string, text: string): Uint8Array => hmac(sha256, utf8(secret), utf8(text));

/** The SHA-256 of a text, in Base64. */
export const sha256Of = (text: string): string => toBase64(sha256(utf8(text)));

/** Whether bytes are equal, in a time that does not say where they differ. */
export const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length &&
  one.reduce((differences, byte, at) => differences | (byte ^ (other[at] ?? 0)), 0) === 0;

/** The bytes of Base64 in either alphabet. What is no digit is skipped. */
export function fromBase64(text: string): Uint8Array {
  const bytes: number[] = [];
  let bits = 0;
  let count = 0;
  for (const digit of text) {
    if (digit === '=') break;
    const value = values.get(digit);
    if (value === undefined) continue;
    bits = ((bits << 6) | value) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push((bits >> count) & 255);
  }
  return Uint8Array.from(bytes);
}

export function toBase64(bytes: Uint8Array): string {
  let letters = '';
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return btoa(letters);
}

/** The text that bytes are the UTF-8 form of. */
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);

/** The length of the UTF-8 form of a text. */
export const lengthOf = (text: string): number => utf8(text).length;
