import { Fault } from './fault.js';
import { readJosePart } from './jose-part.js';

/** The token that counts. */
export interface Unwrapped {
  /** An Ably token, or a JWT signed with a key. */
  readonly token: string;
  /** When the token around it ends, ms since the epoch; `Infinity` where there is none, or it does not tell. */
  readonly outerExpires: number;
}

/**
 * An app's own JWT may carry a token for this service: in its JOSE header, or, where it is not encrypted,
 * in a claim. Its signature is the app's own, and cannot be checked.
 *
 * @throws {Fault} 40144 when it is encrypted and carries none
 * @see https://ably.com/docs/auth/token#embedded
 */
export function unwrap(token: string): Unwrapped {
  const parts = token.split('.');
  if (parts.length === 5) return { token: tokenInHeader(parts[0]), outerExpires: Number.POSITIVE_INFINITY };
  if (parts.length !== 3) return { token, outerExpires: Number.POSITIVE_INFINITY };
  const header = readJosePart(parts[0] ?? '');
  const claims = readJosePart(parts[1] ?? '');
  const inner = header['x-ably-token'] ?? claims['x-ably-token'];
  if (inner === undefined) return { token, outerExpires: Number.POSITIVE_INFINITY };
  if (typeof inner !== 'string') throw new Fault('invalid JWT', 'x-ably-token is not a string');
  const { exp } = claims;
  return { token: inner, outerExpires: typeof exp === 'number' ? exp * 1_000 : Number.POSITIVE_INFINITY };
}

function tokenInHeader(part = ''): string {
  const inner = readJosePart(part)['x-ably-token'];
  if (typeof inner === 'string') return inner;
  throw new Fault('invalid JWT', 'it is encrypted, with no x-ably-token in its header');
}
