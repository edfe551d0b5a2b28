import { Fault } from './fault.js';
import type { Grant } from './tokens.js';

/**
 * Who somebody with `grant` is when they say they are `asked`. A grant for anybody (`*`) lets them say
 * so (RSA15b), any other has to agree.
 *
 * @param asked what they say; null: nothing
 * @returns null: nobody; `'*'`: anybody
 * @throws {Fault} 40102 when the grant is another's. @see RSA15a
 */
export function identityOf(grant: Grant, asked: string | null): string | null {
  if (asked === null || asked === grant.clientId) return grant.clientId;
  if (grant.clientId === '*') return asked;
  throw new Fault('incompatible credentials', 'invalid clientId for credentials');
}

/**
 * The name in `X-Ably-ClientId`, which is Base64.
 * @throws {Fault} 40012. @see RSA7e2
 */
export function decodeClientId(header: string | null): string | null {
  if (header === null) return null;
  const name = Buffer.from(header, 'base64');
  const isBase64 = name.toString('base64').replace(/=+$/, '') === header.replace(/=+$/, '');
  if (!isBase64 || name.length === 0) {
    throw new Fault('invalid client id', 'X-Ably-ClientId is not the Base64 of a name');
  }
  return name.toString('utf8');
}
