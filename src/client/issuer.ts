import type { Clock } from '../clock.js';
import type { Log } from '../log/log.js';
import type { RandomBytes } from '../platform/random-bytes.js';
import type { ApiKey } from '../token/api-key.js';
import { isSecret, type Secret } from '../token/secret.js';

/** What the token endpoint needs of an Auth, and what is not public. */
export interface Issuer {
  readonly key: Secret<ApiKey>;
  readonly clock: Clock;
  readonly keepAlive: boolean;
  /** Whether TokenRequests are signed with the time of the service instead of the local time. */
  readonly queryTime: boolean;
  /** undefined: those of the platform. */
  readonly randomBytes: RandomBytes | undefined;
  /** undefined: the Auth is of an older copy of the package. */
  readonly log?: Log;
}

/**
 * The key of the property with the issuer. It is not for applications. An Auth of another copy of the package has
 * it too.
 */
export const ISSUER: unique symbol = Symbol.for('latchkey.issuer') as never;

/** The issuer of an Auth. undefined: the Auth has no key, or has another source. */
export function issuerOf(auth: unknown): Issuer | undefined {
  if (typeof auth !== 'object' || auth === null || !(ISSUER in auth)) return undefined;
  const issuer = auth[ISSUER] as Partial<Issuer> | undefined;
  const isOne = isSecret(issuer?.key) && typeof issuer.clock?.now === 'function';
  return isOne ? (issuer as Issuer) : undefined;
}
