import { ErrorInfo } from '../errors/error-info.js';
import type { Capability } from '../token/capability.js';
import type { Asked } from './asked.js';
import { intersection } from './capability-intersection.js';
import type { ParsedGrant } from './grant.js';

/** The contents of a token: never more than was granted, whatever was requested. */
export interface TokenTerms {
  /** null: an anonymous client. */
  readonly clientId: string | null;
  readonly capability: Capability;
  /** Lifetime, ms. */
  readonly ttl: number;
}

/**
 * Combines a grant with a request.
 *
 * @param leastTtlMs the shortest lifetime that the format can express, ms
 * @throws {ErrorInfo} 40160 nothing of the requested capability is granted · 40003 the requested lifetime is too short
 */
export function termsOf(grant: ParsedGrant, asked: Asked, leastTtlMs: number): TokenTerms {
  const ttl = Math.min(grant.ttl, asked.ttl ?? grant.ttl);
  if (ttl < leastTtlMs)
    throw new ErrorInfo({ code: 40003, message: `ttl must be at least ${leastTtlMs} ms` });
  return {
    clientId: grant.clientId === '*' ? (asked.clientId ?? '*') : grant.clientId,
    capability:
      asked.capability === undefined
        ? grant.capability
        : sharedCapability(grant.capability, asked.capability),
    ttl,
  };
}

function sharedCapability(granted: Capability, asked: Capability): Capability {
  const shared = intersection(granted, asked);
  if (Object.keys(shared).length > 0) return shared;
  throw new ErrorInfo({
    code: 40160,
    message: 'nothing of the requested capability is granted',
    remediation: 'Ask for less, or leave capability out to get everything that is granted.',
  });
}
