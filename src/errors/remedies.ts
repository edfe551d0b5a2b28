/** The remediation of every code that Latchkey itself raises. */
export const remedies: Readonly<Record<ErrorCode, string>> = {
  40003: 'Correct the option or parameter that the message names.',
  40005: 'Copy the whole API key, "appId.keyId:secret", from the dashboard.',
  40012: "Pass clientId as a non-empty string without '*', or leave it out for an anonymous client.",
  40100: 'Sign in, then call authorize().',
  40101:
    'A TokenRequest can only be signed where the API key is: pass { key } here or in the client options.',
  40102: 'Issue tokens for the clientId this client was made with, or leave clientId out of its options.',
  40103: 'Leave tls on, or use token authentication (useTokenAuth, authUrl or authCallback).',
  40105:
    'The source gave the same TokenRequest again: sign a new one for each call, and let no cache store the answer.',
  40106: 'Pass one of key, token, tokenDetails, authCallback or authUrl.',
  40142: 'Get a new token: call authorize(), or pass the client a key, an authCallback or an authUrl.',
  40160:
    'Let the source grant what the message names: it must pass on the capability it is asked for, and the key must have it.',
  40162: 'Revoke tokens from a client made with the key alone, on a backend.',
  40170:
    'Look at the cause. A source must answer in time with a token string, a TokenDetails or a TokenRequest.',
  40171: 'Pass the client a key, an authCallback or an authUrl besides the token.',
  40300: 'This user may not have a token. Sign in again, then call authorize().',
  50000: 'Check that the endpoint is a service of this kind; see the cause.',
  80003: 'The connection is retried by itself; see the cause.',
  80014: 'Check that the service is reachable, or raise realtimeRequestTimeout.',
  80017: 'Make a new client, or connect again.',
  80019: 'The cause says why there is no token.',
};

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

/** The remediation of a code. undefined: Latchkey itself does not raise this code. */
export const adviceFor = (code: number): string | undefined => remedies[code as ErrorCode];
