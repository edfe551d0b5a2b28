import { ErrorInfo } from '../errors/error-info.js';
import { canonicalCapability } from './capability.js';

/**
 * A token and what is known about it. Times are ms since the epoch, by the issuer's clock.
 * @see TD1–TD7
 */
export interface TokenDetails {
  /** The token itself: opaque, an Ably token or a JWT (TN1). */
  readonly token: string;
  readonly keyName?: string;
  readonly issued?: number;
  readonly expires?: number;
  /** Canonical JSON text of what the token allows. */
  readonly capability?: string;
  /** `'*'`: any identity. `null` or absent: none. */
  readonly clientId?: string | null;
}

/** What may be told about a token: everything but the token. */
export type TokenMetadata = Omit<TokenDetails, 'token'>;

export function tokenMetadata(details: TokenDetails): TokenMetadata {
  const { token: _secret, ...facts } = details;
  return facts;
}

/**
 * A copy of something from outside that is said to be a TokenDetails, with nothing else in it.
 * Times may be text, as a query string makes them.
 *
 * @throws {ErrorInfo} 40170 naming the field that cannot be.
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
    // An empty one names nobody, as in a TokenRequest.
    ...(clientId === undefined || clientId === '' ? {} : { clientId }),
  });
}

function time(name: string, given: unknown): number | undefined {
  if (given === undefined || given === null) return undefined;
  const ms = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  // Of what is beyond, differences are wrong or infinite.
  if (typeof ms === 'number' && Math.abs(ms) <= Number.MAX_SAFE_INTEGER) return ms;
  throw invalid(`has a time that must be a number of ms since the epoch: ${name}`);
}

/** Text stays as the issuer wrote it; an object becomes canonical text. */
function text(capability: unknown): string {
  return typeof capability === 'string' ? capability : canonicalCapability(capability as object as never);
}

function invalid(what: string): ErrorInfo {
  return new ErrorInfo({ code: 40170, statusCode: 401, message: `the TokenDetails ${what}` });
}
