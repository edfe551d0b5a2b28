import type { Auth } from '../auth.js';
import {
  checkNames,
  flag,
  invalidOption,
  method,
  given as optionsIn,
  record,
  wholeNumber,
} from '../checks/option-checks.js';
import { issuerOf } from '../client/issuer.js';
import type { Clock } from '../clock.js';
import { ErrorInfo } from '../errors/error-info.js';
import { checkEndpointPlatform } from '../platform/globals.js';
import { checkRandomBytes, type RandomBytes } from '../platform/random-bytes.js';
import type { Asked } from './asked.js';
import { clockCheck } from './clock-check.js';
import { type Cors, type CorsOptions, parseCors } from './cors.js';
import { formats, type MakeBody, type TokenFormat } from './formats.js';
import type { Grant } from './grant.js';
import type { Refusal } from './refusal.js';

/** The third argument of `grant`, for work that must stop when the answer is no longer wanted. */
export interface GrantContext {
  /** Aborts when the time limit of the request is over. */
  readonly signal: AbortSignal;
}

/**
 * Decides who sent a request and what this user may do, from a session or another proof in the request. To
 * refuse, it returns or throws `refuse(401)` or `refuse(403)`; null means `refuse(401)`. If it throws
 * anything else, the answer is 500 without a token.
 *
 * @param asked what the client requests; the token never allows more than the grant
 */
export type GrantFunction = (
  request: Request,
  asked: Asked,
  context: GrantContext,
) => Grant | Refusal | null | Promise<Grant | Refusal | null>;

/** The options of {@link tokenEndpoint}. */
export interface TokenEndpointOptions {
  /** A client made with the key and no other source. */
  readonly auth: Auth;
  readonly grant: GrantFunction;
  /**
   * What the endpoint answers with. `jwt`, the default: a token that is signed here, in a TokenDetails; alone, as
   * `application/jwt`, if the request's `Accept` prefers that. `token-request`: signed here, exchanged for a token
   * by the client. `token`: requested from the service for each answer.
   */
  readonly format?: TokenFormat;
  /** Pages of other origins that may read the answers. Default: none. */
  readonly cors?: CorsOptions;
  /** The time limit for the body, `grant` and the token together, ms. Default: 10,000. */
  readonly timeout?: number;
  /**
   * Whether to compare the clock of this machine with that of the service, when tokens are signed with it: after the
   * first minute of answers, then at most once an hour. A difference of more than a minute is logged by `auth`.
   * Default: true.
   */
  readonly checkClock?: boolean;
  /**
   * Gives random bytes for the nonces of TokenRequests, for platforms without `crypto.getRandomValues`. Default:
   * the option of `auth`, otherwise the platform's.
   */
  readonly randomBytes?: RandomBytes;
  /**
   * Receives the reason of an answer with status 500 or above; the client does not learn it. Default:
   * `console.error`. It also receives the request, and must not log the secrets in it. It may be
   * asynchronous; an error it throws is dropped.
   */
  readonly onError?: (error: ErrorInfo, request: Request) => void;
}

/** The checked options. */
export interface ParsedTokenEndpointOptions {
  readonly grant: GrantFunction;
  readonly make: MakeBody;
  /** Called with each answer. undefined: the clock is not compared. */
  readonly checkClock: (() => void) | undefined;
  /** The shortest lifetime that the format can express, ms. */
  readonly leastTtlMs: number;
  readonly cors: Cors;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly keepAlive: boolean;
  readonly onError: (error: ErrorInfo, request: Request) => void;
}

const names = ['auth', 'grant', 'format', 'cors', 'timeout', 'checkClock', 'randomBytes', 'onError'];

/**
 * Checks the options.
 * @throws {ErrorInfo} 40003, 40101
 */
export function parseOptions(options: TokenEndpointOptions): ParsedTokenEndpointOptions {
  checkNames(record('options', options), names);
  const given = optionsIn(options, names);
  const { auth, format = 'jwt', cors, timeout, onError } = given;
  const issuer = issuerOf(auth);
  if (issuer === undefined) {
    throw new ErrorInfo({
      code: 40101,
      message: 'auth must be a Latchkey Auth that was made with a key and no other source',
      remediation: 'Pass auth: new Auth(process.env.ABLY_KEY), and use this client only for issuing.',
    });
  }
  const grant = method('grant', given.grant);
  if (grant === undefined) throw invalidOption('grant', 'a function', grant);
  if (typeof format !== 'string' || !Object.hasOwn(formats, format)) {
    throw invalidOption('format', `one of ${Object.keys(formats).join(', ')}`, format);
  }
  const { maker, leastTtlMs, hasNonce } = formats[format];
  const isSignedHere = format !== 'token' && !issuer.queryTime;
  const checkClock = flag('checkClock', given.checkClock) ?? true;
  const randomBytes = method('randomBytes', given.randomBytes);
  if (hasNonce && randomBytes === undefined && issuer.randomBytes === undefined) checkRandomBytes();
  checkEndpointPlatform(cors !== undefined);
  return {
    grant,
    make: maker(auth, issuer, randomBytes),
    leastTtlMs,
    checkClock: isSignedHere && checkClock ? clockCheck(auth, issuer) : undefined,
    cors: parseCors(cors),
    timeoutMs: wholeNumber('timeout', timeout) ?? 10_000,
    clock: issuer.clock,
    keepAlive: issuer.keepAlive,
    onError: method('onError', onError) ?? ((error) => console.error(error)),
  };
}
