import { invalidArgument } from '../checks/option-checks.js';
import { ErrorInfo, isTokenError } from '../errors/error-info.js';
import { addressOf } from '../platform/address.js';
import { entriesIn, fieldOf, parseJson, textIn } from '../redaction/received.js';
import { fromBase64 } from '../text.js';
import { jwtClaims } from '../token/jwt.js';
import type { TokenDetails } from '../token/token-details.js';
import type { FetchTarget } from './fetch-target.js';

/** The code that Ably's servers have for a refused token. Servers of the application have none. */
const REFUSED = 40140;

/** The servers of the application, by the option `fetchOrigins`. @see RFC 6750 */
export function ownTarget(given: readonly string[]): FetchTarget {
  const origins = given.map((one, index) => {
    const origin = addressOf(one)?.origin;
    if (origin !== undefined) return origin;
    throw invalidArgument(`fetchOrigins[${index}] cannot be read as an address`);
  });
  return {
    origins,
    hosts: () => undefined,
    originOf: (host) => host,
    check: (token) => {
      if (isOfAbly(token)) throw ablyToken();
    },
    authorization: (token) => `Bearer ${token}`,
    address: (url) => url,
    headers: (given) => given,
    refusal: (error, response) => {
      if (!isAboutTheToken(response.headers.get('www-authenticate'))) return null;
      if (isTokenError(error)) return error;
      const { retryAfterMs } = error;
      const host = addressOf(response.url)?.host ?? 'the server';
      const message = `${host} refused the token`;
      return new ErrorInfo({ code: REFUSED, statusCode: 401, message, retryAfterMs, origin: 'server' });
    },
    isWithin: ({ origin }) => origins.includes(origin),
  };
}

/** Whether a 401 says that the token is unusable. A page may not see the header of another origin. */
function isAboutTheToken(challenge: string | null): boolean {
  if (challenge === null) return true;
  if (!/(^|[\s,])bearer([\s,]|$)/i.test(challenge)) return false;
  const [, error = 'invalid_token'] = /[\s,]error\s*=\s*"?([\w-]+)/i.exec(challenge) ?? [];
  return error === 'invalid_token';
}

/**
 * Whether a token is for Ably: its details name a key, it is an Ably token (two parts), or it is a JWT with a claim of
 * Ably or that is signed with a key of Ably.
 */
function isOfAbly({ token, keyName }: TokenDetails): boolean {
  if (keyName !== undefined) return true;
  const parts = token.split('.');
  if (parts.length === 2) return true;
  const claims = jwtClaims(token);
  if (entriesIn(claims, MOST_CLAIMS).some(([name]) => name.startsWith('x-ably-'))) return true;
  const header = headerOf(parts[0] ?? '');
  return fieldOf(header, 'alg') === 'HS256' && /^[\w-]+\.[\w-]+$/.test(textIn(header, 'kid') ?? '');
}

const MOST_CLAIMS = 1_000;

function headerOf(part: string): unknown {
  try {
    return parseJson(fromBase64(part));
  } catch {
    return undefined;
  }
}

const ablyToken = (): ErrorInfo =>
  new ErrorInfo({
    code: 40003,
    message: 'the token is for Ably, and fetchOrigins names servers that must not get it',
    remediation: 'Make another Auth for your own servers, whose source gives tokens for them.',
  });
