import { knownMember } from '../surroundings.js';

/** The SHA-256 of a text, as hexadecimal digits. undefined: the platform has none, as a page that came without TLS. */
export async function sha256(text: string): Promise<string | undefined> {
  if (typeof knownMember('crypto', 'subtle') !== 'object') return undefined;
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join('');
}
