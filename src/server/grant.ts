import { checkNames } from '../checks/option-checks.js';
import { ErrorInfo } from '../errors/error-info.js';
import { parseJson } from '../redaction/received.js';
import type { Capability } from '../token/capability.js';
import { excessOf, GRANTED_LIMITS } from './capability-limits.js';

/** The identity of a user, and the most that the user may do. */
export interface Grant {
  /**
   * The user's identity. Absent or null: an anonymous client. `'*'`: the client may choose its `clientId`; a
   * token that is requested for one `clientId` is valid for that one only.
   */
  readonly clientId?: string | null;
  /**
   * What the user may do, by channel; at most 2,048 channels and patterns. All rights of the key:
   * `{ '[*]*': ['*'] }`.
   */
  readonly capability: Capability | string;
  /** The longest lifetime of a token, ms, at most 24 hours; with a revocationKey, one hour. Default: one hour. */
  readonly ttl?: number;
  /** JWTs only: a name by which tokens can be revoked. @see https://ably.com/docs/auth/revocation */
  readonly revocationKey?: string;
  /**
   * JWTs only: information about this client for subscribers and rules, by channel, as in
   * `{ 'ably.channel.chat:*': 'moderator' }`, and limits, as in
   * `{ 'ably.limits.publish.perAttachment.maxRate.chat': 10 }`.
   * @see https://ably.com/docs/auth/capabilities
   */
  readonly claims?: Readonly<Record<string, string | number>>;
  /**
   * JWTs only: the client is a server of your own, on an account that is billed by monthly active users. A client
   * cannot request this.
   * @see https://ably.com/docs/platform/errors/codes/40167-untrusted-client-type-declaration
   */
  readonly clientType?: 'server';
}

/** A grant whose fields were checked. */
export interface ParsedGrant {
  readonly clientId: string | null;
  readonly capability: Capability;
  readonly ttl: number;
  readonly revocationKey: string | undefined;
  readonly claims: Readonly<Record<string, string | number>> | undefined;
  readonly clientType: 'server' | undefined;
}

const HOUR_MS = 3_600_000;

/** The service issues no token for longer. @see https://ably.com/docs/auth/token */
export const LONGEST_TTL_MS = 24 * HOUR_MS;

const names = ['clientId', 'capability', 'ttl', 'revocationKey', 'claims', 'clientType'];

/**
 * Checks what `grant` returned.
 *
 * @param leastTtlMs the shortest lifetime that the format can express, ms
 * @throws {ErrorInfo} 40003 names the invalid field; this is a mistake of the application
 */
export function parseGrant(given: unknown, leastTtlMs: number): ParsedGrant {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalid(
      `returned ${given === undefined ? 'nothing' : Array.isArray(given) ? 'an array' : typeof given}`,
    );
  }
  checkFieldNames(given);
  const { clientId = null, capability, ttl = HOUR_MS, revocationKey } = given as Partial<Grant>;
  const { claims, clientType } = given as Partial<Grant>;
  if (clientId !== null && !isLine(clientId))
    throw invalid('returned a clientId that is not a string of one line');
  if (!Number.isSafeInteger(ttl) || ttl < leastTtlMs) {
    throw invalid(`returned a ttl that is not a whole number of ms, ${leastTtlMs} or more`);
  }
  if (revocationKey !== undefined && !isLine(revocationKey)) {
    throw invalid('returned a revocationKey that is not a string of one line');
  }
  // Tokens that can be revoked live for at most an hour. @see https://ably.com/docs/auth/revocation
  const longest = revocationKey === undefined ? LONGEST_TTL_MS : HOUR_MS;
  if (ttl > longest) {
    const kind = revocationKey === undefined ? 'a token' : 'a token with a revocationKey';
    throw invalid(`returned a ttl of ${ttl} ms, and the service allows ${kind} at most ${longest} ms`);
  }
  if (clientType !== undefined && clientType !== 'server')
    throw invalid("returned a clientType that is not 'server'; leave it out for devices");
  return {
    clientId,
    capability: checkCapability(capability),
    ttl,
    revocationKey,
    claims: claims === undefined ? undefined : checkClaims(claims),
    clientType,
  };
}

function checkFieldNames(given: object): void {
  try {
    checkNames(given, names);
  } catch (fault) {
    const { code, message, remediation } = fault as ErrorInfo;
    throw new ErrorInfo({ code, message: `grant returned the ${message}`, remediation });
  }
}

/** A token without a capability has all rights of the key. So a grant must name its capability. */
function checkCapability(given: unknown): Capability {
  const capability: unknown = typeof given === 'string' ? fromText(given) : given;
  if (typeof capability !== 'object' || capability === null || Array.isArray(capability)) {
    throw invalid('returned no capability, or one that is not an object of operations by channel');
  }
  const names = Object.keys(capability);
  if (names.length === 0) throw invalid('returned a capability that allows nothing');
  for (const name of names) {
    const operations: unknown = (capability as Capability)[name];
    if (!Array.isArray(operations) || operations.length === 0 || !operations.every(isOperation)) {
      throw invalid(
        `returned a capability with a value that is not a list of operations under ${JSON.stringify(name)}`,
      );
    }
  }
  const excess = excessOf(capability as Capability, GRANTED_LIMITS);
  if (excess === undefined) return capability as Capability;
  throw new ErrorInfo({
    code: 40003,
    message: `grant returned a capability that ${excess}`,
    remediation: 'Grant a pattern such as "chat:*" instead of each channel by its name.',
  });
}

function isOperation(operation: unknown): boolean {
  return typeof operation === 'string' && operation !== '';
}

function fromText(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

const CLAIM = /^ably\.(channel|limits)\../;

function checkClaims(claims: unknown): ParsedGrant['claims'] {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) {
    throw invalid('returned claims that are not an object');
  }
  for (const [name, value] of Object.entries(claims)) {
    if (!CLAIM.test(name))
      throw invalid(
        `returned the claim ${JSON.stringify(name)}, which must begin with "ably.channel." or "ably.limits."`,
      );
    if (typeof value !== 'string' && !Number.isFinite(value)) {
      throw invalid(
        `returned the claim ${JSON.stringify(name)} with a value that is neither a string nor a number`,
      );
    }
    if (name.startsWith('ably.limits.') && typeof value === 'string')
      throw invalid(`returned the claim ${JSON.stringify(name)} with a string: a limit must be a number`);
  }
  return claims as ParsedGrant['claims'];
}

/** Line breaks, other control characters and lone surrogates. */
const CONTROL = /[\p{Cc}\p{Cs}]/u;

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
