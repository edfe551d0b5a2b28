import { adviceFor, type ErrorCode } from './remedies.js';

/**
 * The titles of the codes in Ably's registry. A page that does not import `errorCodes` does not load them.
 */
const meanings: Readonly<Record<ErrorCode, string>> = {
  40003: 'Invalid request parameter value',
  40005: 'Invalid API key or token',
  40012: 'Invalid client ID',
  40100: 'Unauthorized',
  40101: 'Authentication failed',
  40102: 'Incompatible credentials',
  40103: 'Basic authentication used over an insecure connection',
  40105: 'Nonce value replayed',
  40106: 'No valid authentication method provided',
  40140: 'Token not accepted',
  40142: 'Token expired',
  40160: 'Client lacks the required capability',
  40162: 'Operation requires Basic authentication',
  40170: 'Token callback failed',
  40171: 'Token renewal not configured',
  40300: 'Forbidden',
  50000: 'Internal server error',
  80003: 'Connection disconnected',
  80014: 'Connection timed out',
  80017: 'Connection closed',
  80019: 'Token request failed',
};

const withMeanings = (): typeof errorCodes =>
  Object.fromEntries(
    Object.entries(meanings).map(([code, meaning]) => [
      code,
      { meaning, remediation: adviceFor(Number(code)) },
    ]),
  ) as unknown as typeof errorCodes;

/**
 * The meaning and the remediation of every code that Latchkey itself raises. The meanings are the titles in Ably's
 * registry of error codes.
 * @see https://ably.com/docs/platform/errors/codes
 */
export const errorCodes: Readonly<
  Record<ErrorCode, { readonly meaning: string; readonly remediation: string }>
> = /* @__PURE__ */ withMeanings();
