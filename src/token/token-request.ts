/**
 * A signed request for a token, which whoever holds it can exchange for one, once.
 * @see TE1–TE6
 */
export interface TokenRequest {
  readonly keyName: string;
  /** ms. */
  readonly ttl?: number;
  /** Canonical JSON text. */
  readonly capability?: string;
  readonly clientId?: string;
  /** ms since the epoch. */
  readonly timestamp: number;
  readonly nonce: string;
  /** Base64 of HMAC-SHA256 over the request's canonical text, under the key's secret. */
  readonly mac: string;
}

/**
 * The text that is signed: six lines, each ended by a newline, an absent field an empty line.
 * @see https://ably.com/docs/api/token-request-spec
 */
export function canonicalText(request: Omit<TokenRequest, 'mac'>): string {
  const { keyName, ttl, capability, clientId, timestamp, nonce } = request;
  return `${keyName}\n${ttl ?? ''}\n${capability ?? ''}\n${clientId ?? ''}\n${timestamp}\n${nonce}\n`;
}
