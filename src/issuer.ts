import type { Clock } from './clock.js';
import type { ApiKey } from './token/api-key.js';
import type { Sealed } from './token/sealed.js';

/** What issuing tokens needs of a client that its public side does not tell. */
export interface Issuer {
  readonly key: Sealed<ApiKey>;
  readonly clock: Clock;
  readonly keepAlive: boolean;
  /** Whether TokenRequests are signed by the service's time, not the local one. */
  readonly queryTime: boolean;
}

/** Where a client keeps this: known to this room alone, so that no application comes to depend on it. */
export const ISSUER = Symbol('issuer');

/** The client as an issuer; undefined unless it is one made with a key and no other source. */
export function issuerOf(auth: unknown): Issuer | undefined {
  return typeof auth === 'object' && auth !== null && ISSUER in auth ? (auth[ISSUER] as Issuer) : undefined;
}
