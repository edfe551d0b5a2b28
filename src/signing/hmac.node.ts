import * as crypto from 'node:crypto';
import type { Signer, SignerFactory } from './port.js';

const BLOCK = 64;

/**
 * HMAC-SHA256 (RFC 2104). The key's two blocks are made once; a signature is then two one-shot
 * hashes, which is faster than `createHmac` with its stream machinery.
 */
export const hmacSigner: SignerFactory = (secret) =>
  typeof crypto.hash === 'function' ? oneShotSigner(secret) : streamSigner(secret);

function oneShotSigner(secret: string): Signer {
  const key = blockOf(Buffer.from(secret, 'utf8'));
  const innerKey = Buffer.from(key.map((byte) => byte ^ 0x36));
  const outer = Buffer.alloc(BLOCK + 32);
  outer.set(key.map((byte) => byte ^ 0x5c));
  return (text) => {
    const length = Buffer.byteLength(text, 'utf8');
    const inner = Buffer.allocUnsafe(BLOCK + length);
    inner.set(innerKey);
    inner.write(text, BLOCK, 'utf8');
    outer.write(crypto.hash('sha256', inner, 'hex'), BLOCK, 'hex');
    return crypto.hash('sha256', outer, 'base64');
  };
}

function streamSigner(secret: string): Signer {
  const key = crypto.createSecretKey(Buffer.from(secret, 'utf8'));
  return (text) => crypto.createHmac('sha256', key).update(text, 'utf8').digest('base64');
}

function blockOf(key: Buffer): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.set(key.byteLength > BLOCK ? crypto.createHash('sha256').update(key).digest() : key);
  return block;
}
