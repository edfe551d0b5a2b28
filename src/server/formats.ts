import type { Auth } from '../auth.js';
import type { Issuer } from '../client/issuer.js';
import { ErrorInfo } from '../errors/error-info.js';
import type { RandomBytes } from '../platform/random-bytes.js';
import { noncePool } from '../signing/nonces.js';
import { keySigner } from '../signing/token-request.js';
import { canonicalCapability } from '../token/capability.js';
import type { TokenParams } from '../token/token-params.js';
import type { TokenRequest } from '../token/token-request.js';
import type { ParsedGrant } from './grant.js';
import { jwtSigner } from './jwt.js';
import type { TokenTerms } from './token-terms.js';

/** The kinds of answers of a token endpoint. */
export type TokenFormat = 'token-request' | 'token' | 'jwt';

/** Makes the body of an answer. */
export type MakeToken = (terms: TokenTerms, grant: ParsedGrant) => string | Promise<string>;

interface Format {
  readonly contentType: string;
  /** The shortest lifetime that the format can express, ms. */
  readonly leastTtlMs: number;
  /** Whether a TokenRequest is signed for it, which needs random bytes. */
  readonly hasNonce: boolean;
  /** @param randomBytes instead of those of `auth` */
  readonly maker: (auth: Auth, issuer: Issuer, randomBytes: RandomBytes | undefined) => MakeToken;
}

/** Everything about a format in one place. */
export const formats: Readonly<Record<TokenFormat, Format>> = {
  'token-request': {
    contentType: 'application/json',
    leastTtlMs: 1,
    hasNonce: true,
    maker: (auth, { key, clock, queryTime, randomBytes }, ownBytes) => {
      const sign = keySigner(key.expose(), ownBytes ?? randomBytes);
      const signThroughClient = signerThrough(auth, ownBytes);
      return (terms, grant) => {
        jwtOnly(grant);
        // Signs at once, unless the service has to be asked for its time: waiting is most of the cost of an
        // answer.
        if (queryTime) return signThroughClient(terms).then((request) => JSON.stringify(request));
        // The terms were checked: the grant, and what was asked.
        const capability = canonicalCapability(terms.capability);
        return JSON.stringify(sign({ ...terms, capability }, clock.now()));
      };
    },
  },
  token: {
    contentType: 'application/json',
    leastTtlMs: 1,
    hasNonce: true,
    maker: (auth, _issuer, ownBytes) => {
      const source = ownBytes && { authCallback: signerThrough(auth, ownBytes) };
      return async (terms, grant) => {
        jwtOnly(grant);
        return JSON.stringify(await auth.requestToken(terms, source));
      };
    },
  },
  jwt: {
    contentType: 'application/jwt',
    leastTtlMs: 1_000,
    hasNonce: false,
    maker: (_auth, { key, clock }) => {
      const sign = jwtSigner(key.expose(), clock);
      return (terms, grant) => sign(terms, grant);
    },
  },
};

/** Signs through the client, by the service's time if the client does so. Nonces are made of `randomBytes`, if given. */
function signerThrough(auth: Auth, randomBytes: RandomBytes | undefined) {
  const nextNonce = randomBytes && noncePool(randomBytes);
  return (params: TokenParams): Promise<TokenRequest> =>
    auth.createTokenRequest(nextNonce ? { ...params, nonce: nextNonce() } : params);
}

/**
 * Refuses a revocation key or claims that the format has no room for. Without this error, a revocation by
 * that key would revoke nothing.
 */
function jwtOnly({ revocationKey, claims }: ParsedGrant): void {
  if (revocationKey === undefined && claims === undefined) return;
  throw new ErrorInfo({
    code: 40003,
    statusCode: 500,
    message: 'grant returned a revocationKey or claims, which only a JWT can contain',
    remediation: "Make the endpoint with format: 'jwt', or leave revocationKey and claims out.",
  });
}
