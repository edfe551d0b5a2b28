import { invalidOption } from '../checks/option-checks.js';
import { ErrorInfo, isOwnError, toErrorInfo } from '../errors/error-info.js';
import { fullRedaction } from '../errors/full-redaction.js';
import { useRedaction } from '../errors/redaction.js';
import { BODY_LIMIT } from '../platform/body.js';
import { fieldOf } from '../redaction/received.js';
import { isLonger } from '../text.js';
import { errorAnswer, preflightAnswer, tokenAnswer } from './answers.js';
import { readAsked } from './asked.js';
import { Budget } from './budget.js';
import { faultOfGrant, faultOfToken, OwnFault, slowBody, slowGrant, slowToken } from './fault.js';
import { checkDestination } from './fetch-destination.js';
import type { Body } from './formats.js';
import { type ParsedGrant, parseGrant } from './grant.js';
import { type ParsedTokenEndpointOptions, parseOptions, type TokenEndpointOptions } from './options.js';
import { isRefusal, refuse } from './refusal.js';
import { responseClass } from './response-class.js';
import { termsOf } from './token-terms.js';

/**
 * Answers every request. It never rejects.
 * @throws {ErrorInfo} 40003 if the argument is not a `Request`, such as the request of Express
 */
export type TokenEndpoint = (request: Request) => Promise<Response>;

/**
 * Makes the endpoint that a client's `authUrl` requests tokens from. `grant` decides who sent the request.
 * The token allows what was both granted and requested, never more. It runs on every platform with `Request`
 * and `Response`.
 *
 * @throws {ErrorInfo} when it is made: 40101 `auth` has no key, or has other sources too · 40003 another
 * option is invalid
 *
 * @example
 * ```ts
 * import { Auth } from 'latchkey';
 * import { refuse, tokenEndpoint } from 'latchkey/server';
 *
 * const endpoint = tokenEndpoint({
 *   auth: new Auth('appId.keyId:secret'),
 *   grant(request) {
 *     const user = request.headers.get('x-user');
 *     if (user === null) return refuse(401);
 *     return { clientId: user, capability: { 'chat:*': ['publish', 'subscribe'] }, ttl: 600_000 };
 *   },
 * });
 * const response = await endpoint(new Request('https://example.com/token', { headers: { 'x-user': 'ada' } }));
 * console.log(response.status);
 * ```
 * @see RSA8c
 */
export function tokenEndpoint(options: TokenEndpointOptions): TokenEndpoint {
  useRedaction(fullRedaction());
  const endpoint = parseOptions(options);
  return (request) => {
    checkRequest(request);
    const origin = request.headers.get('origin');
    const Answer = responseClass(request);
    if (request.method === 'OPTIONS') {
      return Promise.resolve(preflightAnswer(Answer, endpoint.cors.forPreflight(origin)));
    }
    const cors = endpoint.cors.forAnswer(origin);
    const answer = (body: Body) => {
      endpoint.checkClock?.();
      return tokenAnswer(Answer, body, cors);
    };
    const refusal = (fault: unknown) => errorAnswer(Answer, clientError(fault, request, endpoint), cors);
    const budget = new Budget(endpoint, endpoint.timeoutMs);
    try {
      const body = issue(request, endpoint, budget);
      if (!(body instanceof Promise)) return Promise.resolve(answer(body));
      return body.then(answer, refusal).finally(() => budget.end());
    } catch (fault) {
      return Promise.resolve(refusal(fault));
    }
  };
}

/** @throws {ErrorInfo} 40003 if the argument is not a `Request` */
function checkRequest(request: unknown): void {
  if (typeof fieldOf(fieldOf(request, 'headers'), 'get') === 'function') return;
  const { code, message } = invalidOption('request', 'a Request', request);
  const remediation = 'For node:http and Express, use nodeListener() from latchkey/server/node.';
  throw new ErrorInfo({ code, message, remediation });
}

/** @throws errors that {@link clientError} converts */
function issue(
  request: Request,
  { grant, make, leastTtlMs }: ParsedTokenEndpointOptions,
  budget: Budget,
): Body | Promise<Body> {
  checkDestination(request);
  const reading = readAsked(request, () => budget.signal);
  return after(reading, budget, slowBody, (asked) => {
    const decision = attempt(() => grant(request, asked, budget), faultOfGrant);
    return after(decision, budget, slowGrant, (given) => {
      if (given === null) throw refuse(401);
      if (isRefusal(given)) throw given;
      const granted = checkedGrant(given, leastTtlMs);
      const terms = termsOf(granted, asked, leastTtlMs);
      const body = attempt(() => make(terms, granted, request), faultOfToken);
      return body instanceof Promise ? budget.spend(body, slowToken).then(checkedBody) : checkedBody(body);
    });
  });
}

/**
 * Calls `next` at once if there is nothing to wait for, as with most requests: a promise costs more than the
 * work.
 */
function after<T, R>(
  value: T | Promise<T>,
  budget: Budget,
  late: (ms: number) => unknown,
  next: (value: T) => R | Promise<R>,
): R | Promise<R> {
  return value instanceof Promise ? budget.spend(value, late).then(next) : next(value);
}

/**
 * Runs `work`, which is usually synchronous, without a promise where it is. An error becomes `fault(error)`.
 */
function attempt<T>(work: () => T | PromiseLike<T>, fault: (thrown: unknown) => unknown): T | Promise<T> {
  const rethrow = (thrown: unknown): never => {
    throw fault(thrown);
  };
  try {
    const result = work();
    return isThenable(result) ? Promise.resolve(result).catch(rethrow) : result;
  } catch (thrown) {
    return rethrow(thrown);
  }
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** Checks a grant. An invalid grant is a fault of the application. */
function checkedGrant(given: unknown, leastTtlMs: number): ParsedGrant {
  try {
    return parseGrant(given, leastTtlMs);
  } catch (fault) {
    throw faultOfToken(fault);
  }
}

/**
 * Checks the length of a token. Each part of a grant may be within its limit, and the token still longer than
 * clients read.
 */
function checkedBody(body: Body): Body {
  if (!isLonger(body.text, BODY_LIMIT)) return body;
  throw new OwnFault(
    new ErrorInfo({
      code: 40003,
      statusCode: 500,
      message: `the token must fit into ${BODY_LIMIT} bytes, the longest answer that clients read`,
      remediation: 'Grant a pattern instead of each channel by its name, and return fewer claims.',
    }),
  );
}

/** The error that the client receives. */
function clientError(fault: unknown, request: Request, { onError }: ParsedTokenEndpointOptions): ErrorInfo {
  if (isRefusal(fault)) return toErrorInfo(fault.error, fault.error);
  if (isOwnError(fault)) return fault;
  const own = fault instanceof OwnFault ? fault : faultOfToken(fault);
  // An error that `onError` throws, now or later, is dropped: there is nowhere to report it.
  new Promise((resolve) => resolve(onError(own.error, request))).catch(() => {});
  return own.forClient;
}
