import type { Auth } from '../auth.js';
import type { Issuer } from '../client/issuer.js';
import { ErrorInfo } from '../errors/error-info.js';
import { ServerTime } from '../http/server-time.js';
import { BODY_LIMIT } from '../platform/body.js';
import type { RandomBytes } from '../platform/random-bytes.js';
import { noncePool } from '../signing/nonces.js';
import { keySigner } from '../signing/token-request.js';
import { isLonger } from '../text.js';
import { canonicalCapability } from '../token/capability.js';
import type { TokenDetails } from '../token/token-details.js';
import type { TokenParams } from '../token/token-params.js';
import type { TokenRequest } from '../token/token-request.js';
import { prefersJwt } from './accept.js';
import type { ParsedGrant } from './grant.js';
import { jwtSigner, LONGEST_JWT } from './jwt.js';
import type { TokenTerms } from './token-terms.js';

/** The kinds of answers of a token endpoint. */
export type TokenFormat = 'token-request' | 'token' | 'jwt';

/** The body of an answer. */
export interface Body {
  readonly contentType: 'application/json' | 'application/jwt';
  readonly text: string;
}

/** Makes the body of the answer to a request. */
export type MakeBody = (terms: TokenTerms, grant: ParsedGrant, request: Request) => Body | Promise<Body>;

interface Format {
  /** The shortest lifetime that the format can express, ms. */
  readonly leastTtlMs: number;
  /** Whether a TokenRequest is signed for it, which needs random bytes. */
  readonly hasNonce: boolean;
  /** @param randomBytes instead of those of `auth` */
  readonly maker: (auth: Auth, issuer: Issuer, randomBytes: RandomBytes | undefined) => MakeBody;
}

/** Everything about a format in one place. */
export const formats: Readonly<Record<TokenFormat, Format>> = {
  'token-request': {
    leastTtlMs: 1,
    hasNonce: true,
    maker: (auth, { key, clock, queryTime, randomBytes }, ownBytes) => {
      const sign = keySigner(key.expose(), ownBytes ?? randomBytes);
      const signThroughClient = signerThrough(auth, ownBytes);
      return (terms, grant) => {
        jwtOnly(grant);
        // Signs at once, unless the service has to be asked for its time: waiting is most of the cost of an
        // answer.
        if (queryTime) return signThroughClient(terms).then(json);
        // The terms were checked: the grant, and what was asked.
        const capability = canonicalCapability(terms.capability);
        return json(sign({ ...terms, capability }, clock.now()));
      };
    },
  },
  token: {
    leastTtlMs: 1,
    hasNonce: true,
    maker: (auth, _issuer, ownBytes) => {
      const source = ownBytes && { authCallback: signerThrough(auth, ownBytes) };
      return async (terms, grant) => {
        jwtOnly(grant);
        return json(await auth.requestToken(terms, source));
      };
    },
  },
  jwt: {
    leastTtlMs: 1_000,
    hasNonce: false,
    maker: (auth, { key, clock, queryTime, log }) => {
      const sign = jwtSigner(key.expose());
      const time = new ServerTime(clock, () => auth.time());
      let isWarned = false;
      const body = (terms: TokenTerms, grant: ParsedGrant, request: Request): Body => {
        const details = sign(terms, grant, time.local());
        if (details.token.length > LONGEST_JWT && !isWarned) {
          isWarned = true;
          log?.(longJwt(details.token.length), 'warn');
        }
        return prefersJwt(request.headers.get('accept'))
          ? { contentType: 'application/jwt', text: details.token }
          : detailsBody(details);
      };
      return (terms, grant, request) =>
        queryTime
          ? time.now(true, new AbortController().signal).then(() => body(terms, grant, request))
          : body(terms, grant, request);
    },
  },
};

const longJwt = (length: number): string =>
  `the token endpoint made a JWT of ${length} characters. Many proxies and servers take no header above ${LONGEST_JWT}. ` +
  "Grant a pattern such as 'chat:*' instead of each channel, or use format: 'token-request'.";

const json = (content: object): Body => ({ contentType: 'application/json', text: JSON.stringify(content) });

/**
 * A JWT in a TokenDetails. The capability is in both, which makes a large grant longer than clients read: then only the
 * JWT has it.
 */
function detailsBody({ capability, ...details }: TokenDetails): Body {
  const whole = json({ ...details, capability });
  return isLonger(whole.text, BODY_LIMIT) ? json(details) : whole;
}

/** Signs through the client, by the service's time if the client does so. Nonces are made of `randomBytes`, if given. */
function signerThrough(auth: Auth, randomBytes: RandomBytes | undefined) {
  const nextNonce = randomBytes && noncePool(randomBytes);
  return (params: TokenParams): Promise<TokenRequest> =>
    auth.createTokenRequest(nextNonce ? { ...params, nonce: nextNonce() } : params);
}

/**
 * Refuses what the format has no room for. Without this error, a revocation by that key would revoke nothing, and
 * a server would be refused by the service.
 */
function jwtOnly({ revocationKey, claims, clientType }: ParsedGrant): void {
  const extra = Object.entries({ revocationKey, claims, clientType }).find(
    ([, value]) => value !== undefined,
  );
  if (extra === undefined) return;
  throw new ErrorInfo({
    code: 40003,
    statusCode: 500,
    message: `grant returned ${extra[0]}, which only a JWT can contain`,
    remediation: `Make the endpoint with format: 'jwt', or leave ${extra[0]} out.`,
  });
}
