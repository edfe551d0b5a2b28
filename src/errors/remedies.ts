/** A code that Latchkey itself raises. */
export type ErrorCode =
  | 40003
  | 40005
  | 40012
  | 40100
  | 40101
  | 40102
  | 40103
  | 40105
  | 40106
  | 40140
  | 40142
  | 40160
  | 40162
  | 40170
  | 40171
  | 40300
  | 50000
  | 80003
  | 80014
  | 80017
  | 80019;

/**
 * For every code that Latchkey itself raises: its name in Ably's registry of error codes, and the remediation.
 * @see https://ably.com/docs/platform/errors/codes
 */
const known: Readonly<Record<ErrorCode, readonly [name: string, advice: string]>> = {
  40003: ['invalid-parameter-value', 'Correct the option or parameter that the message names.'],
  40005: ['invalid-credential', 'Copy the whole API key, "appId.keyId:secret", from the dashboard.'],
  40012: [
    'invalid-client-id',
    "Pass clientId as a non-empty string without '*', or leave it out for an anonymous client.",
  ],
  40100: ['unauthorized', 'Sign in, then call authorize().'],
  40101: [
    'invalid-credentials',
    'A TokenRequest can only be signed where the API key is: pass { key } here or in the client options.',
  ],
  40102: [
    'incompatible-credentials',
    'Issue tokens for the clientId this client was made with, or leave clientId out of its options.',
  ],
  40103: [
    'invalid-use-of-basic-auth-over-non-tls-transport',
    'Leave tls on, or use token authentication (useTokenAuth, authUrl or authCallback).',
  ],
  40105: [
    'nonce-value-replayed',
    'The source gave the same TokenRequest again: sign a new one for each call, and let no cache store the answer.',
  ],
  40106: [
    'no-valid-authentication-method-provided',
    'Pass one of key, token, tokenDetails, authCallback or authUrl.',
  ],
  40140: [
    'token-error-unspecified',
    'Look at the log of the server. The client gets another token by itself.',
  ],
  40142: [
    'token-expired',
    'Get a new token: call authorize(), or pass the client a key, an authCallback or an authUrl.',
  ],
  40160: [
    'capability-denied',
    'Let the source grant what the message names: it must pass on the capability it is asked for, and the key must have it.',
  ],
  40162: [
    'operation-requires-basic-authentication',
    'Revoke tokens from a client made with the key alone, on a backend.',
  ],
  40170: [
    'error-from-client-token-callback',
    'Look at the cause. A source must answer in time with a token string, a TokenDetails or a TokenRequest.',
  ],
  // RSA4a1 wants this address in the log.
  40171: [
    'token-renewal-not-configured',
    'Pass the client a key, an authCallback or an authUrl besides the token (https://help.ably.io/error/40171).',
  ],
  40300: ['forbidden', 'This user may not have a token. Sign in again, then call authorize().'],
  50000: ['internal-error', 'Check that the endpoint is a service of this kind; see the cause.'],
  80003: ['connection-disconnected', 'The connection is retried by itself; see the cause.'],
  80014: ['connection-timed-out', 'Check that the service is reachable, or raise realtimeRequestTimeout.'],
  80017: ['connection-closed', 'Make a new client, or connect again.'],
  80019: ['token-request-failed', 'The cause says why there is no token.'],
};

const knownOf = (code: number): readonly [name: string, advice: string] | undefined =>
  known[code as ErrorCode];

/** The remediation of a code. undefined: Latchkey itself does not raise this code. */
export const adviceFor = (code: number): string | undefined => knownOf(code)?.[1];

/** The page about a code. Codes that Latchkey does not raise have the address that all codes have (TI5). */
export function pageAbout(code: number): string {
  const name = knownOf(code)?.[0];
  return name === undefined
    ? `https://help.ably.io/error/${code}`
    : `https://ably.com/docs/platform/errors/codes/${code}-${name}`;
}
