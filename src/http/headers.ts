import { base64 } from '../platform/bytes.js';
import { AGENT } from './agent.js';

/** Ably's protocol version. @see RSC7e, CSV2 */
const PROTOCOL_VERSION = '6';

/** The headers of every request to Ably. @see RSC7e, RSA7e2 */
export function ablyHeaders(clientId: string | undefined): Readonly<Record<string, string>> {
  return {
    accept: 'application/json',
    'x-ably-version': PROTOCOL_VERSION,
    'ably-agent': AGENT,
    ...(clientId === undefined ? {} : { 'x-ably-clientid': base64(clientId) }),
  };
}

/** @see RSA11 */
export function basic(key: { readonly name: string; readonly secret: string }): string {
  return `Basic ${base64(`${key.name}:${key.secret}`)}`;
}

/** @see RSA3b */
export function bearer(token: string): string {
  return `Bearer ${base64(token)}`;
}
