import { createLocalJWKSet, createRemoteJWKSet, customFetch, type JWTPayload, jwtVerify } from 'jose';
import {
  checkNames,
  invalidArgument,
  method,
  given as optionsIn,
  record,
  wholeNumber,
} from '../checks/option-checks.js';
import { ErrorInfo } from '../errors/error-info.js';
import type { FetchFunction } from '../platform/fetch.js';
import { fieldOf } from '../redaction/received.js';
import { algorithmsIn, audienceIn, type Keys, keysIn } from './jwt-verifier-options.js';
import { Refusal } from './refusal.js';
import type { VerifiedToken, VerifyToken } from './verified-token.js';

/** The options of {@link jwtVerifier}. One of `jwks`, `key` and `secret` is needed. */
export interface JwtVerifierOptions {
  /** The key set of the issuer: its https address, which is asked when a key is needed, or `{ keys: […] }`. */
  readonly jwks?: string | URL | { readonly keys: readonly object[] };
  /** A public key: a `CryptoKey`, a `KeyObject` of Node, or a JWK. */
  readonly key?: object;
  /** A secret for HS256, 32 bytes or more. A text counts as UTF-8. */
  readonly secret?: string | Uint8Array;
  /** The claim `iss` must be this, or one of these. Default: it is not compared. */
  readonly issuer?: string | readonly string[];
  /** The claim `aud` must have this, or one of these. null: tokens for any audience are accepted. */
  readonly audience: string | readonly string[] | null;
  /**
   * The algorithms that are accepted. Default: `HS256` with a secret, those of the key with `key`, otherwise those with
   * a public key. An algorithm for the other kind of key is refused.
   */
  readonly algorithms?: readonly string[];
  /**
   * How far the clock of the issuer may be ahead of this one, ms: for `nbf`. `iat` is not compared with this clock. An
   * expired token is refused at once. Default: 5,000.
   */
  readonly clockTolerance?: number;
  /**
   * The identity of a token. Default: the claim `sub`. Without an identity a token is refused. To refuse tokens that
   * never expire: `({ sub, exp }) => (exp !== undefined && typeof sub === 'string' ? sub : null)`.
   */
  readonly identity?: (claims: Readonly<Record<string, unknown>>) => string | null | undefined;
  /** Replaces the platform's `fetch`, for the address in `jwks`. */
  readonly fetch?: FetchFunction;
}

const names = [
  'jwks',
  'key',
  'secret',
  'issuer',
  'audience',
  'algorithms',
  'clockTolerance',
  'identity',
  'fetch',
];

/** The codes of jose for a token that is unusable. With any other error the token was not judged. */
const UNUSABLE =
  /^ERR_(JW[STE]_(INVALID|EXPIRED|CLAIM_VALIDATION_FAILED|SIGNATURE_VERIFICATION_FAILED)|JOSE_(ALG_NOT_ALLOWED|NOT_SUPPORTED)|JWKS_(NO|MULTIPLE)_MATCHING_KEYS?)$/;

/**
 * Makes a function that verifies the JWTs of one issuer, with `jose`. It says who a token is for and when it expires.
 * A token that it refuses has a code from 40140 to 40149. An error that it throws (the key set cannot be loaded) says
 * nothing about the token. A token without the claim `exp` is accepted, and never expires.
 *
 * @throws {ErrorInfo} 40003: an option is invalid; the message names it
 *
 * @example
 * ```ts
 * import { jwtVerifier } from 'latchkey/server/ws';
 *
 * const verify = jwtVerifier({
 *   jwks: 'https://id.example.com/.well-known/jwks.json',
 *   issuer: 'https://id.example.com/',
 *   audience: 'chat',
 * });
 * console.log(typeof verify);
 * ```
 */
export function jwtVerifier(options: JwtVerifierOptions): VerifyToken {
  checkNames(record('options', options), names);
  const given = optionsIn(options, names);
  const keys = keysIn(given);
  const algorithms = algorithmsIn(given.algorithms, keys);
  const audience = audienceIn('audience', options.audience);
  if (audience === undefined) {
    throw invalidArgument(
      'audience must be a string, a list of strings or null',
      'Pass the name of this server, as the issuer writes it into aud. null accepts tokens for any server.',
    );
  }
  const issuer = audienceIn('issuer', given.issuer) ?? null;
  const toleranceMs = wholeNumber('clockTolerance', given.clockTolerance) ?? 5_000;
  const identity = method('identity', given.identity) ?? (({ sub }) => sub as string | undefined);
  const rules = {
    algorithms: [...algorithms],
    ...(issuer === null ? {} : { issuer: [...issuer] }),
    ...(audience === null ? {} : { audience: [...audience] }),
    clockTolerance: toleranceMs / 1_000,
  };
  const findKey = finder(keys, method('fetch', given.fetch));
  return async (token, { now }) => {
    let claims: JWTPayload;
    try {
      ({ payload: claims } = await jwtVerify(token, findKey, { ...rules, currentDate: new Date(now) }));
    } catch (thrown) {
      const code = fieldOf(thrown, 'code');
      if (typeof code === 'string' && UNUSABLE.test(code)) return refused(code, fieldOf(thrown, 'claim'));
      throw thrown;
    }
    return read(claims, identity(claims), now);
  };
}

type FindKey = Extract<Parameters<typeof jwtVerify>[1], (...given: never[]) => unknown>;

function finder({ found }: Keys, fetch: FetchFunction | undefined): FindKey {
  if (found.kind === 'key') return async () => found.key as Uint8Array;
  if (found.kind === 'set') return createLocalJWKSet(found.set as Parameters<typeof createLocalJWKSet>[0]);
  return createRemoteJWKSet(new URL(found.address), fetch === undefined ? {} : { [customFetch]: fetch });
}

function read(claims: JWTPayload, identity: unknown, now: number): VerifiedToken | Refusal {
  const { iat, exp } = claims;
  if (typeof identity !== 'string' || identity === '')
    return refusal(40144, 'the token has no identity: the claim sub is absent');
  // The tolerance is for clocks that are behind: an expired token is refused.
  if (exp !== undefined && exp * 1_000 <= now) return refusal(40142, 'the token has expired');
  const issued = iat === undefined ? {} : { issued: iat * 1_000 };
  const expires = exp === undefined ? {} : { expires: exp * 1_000 };
  return { identity, ...issued, ...expires, claims };
}

function refused(code: string, claim: unknown): Refusal {
  if (code === 'ERR_JWT_EXPIRED') return refusal(40142, 'the token has expired');
  const why = ['iss', 'aud', 'nbf', 'exp', 'iat', 'sub'].find((name) => name === claim);
  return refusal(
    40144,
    why === undefined ? 'the token is invalid' : `the claim ${why} of the token is wrong`,
  );
}

const refusal = (code: number, message: string): Refusal =>
  new Refusal(new ErrorInfo({ code, statusCode: 401, message, remediation: 'Send a new token.' }));
