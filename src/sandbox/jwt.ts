import { fromBase64, hmacOf, isSame } from '#sandbox-bytes';
import { type Apps, longestLife } from './apps.js';
import { parseCapability } from './capability.js';
import { intersect } from './capability-patterns.js';
import { typeIn } from './client-type.js';
import { Fault } from './fault.js';
import { readJosePart } from './jose-part.js';
import type { Grant } from './tokens.js';

/**
 * How far ahead the signer's clock may be, ms. Without this limit, `iat` in the future would make a longer
 * lifetime possible.
 */
const LEEWAY = 120_000;

/**
 * Checks a JWT that was signed with an API key, and returns its grant: key, clientId, capability and expiry.
 * @throws {Fault} 40144 if it is malformed, 40142 if it has expired, 40160 if it grants nothing
 * @see https://ably.com/docs/auth/token/jwt
 */
export function readJwt(token: string, apps: Apps, now: number): Grant {
  const [head = '', body = '', signature = ''] = token.split('.');
  const header = readJosePart(head);
  if (header.alg !== 'HS256' || typeof header.kid !== 'string') throw new Fault('invalid JWT', 'alg or kid');
  const key = apps.key(header.kid);
  if (!isSame(fromBase64(signature), hmacOf(key.secret, `${head}.${body}`)))
    throw new Fault('invalid JWT', 'signature');
  const claims = readJosePart(body);
  const issued = seconds(claims, 'iat');
  const expires = seconds(claims, 'exp');
  if (issued > now + LEEWAY) throw new Fault('JWT issued in the future');
  if (expires <= issued) throw new Fault('invalid JWT', 'exp is not after iat');
  if (expires - issued > longestLife(key)) throw new Fault('invalid JWT', 'its lifetime is too long');
  if (now >= expires) throw new Fault('token expired');
  const clientId = claims['x-ably-clientId'];
  if (clientId !== undefined && (typeof clientId !== 'string' || clientId === '')) {
    throw new Fault('invalid client id', 'clientId must be a string, and not empty');
  }
  const wanted = claims['x-ably-capability'];
  const capabilities =
    wanted === undefined ? key.capabilities : intersect(parseCapability(wanted), key.capabilities);
  if (capabilities.size === 0) throw new Fault('operation not permitted with provided capability');
  const revocationKey = claims['x-ably-revocation-key'];
  const clientType = typeIn(claims['x-ably-clientType']);
  return {
    appId: key.appId,
    keyName: key.name,
    capabilities,
    clientId: clientId ?? null,
    issued,
    expires,
    ...(clientType === undefined ? {} : { clientType }),
    ...(typeof revocationKey === 'string' ? { revocationKey } : {}),
  };
}

function seconds(claims: Readonly<Record<string, unknown>>, name: string): number {
  const value = claims[name];
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new Fault('claim missing from JWT', `${name} must be specified`);
  return value * 1_000;
}
