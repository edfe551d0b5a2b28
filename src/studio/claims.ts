import { fieldOf, parseJson } from '../redaction/received.js';
import { fromBase64 } from '../text.js';
import type { Claim } from './messages.js';

/** The claims whose values are shown. An application may put anything into another one. */
const SHOWN = new Set([
  ...['alg', 'typ', 'kid', 'iat', 'exp', 'nbf', 'iss', 'sub', 'aud'],
  ...['x-ably-capability', 'x-ably-clientId', 'x-ably-revocation-key'],
]);

/** The longest value that is shown, and how many claims are. */
const LONGEST = 2_000;
const MOST = 40;

/**
 * The header and the claims of a token that is a JWT, not verified. Its signature is not read. Of claims that are
 * not Ably's or the standard's, only the name and the kind of value are shown.
 */
export function claimsOf(token: string): readonly Claim[] {
  const parts = token.split('.');
  if (parts.length !== 3) return [];
  return parts
    .slice(0, 2)
    .flatMap((part) => fieldsIn(part))
    .slice(0, MOST);
}

function fieldsIn(part: string): Claim[] {
  try {
    const fields = parseJson(fromUtf8(fromBase64(part)));
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return [];
    return Object.keys(fields).map((name) => ({ name: name.slice(0, 100), text: shown(name, fields) }));
  } catch {
    return [];
  }
}

/** A text from its UTF-8 bytes, a letter for each. @throws {URIError} it is not UTF-8 */
function fromUtf8(bytes: string): string {
  const escaped = (letter: string) => `%${(letter.charCodeAt(0) + 256).toString(16).slice(1)}`;
  return decodeURIComponent(bytes.replace(/[^ -~]|%/g, escaped));
}

/** The texts in the claims that are names of channels, clients and keys: they may look like secrets, and are not. */
export function namesIn(claims: readonly Claim[]): string[] {
  const named = claims.filter(({ name }) => name === 'kid' || name.startsWith('x-ably-'));
  return named.map(({ text }) => text);
}

function shown(name: string, fields: object): string {
  const value = fieldOf(fields, name);
  // An issuer may have put the whole key there, with its secret.
  if (name === 'kid' && typeof value === 'string') return value.split(':', 1)[0]?.slice(0, LONGEST) ?? '';
  if (!SHOWN.has(name)) return `a ${Array.isArray(value) ? 'list' : typeof value}, not shown`;
  if (/^(iat|exp|nbf)$/.test(name) && typeof value === 'number' && Math.abs(value) < 8.64e12)
    return `${value} (${new Date(value * 1_000).toISOString().replace('T', ' ').replace('.000Z', ' UTC')})`;
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, LONGEST);
}
