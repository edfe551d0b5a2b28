import { didYouMean, invalidArgument, invalidOption, mistakenFor, record } from '../checks/option-checks.js';
import { ErrorInfo } from '../errors/error-info.js';
import { type Capability, canonicalCapability } from './capability.js';

/**
 * The parameters of a requested token. Times are ms.
 * @see TK1–TK2
 */
export interface TokenParams {
  /** Lifetime, ms. Absent: the service decides (60 minutes). */
  readonly ttl?: number | null;
  /** The requested rights, as JSON text or as an object. Absent: all rights of the key. */
  readonly capability?: string | Capability | null;
  /** The clientId of the token; `'*'` for any client, `null` for an anonymous one. */
  readonly clientId?: string | null;
  /** ms since the epoch. Used for this one request, never stored (TK2d). */
  readonly timestamp?: number | null;
  /** Used for this one request, never stored. */
  readonly nonce?: string | null;
}

/**
 * The TokenParams that an `authCallback` receives: checked, and the capability as JSON text. Other names that a caller
 * passed are there too. `clientId` is null only if a caller passed null; this type leaves that out, so that a callback
 * with the types of Ably's SDK fits.
 * @see RSA8d
 */
export interface RequestedTokenParams {
  readonly ttl?: number;
  readonly capability?: string;
  readonly clientId?: string;
  readonly timestamp?: number;
  readonly nonce?: string;
}

/** Checked and copied TokenParams. The capability is canonical text, and the copy is frozen. */
export interface ParsedTokenParams {
  readonly ttl?: number;
  readonly capability?: string;
  readonly clientId?: string | null;
  readonly timestamp?: number;
  readonly nonce?: string;
}

/** The names of TokenParams. */
export const tokenParamNames: readonly string[] = ['ttl', 'capability', 'clientId', 'timestamp', 'nonce'];

/**
 * Checks and copies TokenParams.
 * @throws {ErrorInfo} 40003 for an invalid ttl, capability, timestamp or nonce; 40012 for an invalid clientId
 */
export function parseTokenParams(params: TokenParams, name = 'tokenParams'): ParsedTokenParams {
  record(name, params);
  const { ttl, capability, clientId, timestamp, nonce } = params;
  const parsed: { -readonly [K in keyof ParsedTokenParams]: ParsedTokenParams[K] } = {};
  if (ttl !== undefined && ttl !== null) {
    if (!Number.isSafeInteger(ttl) || ttl <= 0)
      throw invalidOption('ttl', 'a whole number of ms above zero', ttl);
    parsed.ttl = ttl;
  }
  if (capability !== undefined && capability !== null && capability !== '') {
    parsed.capability = canonicalCapability(capability);
  }
  if (clientId === null) parsed.clientId = null;
  else if (clientId !== undefined) parsed.clientId = checkTokenClientId(clientId);
  if (timestamp !== undefined && timestamp !== null) {
    if (!Number.isSafeInteger(timestamp) || timestamp <= 0) {
      throw invalidOption('timestamp', 'ms since the epoch', timestamp);
    }
    parsed.timestamp = timestamp;
  }
  if (nonce !== undefined && nonce !== null) {
    if (typeof nonce !== 'string' || nonce.length === 0 || nonce.includes('\n')) {
      throw invalidArgument('nonce must be a non-empty string of one line');
    }
    parsed.nonce = nonce;
  }
  // All other names belong to the application: authCallback and authUrl receive them unchanged, and they are
  // never signed.
  for (const name of othersIn(params)) {
    checkTokenParamName(name);
    const value: unknown = (params as Record<string, unknown>)[name];
    Object.defineProperty(parsed, name, { value, enumerable: true });
  }
  return Object.freeze(parsed);
}

/**
 * Checks a name that is not known. A name that was mistyped would be ignored, and the token would have more rights
 * than were asked for.
 * @throws {ErrorInfo} 40003 for a name within two letters of a known one
 */
export function checkTokenParamName(name: string): void {
  const meant = mistakenFor(name, tokenParamNames);
  if (meant !== undefined) throw unknownName(name, didYouMean(meant));
}

/** Checks the names of TokenParams that are only signed. @throws {ErrorInfo} 40003 for an unknown name */
export function checkSignedNames(params: TokenParams): void {
  const [name] = othersIn(params);
  if (name === undefined) return;
  const known = tokenParamNames.join(', ');
  throw unknownName(
    name,
    `A key signs ${known}. Others need an authCallback or authUrl, which receives them.`,
  );
}

/** The names of values that are not of Ably's TokenParams. */
function othersIn(params: object): string[] {
  const all = params as Readonly<Record<string, unknown>>;
  return Object.keys(params).filter((name) => !tokenParamNames.includes(name) && all[name] !== undefined);
}

function unknownName(name: string, remediation: string): ErrorInfo {
  return invalidArgument(`unknown TokenParam ${JSON.stringify(name.slice(0, LONGEST_SHOWN))}`, remediation);
}

const LONGEST_SHOWN = 40;

/**
 * Checks the clientId of a token, which may be `'*'`; a client's own clientId may not (see `checkClientId`).
 */
function checkTokenClientId(clientId: unknown): string {
  if (typeof clientId !== 'string' || clientId === '') {
    throw new ErrorInfo({
      code: 40012,
      message: `tokenParams.clientId is ${clientId === '' ? 'empty' : `a ${typeof clientId}`}`,
      remediation: "Pass a non-empty string, '*' for any identity, null for none, or leave it out.",
    });
  }
  return clientId;
}
