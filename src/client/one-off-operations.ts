import { underDeadline } from '../async/deadline.js';
import { Disposal } from '../async/disposal.js';
import { holdWhile, type LetGo } from '../clock.js';
import { ErrorInfo, isOwnError } from '../errors/error-info.js';
import { baseUrl, primaryHost } from '../http/hosts.js';
import { revocationBody, type TokenRevocationResult } from '../http/revocation.js';
import type { ParsedClientOptions } from '../options/client-options.js';
import type { ApiKey } from '../token/api-key.js';
import type { TokenDetails } from '../token/token-details.js';
import type { TokenRequest } from '../token/token-request.js';
import type { AcquisitionParams } from './acquisition-params.js';
import { AuthorizedFetch } from './authorized-fetch.js';
import type { Client } from './client.js';
import { type FetchTarget, serviceTarget } from './fetch-target.js';
import { ownTarget } from './own-origins.js';
import type { TokenProvider } from './token-provider.js';

/** The operations of a client that do not change its state: each returns something to the caller. */
export class OneOffOperations {
  readonly #options: ParsedClientOptions;
  readonly #provider: TokenProvider;
  readonly #client: Client;
  readonly #over = new Disposal();
  /** The tokens of requests, with the number of sign-outs at that time. */
  readonly #givenOut = new WeakMap<TokenDetails, number>();
  #fetch: AuthorizedFetch | undefined;
  /** How many operations run. */
  #running = 0;
  #letGo: LetGo;

  constructor(options: ParsedClientOptions, supplier: TokenProvider, client: Client) {
    this.#options = options;
    this.#provider = supplier;
    this.#client = client;
  }

  /** Gets a token from the source (RSA8). */
  requestToken(terms: AcquisitionParams): Promise<TokenDetails> {
    return this.#limited(
      (signal) => this.#provider.requestToken(terms, signal),
      (ms) =>
        new ErrorInfo({
          code: 40170,
          message: `no token came within ${ms} ms`,
          reason: 'timed out',
        }),
    );
  }

  /** Signs at once, unless the server must be asked for its time (RSA9). */
  createTokenRequest(terms: AcquisitionParams): Promise<TokenRequest> {
    const { authOptions, tokenParams } = terms;
    // A timestamp of the caller is used as it is (RSA9d).
    if (!authOptions.queryTime || tokenParams.timestamp !== undefined) return this.#sign(terms);
    return this.#limited((signal) => this.#sign(terms, signal), timeUntold);
  }

  /** @throws {ErrorInfo} 40162: the client uses tokens (RSA17d) · 40003: an argument is invalid */
  async revokeTokens(...given: Parameters<typeof revocationBody>): Promise<TokenRevocationResult> {
    const key = this.#basicKey();
    if (key === undefined)
      throw new ErrorInfo({
        code: 40162,
        message: 'tokens are revoked with the API key, and this client uses tokens',
      });
    const body = revocationBody(...given);
    return await this.#limited(
      async (signal) => (await this.#provider.rest()).revokeTokens(key, body, signal),
      (ms) => new ErrorInfo({ code: 80014, message: `the server did not answer within ${ms} ms` }),
    );
  }

  /** The time of the server, ms since the epoch (RSC16). */
  time(): Promise<number> {
    return this.#limited(async (signal) => (await this.#provider.rest()).time(signal), timeUntold);
  }

  async fetch(...given: Parameters<AuthorizedFetch['send']>): Promise<Response> {
    this.#fetch ??= this.#makeFetch();
    return await this.#awaited(this.#cleared(this.#fetch.send(...given)));
  }

  /** Ends the running operations. */
  dispose(reason: ErrorInfo): void {
    this.#over.end(reason);
  }

  /**
   * @param signal ends the request for the server's time (RSA9d, RSA10k)
   * @throws {ErrorInfo} 40101: there is no key
   */
  async #sign({ tokenParams, authOptions }: AcquisitionParams, signal?: AbortSignal): Promise<TokenRequest> {
    const { key } = authOptions;
    if (key === undefined) throw keyless();
    const [sign, { serverTime }] = await Promise.all([this.#provider.signer(key), this.#provider.rest()]);
    return sign(tokenParams, signal === undefined ? serverTime.local() : await serverTime.now(true, signal));
  }

  /** Runs the work until the client's deadline, or until the client is disposed of. */
  #limited<T>(work: (signal: AbortSignal) => Promise<T>, timedOut: (ms: number) => ErrorInfo): Promise<T> {
    const { clock, deadlineMs: ms } = this.#options;
    const limits = { clock, ms, outer: this.#over, timedOut: () => timedOut(ms) };
    return this.#awaited(this.#cleared(underDeadline(work, limits)));
  }

  /** No error shows a secret of the client. The reason of a caller's own signal stays as it is. */
  async #cleared<T>(promise: Promise<T>): Promise<T> {
    try {
      return await promise;
    } catch (thrown) {
      throw isOwnError(thrown) ? await this.#provider.cleared(thrown) : thrown;
    }
  }

  /** A caller waits for the work: the process stays alive until it ends. */
  #awaited<T>(promise: Promise<T>): Promise<T> {
    this.#count(1);
    const settled = () => this.#count(-1);
    promise.then(settled, settled);
    return promise;
  }

  #count(change: 1 | -1): void {
    this.#running += change;
    this.#letGo = holdWhile(this.#running > 0, this.#letGo, this.#options);
  }

  #basicKey(): ApiKey | undefined {
    return this.#client.usesTokens ? undefined : this.#options.authOptions.key?.expose();
  }

  #makeFetch(): AuthorizedFetch {
    const { clock, fetch, fetchOrigins, http } = this.#options;
    return new AuthorizedFetch({
      fetch,
      clock,
      target: fetchOrigins === undefined ? this.#service() : ownTarget(fetchOrigins),
      timeoutMs: http.httpRequestTimeout ?? 10_000,
      retryForMs: http.httpMaxRetryDuration,
      over: this.#over,
      checkStillSignedIn: (token) => this.#checkStillSignedIn(token),
      key: () => this.#basicKey(),
      token: () => this.#handOut(this.#client.getToken()),
      refused: (token, error) => {
        this.#checkStillSignedIn(token, error);
        this.#client.refuse(token, error);
      },
    });
  }

  #service(): FetchTarget {
    const { hosts } = this.#options;
    return serviceTarget({
      ...this.#options,
      origin: baseUrl(primaryHost(hosts), hosts),
      order: async () => (await this.#provider.rest()).order,
      originOf: (host) => baseUrl(host, hosts),
    });
  }

  async #handOut(token: Promise<TokenDetails>): Promise<TokenDetails> {
    const given = await token;
    this.#givenOut.set(given, this.#client.signOuts);
    return given;
  }

  /** A request that was sent before the user signed out is not sent again, for this user or for another one. */
  #checkStillSignedIn(token: TokenDetails, cause?: ErrorInfo): void {
    if (this.#givenOut.get(token) === this.#client.signOuts) return;
    const message = 'the user signed out after this request was sent';
    throw new ErrorInfo({
      code: 80017,
      message,
      reason: 'signed out',
      ...(cause === undefined ? {} : { cause }),
    });
  }
}

function keyless(): ErrorInfo {
  return new ErrorInfo({
    code: 40101,
    reason: 'no means',
    message: 'a TokenRequest can be signed with an API key only, and this client has none',
  });
}

function timeUntold(ms: number): ErrorInfo {
  return new ErrorInfo({
    code: 80014,
    message: `the server did not answer the request for its time within ${ms} ms`,
  });
}
