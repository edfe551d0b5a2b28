/** Every code Latchkey raises by itself: when, and what helps. Meanings are those of ably-common. */
export const errorCodes = {
  40003: {
    meaning: 'Invalid parameter value',
    remediation: 'Correct the option or parameter that the message names.',
  },
  40005: {
    meaning: 'Invalid credential',
    remediation: 'Copy the whole API key, "appId.keyId:secret", from the dashboard.',
  },
  40012: {
    meaning: 'Invalid client ID',
    remediation: "Give clientId as a non-empty string without '*', or leave it out for an anonymous client.",
  },
  40101: {
    meaning: 'Invalid credentials',
    remediation:
      'A TokenRequest can only be signed where the API key is: give { key } here or in the client options.',
  },
  40102: {
    meaning: 'Incompatible credentials',
    remediation:
      'Issue tokens for the clientId this client was made with, or leave clientId out of its options.',
  },
  40103: {
    meaning: 'Basic authentication over an insecure connection',
    remediation: 'Leave tls on, or use token authentication (useTokenAuth, authUrl or authCallback).',
  },
  40105: {
    meaning: 'Nonce value replayed',
    remediation:
      'The source gave the same TokenRequest again: sign a new one for each call, and let nothing cache the answer.',
  },
  40106: {
    meaning: 'No way to authenticate',
    remediation: 'Give one of key, token, tokenDetails, authCallback or authUrl.',
  },
  40142: {
    meaning: 'Token expired',
    remediation: 'Get a new token: call authorize(), or give the client a means to renew.',
  },
  40160: {
    meaning: 'Operation not permitted with the capability of the token',
    remediation:
      'Let the source grant what the message names: it must pass on the capability it is asked for, and the key must have it.',
  },
  40162: {
    meaning: 'Basic authentication is needed',
    remediation: 'Revoke tokens from a client made with the key alone, on a backend.',
  },
  40170: {
    meaning: 'The token source failed',
    remediation:
      'Look at the cause. A source must answer in time with a token string, a TokenDetails or a TokenRequest.',
  },
  40171: {
    meaning: 'No means to renew the token',
    remediation: 'Give the client a key, an authCallback or an authUrl besides the token.',
  },
  40300: {
    meaning: 'The token source forbids it',
    remediation: 'This user may not have a token. Sign in again, then call authorize().',
  },
  50000: {
    meaning: 'The server answered with something else',
    remediation: 'Check that the endpoint is a service of this kind; see the cause.',
  },
  80003: {
    meaning: 'Connection lost',
    remediation: 'The connection is retried by itself; see the cause.',
  },
  80014: {
    meaning: 'No answer from the server in time',
    remediation: 'Check that the service is reachable, or raise realtimeRequestTimeout.',
  },
  80017: {
    meaning: 'Connection or client closed',
    remediation: 'Make a new client, or connect again.',
  },
  80019: {
    meaning: 'Authentication of the connection failed',
    remediation: 'The cause says why there is no token.',
  },
} as const;

/** A code that Latchkey raises by itself. */
export type ErrorCode = keyof typeof errorCodes;

/** What the table advises about an error of ours; undefined for a code that is none of ours. */
export function adviceFor(code: number): string | undefined {
  return errorCodes[code as ErrorCode]?.remediation;
}
