import { Fault } from './fault.js';
import { readJosePart } from './jose-part.js';

/** The token that the service checks. */
export interface Unwrapped {
  /** An Ably token, or a JWT signed with an API key. */
  readonly token: string;
  /** When the outer token expires, ms since the epoch; `Infinity` if there is none or it has no `exp`. */
  readonly outerExpires: number;
}

/**
 * Reads the token for this service from an app's own JWT: from the JOSE header, or, if the JWT is not
 * encrypted, from a claim. The signature belongs to the app, and cannot be checked here.
 *
 * @throws {Fault} 40144 if it is encrypted and has no token in its header
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
  if (typeof inner !== 'string') throw new Fault('invalid JWT', 'x-ably-token must be a string');
  const { exp } = claims;
  return { token: inner, outerExpires: typeof exp === 'number' ? exp * 1_000 : Number.POSITIVE_INFINITY };
}

function tokenInHeader(part = ''): string {
  const inner = readJosePart(part)['x-ably-token'];
  if (typeof inner === 'string') return inner;
  throw new Fault('invalid JWT', 'it is encrypted and has no x-ably-token in its header');
}
