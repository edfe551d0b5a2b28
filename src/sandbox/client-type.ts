import { Fault } from './fault.js';
import type { Grant } from './tokens.js';

/** Which side of an application a client is on: an account that is billed by monthly active users counts devices. */
export type ClientType = 'device' | 'server';

/**
 * The rules of such an account. They follow these pages of Ably only, and nothing that a client of ours does:
 *
 * - `codes/40168`, "Why it happens": the service needs to know of each client which of the two it is. Connections
 *   and requests that do not say are refused.
 * - `codes/40167`, "What you should do": a client with an API key may declare its type by a parameter.
 * - `codes/40167`, "Why it happens": with a token, the signed claim is the only declaration that counts.
 * - `codes/40167`, summary: a server by token without that claim is refused.
 * - migration guide of ably-js v3, "What declaring a side means": a device's connection must carry a client ID, and
 *   is rejected at connect without one. A client ID of a device has a limit of connections at a time. Neither
 *   applies to servers.
 * - the same, "With token authentication, you must add a claim": with a key, the agent entry `ably-pubsub-server` is
 *   enough.
 *
 * No page states the codes of the two rules for devices, nor how high the limit is.
 */
export function clientTypeOf(grant: Grant, declared: ClientType | undefined): ClientType {
  // A key has no time of issue.
  const isByKey = grant.issued === undefined;
  if (!isByKey && grant.clientType === 'server') return 'server';
  if (!isByKey && declared === 'server') throw new Fault('client type not signed by the token');
  const type = declared ?? grant.clientType;
  if (type === undefined) throw new Fault('client type not declared', 'it must be device or server');
  return type;
}

/** The type of a client that opens a connection. @throws {Fault} 40012, 40167, 40168 */
export function connectingAs(
  grant: Grant,
  clientId: string | null,
  declared: ClientType | undefined,
): ClientType {
  const type = clientTypeOf(grant, declared);
  if (type === 'device' && (clientId === null || clientId === '*'))
    throw new Fault('a device must have a clientId');
  return type;
}

/** The highest number of live connections of the devices of one clientId: Ably states none. */
export const MOST_OF_A_CLIENT = 10;

/** The declaration of a client: the parameter `clientType`, or else an entry in its agent. */
export function declaredType(parameter: string | null, agent: string | null): ClientType | undefined {
  if (parameter !== null) return typeIn(parameter);
  return typeIn(/(?:^|\s)ably-pubsub-(device|server)(?=[/\s]|$)/.exec(agent ?? '')?.[1]);
}

export function typeIn(value: unknown): ClientType | undefined {
  return value === 'device' || value === 'server' ? value : undefined;
}
