import { type ErrorCode, remedies } from './remedies.js';

/**
 * The meaning of each code in the words of ably-common. A page that does not import `errorCodes` does not load
 * them.
 */
const meanings: Readonly<Record<ErrorCode, string>> = {
  40003: 'Invalid parameter value',
  40005: 'Invalid credential',
  40012: 'Invalid client ID',
  40100: 'Unauthorized',
  40101: 'Invalid credentials',
  40102: 'Incompatible credentials',
  40103: 'Basic authentication over an insecure connection',
  40105: 'Nonce value replayed',
  40106: 'No way to authenticate',
  40142: 'Token expired',
  40160: 'Operation not permitted with the capability of the token',
  40162: 'Basic authentication is needed',
  40170: 'The token source failed',
  40171: 'No means to renew the token',
  40300: 'The token source forbids it',
  50000: 'The server answered with something else',
  80003: 'Connection lost',
  80014: 'No answer from the server in time',
  80017: 'Connection or client closed',
  80019: 'Authentication of the connection failed',
};

const withMeanings = (): typeof errorCodes =>
  Object.fromEntries(
    Object.entries(meanings).map(([code, meaning]) => [
      code,
      { meaning, remediation: remedies[Number(code) as ErrorCode] },
    ]),
  ) as unknown as typeof errorCodes;

/**
 * The meaning and the remediation of every code that Latchkey itself raises. The meanings are those of
 * ably-common.
 */
export const errorCodes: Readonly<
  Record<ErrorCode, { readonly meaning: string; readonly remediation: string }>
> = /* @__PURE__ */ withMeanings();
