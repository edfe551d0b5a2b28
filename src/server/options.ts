import type { Auth } from '../auth.js';
import {
  checkNames,
  invalidOption,
  method,
  given as optionsIn,
  record,
  wholeNumber,
} from '../checks/option-checks.js';
import { issuerOf } from '../client/issuer.js';
import type { Clock } from '../clock.js';
import { ErrorInfo } from '../errors/error-info.js';
import type { Asked } from './asked.js';
import { type Cors, type CorsOptions, parseCors } from './cors.js';
import { formats, type MakeToken, type TokenFormat } from './formats.js';
import type { Grant } from './grant.js';
import type { Refusal } from './refusal.js';

/** For work that should stop when nobody waits for it any more. */
export interface GrantContext {
  /** Aborts when the request's time is up. */
  readonly signal: AbortSignal;
}

/**
 * Says who sent a request and what they may do, from a session or another proof in the request; or
 * refuses, by returning or throwing `refuse(401)` or `refuse(403)`, null being the former. Anything else it
 * throws is answered with 500 and no token.
 *
 * @param asked what the client would like; it is narrowed to the grant in any case
 */
export type GrantFunction = (
  request: Request,
  asked: Asked,
  context: GrantContext,
) => Grant | Refusal | null | Promise<Grant | Refusal | null>;

/** What a token endpoint is made from. */
export interface TokenEndpointOptions {
  /** A client made with the key and no other source. */
  readonly auth: Auth;
  readonly grant: GrantFunction;
  /**
   * `token-request`, the default: signed here, exchanged for a token by the client. `jwt`: signed here,
   * and a token itself. `token`: got from the service with each request.
   */
  readonly format?: TokenFormat;
  /** Default: only pages of the endpoint's own origin can read its answers. */
  readonly cors?: CorsOptions;
  /** For the body, `grant` and the token together, ms. Default: 10,000. */
  readonly timeout?: number;
  /**
   * Hears why an answer was 500 or above: the client is told nothing of it. Default: `console.error`.
   * It gets the request too, and must not log what is secret in there. It may be asynchronous; what it
   * fails with is dropped.
   */
  readonly onError?: (error: ErrorInfo, request: Request) => void;
}

/** Checked options. */
export interface ParsedTokenEndpointOptions {
  readonly grant: GrantFunction;
  readonly contentType: string;
  readonly make: MakeToken;
  /** A shorter life than this the format cannot tell, ms. */
  readonly leastTtlMs: number;
  readonly cors: Cors;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly keepAlive: boolean;
  readonly onError: (error: ErrorInfo, request: Request) => void;
}

const names = ['auth', 'grant', 'format', 'cors', 'timeout', 'onError'];

/** @throws {ErrorInfo} 40003, 40101 */
export function parseOptions(options: TokenEndpointOptions): ParsedTokenEndpointOptions {
  checkNames(record('options', options), names);
  const given = optionsIn(options, names);
  const { auth, format = 'token-request', cors, timeout, onError } = given;
  const issuer = issuerOf(auth);
  if (issuer === undefined) {
    throw new ErrorInfo({
      code: 40101,
      message: 'auth must be a Latchkey Auth that was made with a key and no other source',
      remediation: 'Give auth: new Auth(process.env.ABLY_KEY), used for nothing but issuing.',
    });
  }
  const grant = method('grant', given.grant);
  if (grant === undefined) throw invalidOption('grant', 'a function', grant);
  if (!Object.hasOwn(formats, format)) {
    throw invalidOption('format', `one of ${Object.keys(formats).join(', ')}`, format);
  }
  const { contentType, maker, leastTtlMs } = formats[format];
  return {
    grant,
    contentType,
    make: maker(auth, issuer),
    leastTtlMs,
    cors: parseCors(cors),
    timeoutMs: wholeNumber('timeout', timeout) ?? 10_000,
    clock: issuer.clock,
    keepAlive: issuer.keepAlive,
    onError: method('onError', onError) ?? ((error) => console.error(error)),
  };
}
