import type { Disposal } from '../async/disposal.js';
import { invalidArgument } from '../checks/option-checks.js';
import type { Clock } from '../clock.js';
import { ErrorInfo, isOwnError, isTokenError } from '../errors/error-info.js';
import { askHosts, HostFailure, isHostFault } from '../http/ask-hosts.js';
import { callFaultRemedy, callFaultText, isCallFault } from '../http/call-fault.js';
import { declared } from '../http/declared.js';
import { ablyHeaders, basic, bearer } from '../http/headers.js';
import type { HostOrder } from '../http/host-order.js';
import { isFromElsewhere, isRedirect } from '../http/redirects.js';
import { errorFrom, unreachable } from '../http/service-error.js';
import type { LogHandler } from '../log/log.js';
import { addressOf } from '../platform/address.js';
import { discardBody, readBody, UnusableBody } from '../platform/body.js';
import type { FetchFunction } from '../platform/fetch.js';
import { type OutgoingRequest, outgoingRequest } from '../platform/outgoing-request.js';
import { abortable, reasonOf, throwIfAborted, unlessAborted } from '../platform/signals.js';
import { warnOfServerClaim } from '../sources/server-claim.js';
import type { ApiKey } from '../token/api-key.js';
import type { ClientType } from '../token/client-type.js';
import type { TokenDetails } from '../token/token-details.js';

/** Redirects within the origin that are followed. */
const MOST_REDIRECTS = 5;

export interface FetchOptions {
  readonly fetch: FetchFunction;
  readonly clock: Clock;
  /** `https://host` of the primary host. Callers may use this origin and no other. */
  readonly origin: string;
  /** How long other hosts are tried, ms. undefined: the default. */
  readonly retryForMs: number | undefined;
  readonly clientId: string | undefined;
  readonly clientType: ClientType | undefined;
  /** The programs that use the client, as `name/version`. */
  readonly agents: string | undefined;
  readonly log: LogHandler;
  /** How long the answer may take to begin, ms. */
  readonly timeoutMs: number;
  /** Fires when the client is disposed of. */
  readonly over: Disposal;
  /** The key to authenticate with. undefined: tokens are used. */
  key(): ApiKey | undefined;
  /** The hosts that may receive the credentials. */
  order(): Promise<HostOrder>;
  /** `https://host` */
  originOf(host: string): string;
  /** @throws {ErrorInfo} 80017 if the user signed out since the token was given */
  checkStillSignedIn(token: TokenDetails): void;
  /** A token for a request. */
  token(): Promise<TokenDetails>;
  /** The service refused a token. */
  refused(token: TokenDetails, error: ErrorInfo): void;
}

/** The credentials of a request, and the values that must not appear in an error. */
interface Credentials {
  readonly authorization: string;
  readonly secrets: readonly string[];
  /** undefined: the key is used. */
  readonly token?: TokenDetails;
}

/** The parts of a request that are sent. */
type Outgoing = Awaited<ReturnType<OutgoingRequest['take']>>;

/** An answer, and its error if a new token would help. */
interface Answer {
  readonly response: Response;
  readonly refusal: ErrorInfo | null;
}

/**
 * The objects that a caller's signal needs to end a body that is still being received. A signal holds its
 * followers only weakly, so without this map a garbage collection would cut the connection between them.
 */
const kept = new WeakMap<object, unknown>();

/** Sends requests with the credentials of the client. A refused token is replaced once. @see RSC9, RSC10 */
export class AuthorizedFetch {
  readonly #options: FetchOptions;

  constructor(options: FetchOptions) {
    this.#options = options;
  }

  /** @throws {ErrorInfo}, or the reason of the caller's own signal */
  async send(input: unknown, init?: RequestInit | null): Promise<Response> {
    const request = outgoingRequest(input, init ?? {}, this.#options.origin);
    throwIfAborted(request.signal);
    try {
      const key = this.#options.key();
      return await (key === undefined ? this.#withToken(request) : this.#withKey(request, key));
    } finally {
      request.done();
    }
  }

  async #withKey(request: OutgoingRequest, key: ApiKey): Promise<Response> {
    const authorization = basic(key);
    return (await this.#attempt(request, { authorization, secrets: [key.secret] })).response;
  }

  async #withToken(request: OutgoingRequest): Promise<Response> {
    const { signal } = request;
    const token = await unlessAborted(this.#options.token(), signal);
    warnOfServerClaim(token, this.#options);
    const first = await this.#attempt(request, byToken(token));
    if (first.refusal === null) return first.response;
    discardBody(first.response);
    this.#options.refused(token, first.refusal);
    const next = await unlessAborted(this.#options.token(), signal);
    const second = await this.#attempt(request, byToken(next), first.refusal);
    if (second.refusal === null) return second.response;
    discardBody(second.response);
    this.#options.refused(next, second.refusal);
    throw second.refusal;
  }

  /** Sends the request to one host after the other, until a host does not fail (RSC15l). */
  async #attempt(request: OutgoingRequest, credentials: Credentials, before?: ErrorInfo): Promise<Answer> {
    const { clock, over, retryForMs: forMs } = this.#options;
    const order = await unlessAborted(this.#options.order(), request.signal);
    let failed: Response | undefined;
    return await askHosts(order, { clock, forMs, mayGoOn: () => !request.isSpent }, async (host) => {
      if (failed !== undefined) discardBody(failed);
      if (over.reason !== undefined) throw over.reason;
      if (credentials.token !== undefined) this.#options.checkStillSignedIn(credentials.token);
      request.rewind(this.#options.originOf(host));
      const answer = await this.#follow(request, credentials, before);
      if (!isHostFault(answer.response)) return answer;
      failed = answer.response;
      throw new HostFailure({ answer });
    });
  }

  /** Sends the request to one host, and follows redirects. */
  async #follow(request: OutgoingRequest, credentials: Credentials, before?: ErrorInfo): Promise<Answer> {
    for (let count = 0; count <= MOST_REDIRECTS; count += 1) {
      const answer = await this.#once(request, await request.take(before), credentials);
      const next = this.#redirectIn(answer.response, request);
      if (next === null) return answer;
      request.follow(answer.response.status, next);
    }
    throw invalidArgument(
      `more than ${MOST_REDIRECTS} redirects`,
      'Ask the address that the redirects lead to.',
    );
  }

  async #once(request: OutgoingRequest, outgoing: Outgoing, credentials: Credentials): Promise<Answer> {
    const { clientType, fetch, clock, over, timeoutMs } = this.#options;
    const limit = abortable(request.signal);
    const timer = clock.setTimeout(() => limit.abort(new Error('no answer in time')), timeoutMs);
    const unlisten = over.listen(limit.abort);
    try {
      const headers = this.#headersOf(outgoing, credentials.authorization);
      const init: RequestInit = { ...outgoing, headers, redirect: 'manual', signal: limit.signal };
      const response = await answerOf(
        Promise.resolve(fetch(declared(request.url, clientType), init)),
        limit.signal,
      );
      const refusal = await this.#refusalIn(response, credentials.secrets, limit.signal);
      // A body that is a stream may take long to arrive. The caller's signal ends it.
      if (response.body) kept.set(response.body, [request, limit]);
      else limit.done();
      return { response, refusal };
    } catch (cause) {
      limit.done();
      if (request.signal?.aborted) throw reasonOf(request.signal);
      if (over.reason !== undefined) throw over.reason;
      if (isOwnError(cause)) throw cause;
      if (!limit.signal.aborted && isCallFault(cause)) throw callFault(cause, credentials.secrets);
      throw new HostFailure({ error: unreachable(addressOf(request.url)?.origin ?? '', cause) });
    } finally {
      clock.clearTimeout(timer);
      unlisten();
    }
  }

  #headersOf({ headers }: Outgoing, authorization: string): Readonly<Record<string, string>> {
    const ours = ablyHeaders(this.#options);
    const { accept = ours.accept ?? '' } = headers;
    // RSC19b: the caller's own Authorization header is replaced.
    return { ...headers, ...ours, accept, authorization };
  }

  /** The address of a redirect to follow. null: the caller gets the answer. Another origin is an error. */
  #redirectIn(response: Response, request: OutgoingRequest): string | null {
    if (request.redirect === 'manual') return null;
    const origin = addressOf(request.url)?.origin;
    const location = response.headers.get('location');
    const isHidden = response.type === 'opaqueredirect';
    const isElsewhere = isFromElsewhere(response, request.url);
    if (!isHidden && !isElsewhere && (!isRedirect(response) || location === null)) return null;
    discardBody(response);
    if (isElsewhere) throw redirected('to another origin, and the fetch option followed the redirect');
    const next = addressOf(location ?? '', request.url);
    if (request.redirect === 'error') throw redirected('the request has redirect: "error"');
    if (isHidden) throw redirected('this platform hides the address of the redirect');
    if (next === undefined || next.origin !== origin)
      throw redirected('to another origin, which must not get the credentials');
    if (next.username !== '' || next.password !== '')
      throw redirected('to an address with a user name or a password in it');
    return next.href;
  }

  /** The error of a response, if a new token would help. null: there is no such error. */
  async #refusalIn(
    response: Response,
    secrets: readonly string[],
    signal: AbortSignal,
  ): Promise<ErrorInfo | null> {
    if (response.status !== 401) return null;
    const body = await copyOfBody(response, signal);
    const error = errorFrom(response, body, this.#options.clock.now(), secrets);
    return isTokenError(error) || isKeyError(error) ? error : null;
  }
}

/** Whether the token's key was revoked, has expired or is unknown. The source may have another key by now. */
const isKeyError = ({ code }: ErrorInfo): boolean => code >= 40130 && code <= 40132;

function byToken(token: TokenDetails): Credentials {
  const authorization = bearer(token.token);
  return { authorization, secrets: [token.token, authorization.slice('Bearer '.length)], token };
}

/** An injected `fetch` may ignore its signal. Then a late answer is discarded. */
async function answerOf(answer: Promise<Response>, signal: AbortSignal): Promise<Response> {
  try {
    return await unlessAborted(answer, signal);
  } catch (fault) {
    answer.then(discardBody, () => {});
    throw fault;
  }
}

/** The text of the body, as far as it can be read. The response keeps its body for the caller. */
async function copyOfBody(response: Response, signal: AbortSignal): Promise<string> {
  // A Response that was made by hand may have no clone(). The caller needs its body, so only the header is read.
  if (typeof response.clone !== 'function') return '';
  const after = abortable();
  try {
    return await unlessAborted(readBody(response.clone(), after.signal), signal);
  } catch (fault) {
    // If the body is unusable, the header is enough.
    if (fault instanceof UnusableBody) return '';
    // `fetch` must notice the abort first: the two halves of a cloned body do not stop at once.
    after.abort(fault);
    discardBody(response);
    throw fault;
  }
}

function redirected(why: string): ErrorInfo {
  return invalidArgument(`the service redirects: ${why}`, 'Check endpoint, port and tls, and the path.');
}

function callFault(cause: unknown, secrets: readonly string[]): ErrorInfo {
  return new ErrorInfo({
    code: 40003,
    message: callFaultText(cause, secrets),
    remediation: callFaultRemedy,
    cause,
  });
}
