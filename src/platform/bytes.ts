import { toBase64, utf8 } from '../redaction/encoding.js';

export { toBase64, utf8 };

/** The bytes of its UTF-8 form. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(utf8(text), (letter) => letter.charCodeAt(0));
}

/** Base64 of the UTF-8 form of a text. */
export const base64 = (text: string): string => toBase64(utf8(text));
