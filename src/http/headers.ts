import { base64 } from '../platform/bytes.js';
import { agentWith } from './agent.js';

/** Ably's protocol version. @see RSC7e, CSV2 */
const PROTOCOL_VERSION = '6';

/** What every request says of its client. */
interface Declared {
  readonly clientId?: string | undefined;
  /** The programs that use the client, as `name/version`. */
  readonly agents?: string | undefined;
}

/** The headers of every request to Ably. @see RSC7e, RSA7e2 */
export function ablyHeaders({ agents, clientId }: Declared): Readonly<Record<string, string>> {
  return {
    accept: 'application/json',
    'x-ably-version': PROTOCOL_VERSION,
    'ably-agent': agentWith(agents),
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
