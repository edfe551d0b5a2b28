import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { SignerFactory } from './port.js';

/** HMAC-SHA256 where there is no `node:crypto`. The state after the key is kept, and cloned for each text. */
export const hmacSigner: SignerFactory = (secret) => {
  const encoder = new TextEncoder();
  const keyed = hmac.create(sha256, encoder.encode(secret));
  const scratch = keyed.clone();
  return (text) => {
    const mac = keyed._cloneInto(scratch).update(encoder.encode(text)).digest();
    let binary = '';
    for (const byte of mac) binary += String.fromCharCode(byte);
    return btoa(binary);
  };
};
