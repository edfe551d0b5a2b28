import { invalidArgument, invalidOption } from '../../checks/option-checks.js';
import { lacking } from '../../platform/lacking.js';
import { toBase64 } from '../../redaction/encoding.js';
import { isA } from '../../redaction/received.js';
import { knownMember } from '../../surroundings.js';
import { fromBase64 } from '../../text.js';

/** A text of at least 32 characters, or at least 32 bytes. */
export type RedisSecret = string | Uint8Array;

const LEAST = 32;

/** The nonce of AES-GCM, bytes. @see https://csrc.nist.gov/pubs/sp/800/38/d/final */
const NONCE = 12;

/** Encrypts and decrypts with AES-256-GCM, by keys of the application's secrets. */
export class Encryption {
  readonly #secrets: readonly BufferSource[];
  #keys: Promise<readonly CryptoKey[]> | undefined;

  /** @throws {ErrorInfo} 40003: a secret is too short, or the platform has no crypto.subtle */
  constructor(given: unknown) {
    if (typeof knownMember('crypto', 'subtle') !== 'object') throw lacking('crypto.subtle');
    const all: readonly unknown[] = Array.isArray(given) ? given : [given];
    if (all.length === 0) throw short('secret is an empty list');
    this.#secrets = all.map((one, at) => bytesIn(one, Array.isArray(given) ? `secret[${at}]` : 'secret'));
  }

  /** @param place where the value stands: elsewhere it cannot be decrypted */
  async encrypt(value: string, place: string): Promise<string> {
    const [key] = (await this.#allKeys()) as [CryptoKey];
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
    const data = await crypto.subtle.encrypt(algorithm(nonce, place), key, utf8(value));
    return toBase64(lettersOf(nonce) + lettersOf(new Uint8Array(data)));
  }

  /** @returns undefined: it was encrypted with another secret, for another place, or was changed */
  async decrypt(encrypted: string, place: string): Promise<string | undefined> {
    const bytes = Uint8Array.from(fromBase64(encrypted), (letter) => letter.charCodeAt(0));
    for (const key of await this.#allKeys()) {
      try {
        const from = algorithm(bytes.slice(0, NONCE), place);
        return new TextDecoder().decode(await crypto.subtle.decrypt(from, key, bytes.slice(NONCE)));
      } catch {
        // The next secret may open it.
      }
    }
    return undefined;
  }

  #allKeys(): Promise<readonly CryptoKey[]> {
    this.#keys ??= Promise.all(this.#secrets.map(keyOf));
    return this.#keys;
  }
}

const utf8 = (text: string) => new TextEncoder().encode(text);

const algorithm = (nonce: BufferSource, place: string) => ({
  name: 'AES-GCM',
  iv: nonce,
  additionalData: utf8(place),
});

/** @see https://www.rfc-editor.org/rfc/rfc5869 */
async function keyOf(secret: BufferSource): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
  const info = utf8('latchkey/sharing/redis');
  const from = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info };
  return await crypto.subtle.deriveKey(from, base, { name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ]);
}

/** A copy: the application may clear its own. */
function bytesIn(given: unknown, name: string): BufferSource {
  const isText = typeof given === 'string';
  if (!isText && !isA(given, Uint8Array))
    throw invalidOption(name, `a text of at least ${LEAST} characters, or ${LEAST} bytes`, given);
  if (given.length >= LEAST) return isText ? utf8(given) : new Uint8Array(given);
  const unit = isText ? 'characters' : 'bytes';
  throw short(`${name} has ${given.length} ${unit}, and must have at least ${LEAST}`);
}

const short = (message: string) =>
  invalidArgument(message, 'Make one with `openssl rand -base64 32`, and give it to all members.');

const lettersOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
