import type { Disposal } from '../async/disposal.js';
import { invalidArgument } from '../checks/option-checks.js';
import type { Clock } from '../clock.js';
import { ErrorInfo, isOwnError } from '../errors/error-info.js';
import { askHosts, HostFailure, isHostFault } from '../http/ask-hosts.js';
import { callFaultRemedy, callFaultText, isCallFault } from '../http/call-fault.js';
import { basic } from '../http/headers.js';
import { isFromElsewhere, isRedirect } from '../http/redirects.js';
import { errorFrom, unreachable } from '../http/service-error.js';
import { addressOf } from '../platform/address.js';
import { discardBody, readBody, UnusableBody } from '../platform/body.js';
import type { FetchFunction } from '../platform/fetch.js';
import { type OutgoingRequest, outgoingRequest } from '../platform/outgoing-request.js';
import { abortable, reasonOf, throwIfAborted, unlessAborted } from '../platform/signals.js';
import type { ApiKey } from '../token/api-key.js';
import type { TokenDetails } from '../token/token-details.js';
import { type FetchTarget, redirected } from './fetch-target.js';

/** Redirects within the origin that are followed. */
const MOST_REDIRECTS = 5;

export interface FetchOptions {
  readonly fetch: FetchFunction;
  readonly clock: Clock;
  readonly target: FetchTarget;
  /** How long other hosts are tried, ms. undefined: the default. */
  readonly retryForMs: number | undefined;
  /** How long the answer may take to begin, ms. */
  readonly timeoutMs: number;
  /** Fires when the client is disposed of. */
  readonly over: Disposal;
  /** The key to authenticate with. undefined: tokens are used. */
  key(): ApiKey | undefined;
  /** @throws {ErrorInfo} 80017 if the user signed out since the token was given */
  checkStillSignedIn(token: TokenDetails): void;
  /** A token for a request. */
  token(): Promise<TokenDetails>;
  /** The service refused a token. */
  refused(token: TokenDetails, error: ErrorInfo): void;
}

/** The credentials of a request, and the values that must not appear in an error. */
interface Credentials {
  /** undefined: a redirect left the origins that may receive them. */
  readonly authorization: string | undefined;
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
    const request = outgoingRequest(input, init ?? {}, this.#options.target.origins);
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
    const first = await this.#attempt(request, this.#byToken(token));
    if (first.refusal === null) return first.response;
    discardBody(first.response);
    this.#options.refused(token, first.refusal);
    const next = await unlessAborted(this.#options.token(), signal);
    const second = await this.#attempt(request, this.#byToken(next), first.refusal);
    if (second.refusal === null) return second.response;
    discardBody(second.response);
    this.#options.refused(next, second.refusal);
    throw second.refusal;
  }

  /** Sends the request to one host after the other, until a host does not fail (RSC15l). */
  async #attempt(request: OutgoingRequest, credentials: Credentials, before?: ErrorInfo): Promise<Answer> {
    const { clock, over, retryForMs: forMs, target } = this.#options;
    const hosts = target.hosts();
    if (hosts === undefined) {
      request.rewind();
      return await this.#follow(request, credentials, before).catch((thrown: unknown) => {
        throw thrown instanceof HostFailure && 'error' in thrown.result ? thrown.result.error : thrown;
      });
    }
    const order = await unlessAborted(hosts, request.signal);
    let failed: Response | undefined;
    return await askHosts(order, { clock, forMs, mayGoOn: () => !request.isSpent }, async (host) => {
      if (failed !== undefined) discardBody(failed);
      if (over.reason !== undefined) throw over.reason;
      request.rewind(target.originOf(host));
      const answer = await this.#follow(request, credentials, before);
      if (!isHostFault(answer.response)) return answer;
      failed = answer.response;
      throw new HostFailure({ answer });
    });
  }

  /** Sends the request to one host, and follows redirects. */
  async #follow(request: OutgoingRequest, credentials: Credentials, before?: ErrorInfo): Promise<Answer> {
    let carried = credentials;
    for (let count = 0; count <= MOST_REDIRECTS; count += 1) {
      if (carried.token !== undefined) this.#options.checkStillSignedIn(carried.token);
      const answer = await this.#once(request, await request.take(before), carried);
      const next = this.#redirectIn(answer.response, request);
      if (next === null) return answer;
      if (!next.isWithin) carried = { ...credentials, authorization: undefined };
      request.follow(answer.response.status, next.url);
    }
    throw invalidArgument(
      `more than ${MOST_REDIRECTS} redirects`,
      'Ask the address that the redirects lead to.',
    );
  }

  async #once(request: OutgoingRequest, outgoing: Outgoing, credentials: Credentials): Promise<Answer> {
    const { target, fetch, clock, over, timeoutMs } = this.#options;
    const limit = abortable(request.signal);
    const timer = clock.setTimeout(() => limit.abort(new Error('no answer in time')), timeoutMs);
    const unlisten = over.listen(limit.abort);
    try {
      const headers = headersOf(target.headers(outgoing.headers), credentials.authorization);
      const init: RequestInit = { ...outgoing, headers, redirect: 'manual', signal: limit.signal };
      const response = await answerOf(
        Promise.resolve(fetch(target.address(request.url), init)),
        limit.signal,
      );
      const refusal = await this.#refusalIn(response, credentials, limit.signal);
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

  /** The address of a redirect to follow. null: the caller gets the answer. Another origin is an error. */
  #redirectIn(
    response: Response,
    request: OutgoingRequest,
  ): { readonly url: string; readonly isWithin: boolean } | null {
    if (request.redirect === 'manual') return null;
    const origin = addressOf(request.url)?.origin;
    const location = response.headers.get('location');
    const isHidden = response.type === 'opaqueredirect';
    const isElsewhere = isFromElsewhere(response, request.url);
    if (!isHidden && !isElsewhere && (!isRedirect(response) || location === null)) return null;
    discardBody(response);
    const { target } = this.#options;
    if (isElsewhere) throw redirected('to another origin, and the fetch option followed the redirect');
    const next = addressOf(location ?? '', request.url);
    if (request.redirect === 'error') throw redirected('the request has redirect: "error"');
    if (isHidden) throw redirected('this platform hides the address of the redirect');
    if (next === undefined) throw redirected('to an address that cannot be read');
    // Bun and Deno would read a file of this machine.
    if (!/^https?:$/.test(next.protocol)) throw redirected('to an address that is neither http nor https');
    const isWithin = target.isWithin(next, origin);
    if (next.username !== '' || next.password !== '')
      throw redirected('to an address with a user name or a password in it');
    return { url: next.href, isWithin };
  }

  /** The error of a response, if a new token would help. null: there is no such error. */
  async #refusalIn(
    response: Response,
    { authorization, secrets }: Credentials,
    signal: AbortSignal,
  ): Promise<ErrorInfo | null> {
    if (response.status !== 401 || authorization === undefined) return null;
    const body = await copyOfBody(response, signal);
    const error = errorFrom(response, body, this.#options.clock.now(), secrets);
    return this.#options.target.refusal(error, response);
  }

  /** @throws {ErrorInfo} 40003: the token must not go there */
  #byToken(token: TokenDetails): Credentials {
    const { target } = this.#options;
    target.check(token);
    const authorization = target.authorization(token.token);
    return { authorization, secrets: [token.token, authorization.slice('Bearer '.length)], token };
  }
}

/** What must not follow a redirect to another server. @see https://fetch.spec.whatwg.org/#http-redirect-fetch */
const PRIVATE = ['authorization', 'cookie', 'proxy-authorization'];

/** The headers that are sent. RSC19b: the caller's own Authorization header is replaced. */
function headersOf(
  given: Readonly<Record<string, string>>,
  authorization: string | undefined,
): Readonly<Record<string, string>> {
  if (authorization !== undefined) return { ...given, authorization };
  return Object.fromEntries(Object.entries(given).filter(([name]) => !PRIVATE.includes(name)));
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

function callFault(cause: unknown, secrets: readonly string[]): ErrorInfo {
  return new ErrorInfo({
    code: 40003,
    message: callFaultText(cause, secrets),
    remediation: callFaultRemedy,
    cause,
  });
}
