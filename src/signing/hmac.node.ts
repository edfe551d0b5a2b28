import * as crypto from 'node:crypto';
import type { Base64Alphabet, Signer, SignerFactory } from './port.js';

const BLOCK = 64;
const DIGEST = 32;

/** UTF-8 needs at most three bytes for a unit of UTF-16. */
const MOST_BYTES_A_UNIT = 3;

/**
 * HMAC-SHA256 (RFC 2104) with `node:crypto`. The two blocks of the key are made once. A signature then needs
 * two one-shot hashes, which is faster than `createHmac`.
 */
export const hmacSigner: SignerFactory = (secret, alphabet = 'base64') =>
  typeof crypto.hash === 'function' ? oneShotSigner(secret, alphabet) : streamSigner(secret, alphabet);

/** The UTF-8 form of a text, in the alphabet for URLs. */
export const base64Url = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');

function oneShotSigner(secret: string, alphabet: Base64Alphabet): Signer {
  const key = blockOf(Buffer.from(secret, 'utf8'));
  const outer = Buffer.alloc(BLOCK + DIGEST);
  outer.set(key.map((byte) => byte ^ 0x5c));
  // All texts share one buffer, because making a buffer costs more than filling it. A longer text makes it
  // grow.
  let inner = Buffer.alloc(BLOCK + 448);
  inner.set(key.map((byte) => byte ^ 0x36));
  return (text) => {
    if (text.length * MOST_BYTES_A_UNIT > inner.length - BLOCK) {
      inner = Buffer.concat([inner.subarray(0, BLOCK)], BLOCK + text.length * MOST_BYTES_A_UNIT);
    }
    const end = BLOCK + inner.write(text, BLOCK, 'utf8');
    outer.write(crypto.hash('sha256', inner.subarray(0, end), 'binary'), BLOCK, 'latin1');
    return crypto.hash('sha256', outer, alphabet);
  };
}

function streamSigner(secret: string, alphabet: Base64Alphabet): Signer {
  const key = crypto.createSecretKey(Buffer.from(secret, 'utf8'));
  return (text) => crypto.createHmac('sha256', key).update(text, 'utf8').digest(alphabet);
}

function blockOf(key: Buffer): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.set(key.byteLength > BLOCK ? crypto.createHash('sha256').update(key).digest() : key);
  return block;
}
