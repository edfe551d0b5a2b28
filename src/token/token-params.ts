import { invalidOption, record } from '../checks/option-checks.js';
import { ErrorInfo } from '../errors/error-info.js';
import { type Capability, canonicalCapability } from './capability.js';

/**
 * What is asked of a token. Times are ms.
 * @see TK1–TK2
 */
export interface TokenParams {
  /** Lifetime in ms. Left out, the service decides (60 min). */
  readonly ttl?: number | null;
  /** What the token may do, as JSON text or as an object. Left out: all the key may. */
  readonly capability?: string | Capability | null;
  /** Who the token is for; `'*'` for any identity, `null` for none. */
  readonly clientId?: string | null;
  /** ms since the epoch; for this one request, never stored (TK2d). */
  readonly timestamp?: number | null;
  /** For this one request, never stored. */
  readonly nonce?: string | null;
}

/** Checked, copied TokenParams: the capability is canonical text, the copy is ours and frozen. */
export interface ParsedTokenParams {
  readonly ttl?: number;
  readonly capability?: string;
  readonly clientId?: string | null;
  readonly timestamp?: number;
  readonly nonce?: string;
}

const NAMES = new Set(['ttl', 'capability', 'clientId', 'timestamp', 'nonce']);

/**
 * @throws {ErrorInfo} 40003 for a ttl, capability, timestamp or nonce that cannot be; 40012 for a clientId.
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
      throw new ErrorInfo({ code: 40003, message: 'nonce is not a non-empty string of one line' });
    }
    parsed.nonce = nonce;
  }
  // Other names are the application's: they reach authCallback and authUrl unchanged, and are never signed.
  for (const name of Object.keys(params)) {
    if (NAMES.has(name)) continue;
    const value: unknown = (params as Record<string, unknown>)[name];
    if (value !== undefined) Object.defineProperty(parsed, name, { value, enumerable: true });
  }
  return Object.freeze(parsed);
}

/** A token may be for `'*'`; a client's own clientId may not (see `checkClientId`). */
function checkTokenClientId(clientId: unknown): string {
  if (typeof clientId !== 'string' || clientId === '') {
    throw new ErrorInfo({
      code: 40012,
      message: `tokenParams.clientId is ${clientId === '' ? 'empty' : `a ${typeof clientId}`}`,
      remediation: "Give a non-empty string, '*' for any identity, null for none, or leave it out.",
    });
  }
  return clientId;
}
