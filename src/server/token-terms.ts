import { ErrorInfo } from '../errors/error-info.js';
import type { Capability } from '../token/capability.js';
import type { Asked } from './asked.js';
import { intersection } from './capability-intersection.js';
import type { ParsedGrant } from './grant.js';

/** What a token will say: never more than was granted, whatever was asked. */
export interface TokenTerms {
  /** null: an anonymous client. */
  readonly clientId: string | null;
  readonly capability: Capability;
  /** ms. */
  readonly ttl: number;
}

/**
 * @param leastTtlMs a shorter life than this cannot be told
 * @throws {ErrorInfo} 40160 when nothing of what was asked was granted · 40003 too short a life was asked for
 */
export function termsOf(grant: ParsedGrant, asked: Asked, leastTtlMs: number): TokenTerms {
  const ttl = Math.min(grant.ttl, asked.ttl ?? grant.ttl);
  if (ttl < leastTtlMs) throw new ErrorInfo({ code: 40003, message: `ttl is less than ${leastTtlMs} ms` });
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
    message: 'nothing of the capability that was asked for is granted',
    remediation: 'Ask for less, or leave capability out to get all that is granted.',
  });
}
