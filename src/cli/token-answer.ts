import type { Auth } from '../index.js';

/** What the demonstration of a token endpoint answers. */
export interface TokenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The answer to a request for a token: a TokenRequest, signed for the client that the query names.
 *
 * @param issuer a client with the key
 * @param isUp whether the endpoint works
 */
export async function tokenAnswer(
  issuer: Auth,
  isUp: boolean,
  searchParams: URLSearchParams,
): Promise<TokenAnswer> {
  if (!isUp) return words(503, 'not available for now', { 'retry-after': '2' });
  const clientId = searchParams.get('clientId');
  const ttl = searchParams.get('ttl');
  try {
    const tokenRequest = await issuer.createTokenRequest({
      capability: { 'demo:*': ['publish', 'subscribe'] },
      ...(clientId === null ? {} : { clientId }),
      ...(ttl === null ? {} : { ttl: Number(ttl) }),
    });
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(tokenRequest),
    };
  } catch {
    return words(400, 'clientId or ttl is invalid');
  }
}

/** An answer that is a sentence. */
export const words = (status: number, body: string, headers = {}): TokenAnswer => ({
  status,
  headers: { 'content-type': 'text/plain', ...headers },
  body,
});
