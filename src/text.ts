/** Half of a character cannot be encoded: U+FFFD takes its place, as on all platforms. */
export const wellFormed = (text: string): string => text.replace(/\p{Cs}/gu, '\ufffd');

/** The digits of Base64. */
export const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const escaped = (text: string): string => encodeURIComponent(wellFormed(text));

/** Whether the UTF-8 form of a text has more bytes than that. */
export function isLonger(text: string, bytes: number): boolean {
  if (text.length > bytes) return true;
  // No letter has more than three bytes, and most texts are ASCII.
  return 3 * text.length > bytes && /[^ -~]/.test(text) && escaped(text).replace(/%../g, '.').length > bytes;
}

/** A part of a UTF-8 text, escaped. There is no TextDecoder on React Native. */
export function escapedBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    text += byte > 127 || byte === 37 ? `%${(byte + 256).toString(16).slice(1)}` : String.fromCharCode(byte);
  }
  return text;
}

/** The bytes of Base64 in either alphabet, a letter for each; an empty text for any other input. */
export function fromBase64(text: string): string {
  let bytes = '';
  let bits = 0;
  let count = 0;
  for (const digit of text.replace(/-/g, '+').replace(/_/g, '/').replace(/=+$/, '')) {
    const value = DIGITS.indexOf(digit);
    if (value < 0) return '';
    bits = (bits << 6) | value;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += String.fromCharCode((bits >> count) & 255);
  }
  return count > 5 ? '' : bytes;
}

/** Names and values as a query or a form has them. React Native's URLSearchParams loses some. */
export function formOf(fields: Iterable<readonly [string, string]>): string {
  return Array.from(fields, (pair) => pair.map(escaped).join('=')).join('&');
}
