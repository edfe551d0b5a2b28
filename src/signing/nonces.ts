import { ErrorInfo } from '../errors/error-info.js';
import { platformRandomBytes, type RandomBytes } from '../platform/random-bytes.js';

/** The number of random bytes in a nonce. */
const NONCE_BYTES = 16;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * Makes a source of nonces: 32 hexadecimal digits each. They come from the platform's cryptographic random
 * numbers, which are read in blocks, or from the caller's function, one at a time. Used bytes are erased.
 *
 * @see RSA9c
 */
export function noncePool(randomBytes?: RandomBytes): () => string {
  let pool: Uint8Array = new Uint8Array();
  let used = 0;
  return () => {
    if (used === pool.length) {
      pool = randomBytes ? chosenBytes(randomBytes) : platformRandomBytes(NONCE_BYTES * 256);
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

/** A copy, because the caller owns the returned array. @throws {ErrorInfo} 40003 unless it has that many bytes */
function chosenBytes(randomBytes: RandomBytes): Uint8Array {
  const bytes = randomBytes(NONCE_BYTES);
  const isFit = ArrayBuffer.isView(bytes) && bytes.length === NONCE_BYTES && bytes.BYTES_PER_ELEMENT === 1;
  if (isFit) return Uint8Array.from(bytes);
  throw new ErrorInfo({
    code: 40003,
    message: `randomBytes(${NONCE_BYTES}) must return a Uint8Array of ${NONCE_BYTES} bytes, at once`,
  });
}
