import { ErrorInfo } from '../errors/error-info.js';
import { canonicalCapability } from './capability.js';

/**
 * A token with its metadata. Times are ms since the epoch, by the issuer's clock.
 * @see TD1–TD7
 */
export interface TokenDetails {
  /** The token itself: opaque, an Ably token or a JWT (TN1). */
  readonly token: string;
  readonly keyName?: string;
  readonly issued?: number;
  readonly expires?: number;
  /** The granted capability, as canonical JSON text. */
  readonly capability?: string;
  /** `'*'`: any client. `null` or absent: anonymous. */
  readonly clientId?: string | null;
}

/** All fields of a token except the token itself. */
export type TokenMetadata = Omit<TokenDetails, 'token'>;

export function tokenMetadata(details: TokenDetails): TokenMetadata {
  const { token: _secret, ...facts } = details;
  return facts;
}

/**
 * Checks a received TokenDetails and copies its known fields. Times may be strings, as in a query string.
 *
 * @throws {ErrorInfo} 40170 names the invalid field
 */
export function parseTokenDetails(given: unknown): TokenDetails {
  if (typeof given !== 'object' || given === null) throw invalid('is not an object');
  const { token, keyName, issued, expires, capability, clientId } = given as Record<string, unknown>;
  if (typeof token !== 'string' || token === '') throw invalid('has no token');
  if (clientId !== undefined && clientId !== null && typeof clientId !== 'string') {
    throw invalid('has a clientId that is not a string');
  }
  const times = { issued: time('issued', issued), expires: time('expires', expires) };
  return Object.freeze({
    token,
    ...(typeof keyName === 'string' ? { keyName } : {}),
    ...(times.issued === undefined ? {} : { issued: times.issued }),
    ...(times.expires === undefined ? {} : { expires: times.expires }),
    ...(capability === undefined || capability === null ? {} : { capability: text(capability) }),
    // An empty clientId means an anonymous client, as in a TokenRequest.
    ...(clientId === undefined || clientId === '' ? {} : { clientId }),
  });
}

function time(name: string, given: unknown): number | undefined {
  if (given === undefined || given === null) return undefined;
  const ms = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  // Calculations with larger numbers would be wrong or infinite.
  if (typeof ms === 'number' && Math.abs(ms) <= Number.MAX_SAFE_INTEGER) return ms;
  throw invalid(`has a time that must be a number of ms since the epoch: ${name}`);
}

/** A string stays as the issuer wrote it; an object becomes canonical text. */
function text(capability: unknown): string {
  return typeof capability === 'string' ? capability : canonicalCapability(capability as object as never);
}

function invalid(what: string): ErrorInfo {
  return new ErrorInfo({
    code: 40170,
    reason: 'malformed',
    message: `the TokenDetails ${what}`,
  });
}
