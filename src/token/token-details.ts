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
export type TokenFacts = Omit<TokenDetails, 'token'>;

export function factsOf(details: TokenDetails): TokenFacts {
  const { token: _secret, ...facts } = details;
  return facts;
}
