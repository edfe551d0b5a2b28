import type { Clock } from '../clock.js';
import type { RandomBytes } from '../platform/random-bytes.js';
import type { ApiKey } from '../token/api-key.js';
import { isSecret, type Secret } from '../token/secret.js';

/** What issuing tokens needs of a client that its public side does not tell. */
export interface Issuer {
  readonly key: Secret<ApiKey>;
  readonly clock: Clock;
  readonly keepAlive: boolean;
  /** Whether TokenRequests are signed by the service's time, not the local one. */
  readonly queryTime: boolean;
  /** undefined: the platform's. */
  readonly randomBytes: RandomBytes | undefined;
}

/** Where a client keeps this. No application is to depend on it; a client of another copy of the package has it too. */
export const ISSUER: unique symbol = Symbol.for('latchkey.issuer') as never;

/** The client as an issuer; undefined unless it is one made with a key and no other source. */
export function issuerOf(auth: unknown): Issuer | undefined {
  if (typeof auth !== 'object' || auth === null || !(ISSUER in auth)) return undefined;
  const issuer = auth[ISSUER] as Partial<Issuer> | undefined;
  const isOne = isSecret(issuer?.key) && typeof issuer.clock?.now === 'function';
  return isOne ? (issuer as Issuer) : undefined;
}
