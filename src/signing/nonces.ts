/** The number of random bytes in a nonce. */
const NONCE_BYTES = 16;
const POOL_BYTES = NONCE_BYTES * 256;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * Makes a source of nonces: 32 hexadecimal digits each, from the platform's cryptographic random numbers,
 * which are read in blocks. Used bytes are erased.
 *
 * @see RSA9c
 */
export function noncePool(): () => string {
  const pool = new Uint8Array(POOL_BYTES);
  let used = POOL_BYTES;
  return () => {
    if (used === POOL_BYTES) {
      globalThis.crypto.getRandomValues(pool);
      used = 0;
    }
    let nonce = '';
    for (const end = used + NONCE_BYTES; used < end; used += 1) {
      nonce += HEX[pool[used] ?? 0];
      pool[used] = 0;
    }
    return nonce;
  };
}
