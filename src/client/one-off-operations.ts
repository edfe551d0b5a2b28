import { underDeadline } from '../async/deadline.js';
import { Disposal } from '../async/disposal.js';
import { holdWhile, type LetGo } from '../async/hold.js';
import { ErrorInfo, isOwnError } from '../errors/error-info.js';
import { baseUrl, primaryHost } from '../http/hosts.js';
import { revocationBody, type TokenRevocationResult } from '../http/revocation.js';
import { LONGEST_RETRYING_MS } from '../http/send.js';
import type { ParsedClientOptions } from '../options/client-options.js';
import type { ApiKey } from '../token/api-key.js';
import type { TokenDetails } from '../token/token-details.js';
import type { TokenRequest } from '../token/token-request.js';
import type { AcquisitionParams } from './acquisition-params.js';
import { AuthorizedFetch } from './authorized-fetch.js';
import type { Client } from './client.js';
import type { TokenProvider } from './token-provider.js';

/** What a client does outside of its machine: it hands something over, and nothing changes. */
export class OneOffOperations {
  readonly #options: ParsedClientOptions;
  readonly #provider: TokenProvider;
  readonly #client: Client;
  readonly #over = new Disposal();
  /** Tokens of requests, and how often the client had been told to forget by then. */
  readonly #givenOut = new WeakMap<TokenDetails, number>();
  #fetch: AuthorizedFetch | undefined;
  /** How many are under way. */
  #running = 0;
  #letGo: LetGo;

  constructor(options: ParsedClientOptions, supplier: TokenProvider, client: Client) {
    this.#options = options;
    this.#provider = supplier;
    this.#client = client;
  }

  /** From the source to the token (RSA8). */
  requestToken(terms: AcquisitionParams): Promise<TokenDetails> {
    return this.#limited(
      (signal) => this.#provider.requestToken(terms, signal),
      (ms) => new ErrorInfo({ code: 40170, message: `no token came within ${ms} ms`, statusCode: 401 }),
    );
  }

  /** At once, unless the server must be asked for its time (RSA9). */
  createTokenRequest(terms: AcquisitionParams): Promise<TokenRequest> {
    const { authOptions, tokenParams } = terms;
    // A timestamp that is given comes first (RSA9d).
    if (!authOptions.queryTime || tokenParams.timestamp !== undefined) return this.#sign(terms);
    return this.#limited((signal) => this.#sign(terms, signal), timeUntold);
  }

  /** @throws {ErrorInfo} 40162 where tokens are used (RSA17d), 40003 */
  async revokeTokens(...given: Parameters<typeof revocationBody>): Promise<TokenRevocationResult> {
    const key = this.#basicKey();
    if (key === undefined) throw new ErrorInfo({ code: 40162, message: 'tokens cannot revoke tokens' });
    const body = revocationBody(...given);
    return await this.#limited(
      async (signal) => (await this.#provider.rest()).revokeTokens(key, body, signal),
      (ms) => new ErrorInfo({ code: 80014, message: `the server did not answer within ${ms} ms` }),
    );
  }

  /** ms since the epoch, by the server (RSC16). */
  time(): Promise<number> {
    return this.#limited(async (signal) => (await this.#provider.rest()).time(signal), timeUntold);
  }

  async fetch(...given: Parameters<AuthorizedFetch['send']>): Promise<Response> {
    this.#fetch ??= this.#makeFetch();
    return await this.#awaited(this.#cleared(this.#fetch.send(...given)));
  }

  /** Ends those under way. */
  dispose(reason: ErrorInfo): void {
    this.#over.end(reason);
  }

  /**
   * @param signal for asking the server for its time (RSA9d, RSA10k)
   * @throws {ErrorInfo} 40101 without a key
   */
  async #sign({ tokenParams, authOptions }: AcquisitionParams, signal?: AbortSignal): Promise<TokenRequest> {
    const { key } = authOptions;
    if (key === undefined) throw keyless();
    const [sign, { serverTime }] = await Promise.all([this.#provider.signer(key), this.#provider.rest()]);
    return sign(tokenParams, signal === undefined ? serverTime.local() : await serverTime.now(true, signal));
  }

  /** Under the client's deadline, and until it is disposed of. */
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
      throw isOwnError(thrown) ? this.#provider.cleared(thrown) : thrown;
    }
  }

  /** Somebody waits for it: until then the process stays. */
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
    const { fetch, clock, hosts, http, clientId } = this.#options;
    return new AuthorizedFetch({
      fetch,
      clock,
      origin: baseUrl(primaryHost(hosts), hosts),
      clientId,
      timeoutMs: http.httpRequestTimeout ?? 10_000,
      retryForMs: http.httpMaxRetryDuration ?? LONGEST_RETRYING_MS,
      over: this.#over,
      order: async () => (await this.#provider.rest()).order,
      originOf: (host) => baseUrl(host, hosts),
      checkHolder: (token) => this.#checkHolder(token),
      key: () => this.#basicKey(),
      token: () => this.#handOut(this.#client.getToken()),
      replacement: (refused, error) => this.#replacement(refused, error),
    });
  }

  async #handOut(token: Promise<TokenDetails>): Promise<TokenDetails> {
    const given = await token;
    this.#givenOut.set(given, this.#client.signOuts);
    return given;
  }

  async #replacement(refused: TokenDetails, error: ErrorInfo): Promise<TokenDetails> {
    this.#checkHolder(refused, error);
    return await this.#handOut(this.#client.replace(refused, error));
  }

  /** A request that was sent before the user signed out is not sent again, as nobody else either. */
  #checkHolder(token: TokenDetails, cause?: ErrorInfo): void {
    if (this.#givenOut.get(token) === this.#client.signOuts) return;
    const message = 'the user signed out after this request was sent';
    throw new ErrorInfo({ code: 80017, message, ...(cause === undefined ? {} : { cause }) });
  }
}

function keyless(): ErrorInfo {
  return new ErrorInfo({
    code: 40101,
    message: 'a TokenRequest can be signed with an API key only, and this client has none',
  });
}

function timeUntold(ms: number): ErrorInfo {
  return new ErrorInfo({ code: 80014, message: `the server did not tell its time within ${ms} ms` });
}
