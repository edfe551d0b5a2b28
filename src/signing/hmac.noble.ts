import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { base64, bytesOf, toBase64, utf8 } from '../platform/bytes.js';
import type { SignerFactory } from './port.js';

const DIGEST = 32;

/**
 * HMAC-SHA256 without `node:crypto`. The hash state after the key is kept and copied for each text, and the
 * arrays are reused: making them costs as much as the hash.
 */
export const hmacSigner: SignerFactory = (secret, alphabet) => {
  const keyed = hmac.create(sha256, bytesOf(secret));
  const running = keyed.clone();
  const mac = new Uint8Array(DIGEST);
  let bytes = new Uint8Array(512);
  return (text) => {
    const letters = utf8(text);
    const { length } = letters;
    if (length > bytes.length) bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 1) bytes[at] = letters.charCodeAt(at);
    keyed._cloneInto(running).update(bytes.subarray(0, length)).digestInto(mac);
    const encoded = toBase64(String.fromCharCode(...mac));
    return alphabet === 'base64url' ? forUrls(encoded) : encoded;
  };
};

/** The UTF-8 form of a text, in the alphabet for URLs. */
export const base64Url = (text: string): string => forUrls(base64(text));

const forUrls = (text: string): string => text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
