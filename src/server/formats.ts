import type { Auth } from '../auth.js';
import type { Issuer } from '../client/issuer.js';
import { ErrorInfo } from '../errors/error-info.js';
import { keySigner } from '../signing/token-request.js';
import { parseTokenParams } from '../token/token-params.js';
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
  readonly maker: (auth: Auth, issuer: Issuer) => MakeToken;
}

/** Everything about a format in one place. */
export const formats: Readonly<Record<TokenFormat, Format>> = {
  'token-request': {
    contentType: 'application/json',
    leastTtlMs: 1,
    maker: (auth, { key, clock, queryTime }) => {
      const sign = keySigner(key.expose());
      return (terms, grant) => {
        jwtOnly(grant);
        // Signs at once, unless the service has to be asked for its time: waiting is most of the cost of an
        // answer.
        if (queryTime) return auth.createTokenRequest(terms).then((request) => JSON.stringify(request));
        return JSON.stringify(sign(parseTokenParams(terms), clock.now()));
      };
    },
  },
  token: {
    contentType: 'application/json',
    leastTtlMs: 1,
    maker: (auth) => async (terms, grant) => {
      jwtOnly(grant);
      return JSON.stringify(await auth.requestToken(terms));
    },
  },
  jwt: {
    contentType: 'application/jwt',
    leastTtlMs: 1_000,
    maker: (_auth, { key, clock }) => {
      const sign = jwtSigner(key.expose(), clock);
      return (terms, grant) => sign(terms, grant);
    },
  },
};

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
