import { checkNames } from '../checks/option-checks.js';
import { ErrorInfo } from '../errors/error-info.js';
import type { Capability } from '../token/capability.js';
import { excessOf, GRANTED_LIMITS } from './capability-limits.js';

/** Who somebody is, and the most they may do. */
export interface Grant {
  /**
   * Who they are. Left out or null: an anonymous client. `'*'`: they may be whoever they say, and a
   * token that is asked for one name is for this name alone.
   */
  readonly clientId?: string | null;
  /** What they may do, by channel; at most 2,048 of them. All the key may: `{ '[*]*': ['*'] }`. */
  readonly capability: Capability | string;
  /** The longest life of a token, ms. Default: an hour. */
  readonly ttl?: number;
  /** JWTs only: a name to revoke tokens by. @see https://ably.com/docs/auth/revocation */
  readonly revocationKey?: string;
  /**
   * JWTs only: what subscribers and rules shall know of this client by channel, as in
   * `{ 'ably.channel.chat:*': 'moderator' }`, and limits, as in `{ 'ably.limits.publish.perAttachment.maxRate.chat': 10 }`.
   * @see https://ably.com/docs/auth/capabilities
   */
  readonly claims?: Readonly<Record<string, string | number>>;
}

/** A grant that was checked: nothing in it can be anything else. */
export interface ParsedGrant {
  readonly clientId: string | null;
  readonly capability: Capability;
  readonly ttl: number;
  readonly revocationKey: string | undefined;
  readonly claims: Readonly<Record<string, string | number>> | undefined;
}

const HOUR_MS = 3_600_000;

const names = ['clientId', 'capability', 'ttl', 'revocationKey', 'claims'];

/**
 * @param leastTtlMs a shorter life than this the token could not tell
 * @throws {ErrorInfo} 40003 naming what cannot be: the application's mistake, not the client's
 */
export function parseGrant(given: unknown, leastTtlMs: number): ParsedGrant {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalid(
      `gave ${given === undefined ? 'nothing' : Array.isArray(given) ? 'an array' : typeof given}`,
    );
  }
  checkNames(given, names);
  const { clientId = null, capability, ttl = HOUR_MS, revocationKey, claims } = given as Partial<Grant>;
  if (clientId !== null && !isLine(clientId))
    throw invalid('gave a clientId that is not a string of one line');
  if (!Number.isSafeInteger(ttl) || ttl < leastTtlMs) {
    throw invalid(`gave a ttl that is not a whole number of ms from ${leastTtlMs} on`);
  }
  if (revocationKey !== undefined && !isLine(revocationKey)) {
    throw invalid('gave a revocationKey that is not a string of one line');
  }
  return {
    clientId,
    capability: checkCapability(capability),
    ttl,
    revocationKey,
    claims: claims === undefined ? undefined : checkClaims(claims),
  };
}

/** A grant without a capability would be one of all there is: that must be said, not forgotten. */
function checkCapability(given: unknown): Capability {
  const capability: unknown = typeof given === 'string' ? fromText(given) : given;
  if (typeof capability !== 'object' || capability === null || Array.isArray(capability)) {
    throw invalid('gave no capability, or one that is not an object of operations by channel');
  }
  const names = Object.keys(capability);
  if (names.length === 0) throw invalid('gave a capability that allows nothing');
  for (const name of names) {
    const operations: unknown = (capability as Capability)[name];
    if (!Array.isArray(operations) || operations.length === 0 || !operations.every(isOperation)) {
      throw invalid(`gave a capability with something else than operations under ${JSON.stringify(name)}`);
    }
  }
  const excess = excessOf(capability as Capability, GRANTED_LIMITS);
  if (excess === undefined) return capability as Capability;
  throw new ErrorInfo({
    code: 40003,
    message: `grant gave a capability that ${excess}`,
    remediation: 'Grant a pattern such as "chat:*" instead of each channel by its name.',
  });
}

function isOperation(operation: unknown): boolean {
  return typeof operation === 'string' && operation !== '';
}

function fromText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const CLAIM = /^ably\.(channel|limits)\../;

function checkClaims(claims: unknown): ParsedGrant['claims'] {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) {
    throw invalid('gave claims that are not an object');
  }
  for (const [name, value] of Object.entries(claims)) {
    if (!CLAIM.test(name))
      throw invalid(`gave the claim ${JSON.stringify(name)}, which is none of a channel`);
    if (typeof value !== 'string' && !Number.isFinite(value)) {
      throw invalid(`gave the claim ${JSON.stringify(name)} a value that is neither text nor a number`);
    }
  }
  return claims as ParsedGrant['claims'];
}

const CONTROL = /\p{Cc}/u;

function isLine(text: unknown): text is string {
  return typeof text === 'string' && text !== '' && !CONTROL.test(text);
}

function invalid(what: string): ErrorInfo {
  return new ErrorInfo({
    code: 40003,
    message: `grant ${what}`,
    remediation:
      "Return { clientId, capability: { 'chat:*': ['subscribe'] } }, or refuse(401) or refuse(403).",
  });
}
