import type { Auth } from '../auth.js';
import type { Issuer } from '../client/issuer.js';
import { ErrorInfo } from '../errors/error-info.js';
import { keySigner } from '../signing/token-request.js';
import { parseTokenParams } from '../token/token-params.js';
import type { ParsedGrant } from './grant.js';
import { jwtSigner } from './jwt.js';
import type { TokenTerms } from './token-terms.js';

/** What a token endpoint can answer with. */
export type TokenFormat = 'token-request' | 'token' | 'jwt';

/** The body of an answer. */
export type MakeToken = (terms: TokenTerms, grant: ParsedGrant) => string | Promise<string>;

interface Format {
  readonly contentType: string;
  /** A shorter life than this it cannot tell, ms. */
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
        // At once, unless the service must be asked for its time: most of an answer's cost is waiting.
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

/** What cannot be put into a token must not be left out in silence: who revokes by it would revoke nothing. */
function jwtOnly({ revocationKey, claims }: ParsedGrant): void {
  if (revocationKey === undefined && claims === undefined) return;
  throw new ErrorInfo({
    code: 40003,
    statusCode: 500,
    message: 'grant gave a revocationKey or claims, which only a JWT can hold',
    remediation: "Make the endpoint with format: 'jwt', or leave them out.",
  });
}
