import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesOf, toBase64, utf8 } from '../platform/bytes.js';
import type { SignerFactory } from './port.js';

const DIGEST = 32;

/**
 * HMAC-SHA256 without `node:crypto`. The hash state after the key is kept and copied for each text, and the
 * arrays are reused: making them costs as much as the hash.
 */
export const hmacSigner: SignerFactory = (secret) => {
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
    return toBase64(String.fromCharCode(...mac));
  };
};
