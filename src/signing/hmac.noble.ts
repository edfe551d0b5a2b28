import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { SignerFactory } from './port.js';

/** UTF-8 needs at most three bytes for a unit of UTF-16. */
const MOST_BYTES_A_UNIT = 3;
const DIGEST = 32;

/**
 * HMAC-SHA256 without `node:crypto`. The hash state after the key is kept and copied for each text, and the
 * arrays are reused: making them costs as much as the hash.
 */
export const hmacSigner: SignerFactory = (secret) => {
  const encoder = new TextEncoder();
  const keyed = hmac.create(sha256, encoder.encode(secret));
  const running = keyed.clone();
  const mac = new Uint8Array(DIGEST);
  let bytes = new Uint8Array(512);
  return (text) => {
    const most = text.length * MOST_BYTES_A_UNIT;
    if (most > bytes.length) bytes = new Uint8Array(most);
    const { written } = encoder.encodeInto(text, bytes);
    keyed._cloneInto(running).update(bytes.subarray(0, written)).digestInto(mac);
    return btoa(String.fromCharCode(...mac));
  };
};
