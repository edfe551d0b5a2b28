import { DIGITS, wellFormed } from '../text.js';

/** The UTF-8 form of a text, a letter for each byte. There is no TextEncoder on React Native. */
export function utf8(text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  return encodeURIComponent(wellFormed(text)).replace(/%(..)/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Base64 of bytes, a letter for each. Older versions of Hermes have no `btoa`. */
export function toBase64(bytes: string): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const three = (bytes.charCodeAt(at) << 16) | (bytes.charCodeAt(at + 1) << 8) | bytes.charCodeAt(at + 2);
    for (let shift = 18; shift >= 0; shift -= 6) text += DIGITS.charAt((three >> shift) & 63);
  }
  const missing = (3 - (bytes.length % 3)) % 3;
  return text.slice(0, text.length - missing) + '='.repeat(missing);
}
