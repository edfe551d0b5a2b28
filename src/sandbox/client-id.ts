import { fromBase64, textOf, toBase64 } from '#sandbox-bytes';
import { Fault } from './fault.js';
import type { Grant } from './tokens.js';

/**
 * The identity of a client with `grant` that names itself `asked`. A grant for any client (`*`) allows every
 * name (RSA15b); any other grant must have the same name.
 *
 * @param asked the name that the client sent; null: none
 * @returns null: anonymous; `'*'`: any client
 * @throws {Fault} 40102 if the grant is for another client. @see RSA15a
 */
export function identityOf(grant: Grant, asked: string | null): string | null {
  if (asked === null || asked === grant.clientId) return grant.clientId;
  if (grant.clientId === '*') return asked;
  throw new Fault('incompatible credentials', 'invalid clientId for credentials');
}

/**
 * The name in the header `X-Ably-ClientId`, which is Base64.
 * @throws {Fault} 40012. @see RSA7e2
 */
export function decodeClientId(header: string | null): string | null {
  if (header === null) return null;
  const name = fromBase64(header);
  const isBase64 = toBase64(name).replace(/=+$/, '') === header.replace(/=+$/, '');
  if (!isBase64 || name.length === 0) {
    throw new Fault('invalid client id', 'X-Ably-ClientId must be the Base64 of a name');
  }
  return checkedName(textOf(name));
}

/**
 * The name with which a client identifies itself.
 * @throws {Fault} 40012 for an empty name, and for `*`, which is no name but stands for any
 */
export function checkedName(name: string): string {
  if (name === '' || name === '*') throw new Fault('invalid client id', 'it must not be empty, nor *');
  return name;
}
