/**
 * A signed request for a token. Any program can exchange it for a token, once.
 * @see TE1–TE6
 */
export interface TokenRequest {
  readonly keyName: string;
  /** Lifetime, ms. */
  readonly ttl?: number;
  /** Canonical JSON text. */
  readonly capability?: string;
  readonly clientId?: string;
  /** ms since the epoch. */
  readonly timestamp: number;
  readonly nonce: string;
  /** Base64 of HMAC-SHA256 over the canonical text, with the key's secret. */
  readonly mac: string;
}

/**
 * The text to sign: six lines, each ended by a newline; an absent field is an empty line.
 * @see https://ably.com/docs/api/token-request-spec
 */
export function canonicalText(request: Omit<TokenRequest, 'mac'>): string {
  const { keyName, ttl, capability, clientId, timestamp, nonce } = request;
  return `${keyName}\n${ttl ?? ''}\n${capability ?? ''}\n${clientId ?? ''}\n${timestamp}\n${nonce}\n`;
}
