import type { AcquisitionRequest } from '../../machines/acquisition.js';
import type { SourceAnswer } from '../../machines/ports.js';
import type { Clock } from '../clock.js';
import { ErrorInfo, toErrorInfo } from '../errors/error-info.js';
import { secretsOf } from '../errors/redaction.js';
import type { Rest } from '../http/rest.js';
import type { ParsedClientOptions } from '../options/client-options.js';
import type { FetchFunction } from '../platform/fetch.js';
import { throwIfAborted } from '../platform/signals.js';
import type { SecretStore } from '../redaction/secret-store.js';
import type { TokenRequestSigner } from '../signing/token-request.js';
import {
  hasLiteral,
  isKeyOnly,
  isRenewable,
  type ParsedAuthOptions,
  withoutLiteral,
} from '../sources/auth-options.js';
import { sourceFor } from '../sources/choose.js';
import { failed } from '../sources/late-failures.js';
import type { SourceCall, SourceServices } from '../sources/port.js';
import type { ApiKey } from '../token/api-key.js';
import type { Secret } from '../token/secret.js';
import type { TokenDetails } from '../token/token-details.js';
import type { ParsedTokenParams } from '../token/token-params.js';
import type { TokenRequest } from '../token/token-request.js';
import { timesOf } from './accept.js';
import { type AcquisitionParams, namedParams } from './acquisition-params.js';
import { parts } from './parts.js';
import type { Service, SignAgain } from './service.js';
import { type TokenAge, TokenAges } from './token-ages.js';

/** How many refused tokens are remembered. */
const MOST_REFUSED = 8;

/** Gets the tokens and TokenRequests of one client: from its sources, its key and Ably's REST API. */
export class TokenProvider implements SourceServices {
  readonly #options: ParsedClientOptions;
  #service: Service | undefined;
  /** The tokens that servers refused last. */
  #refused: readonly string[] | undefined;
  #ages: TokenAges | undefined;
  #own: WeakMap<Secret<TokenRequest>, SignAgain> | undefined;
  #signer: { readonly key: Secret<ApiKey>; readonly sign: TokenRequestSigner } | undefined;
  /** The last request of the machine to the source. */
  #call: SourceCall | undefined;

  constructor(options: ParsedClientOptions) {
    this.#options = options;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  get secrets(): SecretStore {
    return this.#options.secrets;
  }

  get fetch(): FetchFunction {
    return this.#options.fetch;
  }

  get random(): () => number {
    return this.#options.random;
  }

  /** The option whose function the machine waits for; undefined: none. */
  get awaited(): string | undefined {
    return this.#call?.awaited;
  }

  /** Asks the source in the AuthOptions of `terms` (RSA10e). */
  async askSource(
    terms: AcquisitionParams,
    signal: AbortSignal,
    request?: Pick<AcquisitionRequest, 'reason' | 'attempt'>,
  ): Promise<SourceAnswer> {
    const options = this.#usable(terms.authOptions);
    const params = namedParams(terms.tokenParams, this.#options.clientId);
    const { reason = 'authorize', attempt = 1 } = request ?? {};
    const call: SourceCall = { reason, attempt, isRefused: (token) => this.isRefused(token) };
    if (request !== undefined) this.#call = call;
    if (options !== this.#options.authOptions) this.secrets.noteSent(() => secretsOf(options));
    const answer = await sourceFor(options, this)(params, signal, call);
    if (answer.kind === 'request') this.#rememberOwn(answer.request, terms, params);
    return this.noted(answer);
  }

  /** Exchanges a TokenRequest for a token (RSA8a). */
  async exchange(request: Secret<TokenRequest>, signal: AbortSignal): Promise<SourceAnswer> {
    const service = await this.#load();
    throwIfAborted(signal);
    return this.noted(await service.exchange(request, this.#own?.get(request), signal));
  }

  /** Gets a token from the source, without any change of the client's state (RSA8). */
  async requestToken(terms: AcquisitionParams, signal: AbortSignal): Promise<TokenDetails> {
    const answer = await this.askSource(terms, signal);
    const exchanged = answer.kind === 'request' ? await this.exchange(answer.request, signal) : answer;
    if (exchanged.kind === 'token') return exchanged.token.expose();
    throw new ErrorInfo({ code: 40170, message: 'a TokenRequest was exchanged for another TokenRequest' });
  }

  async rest(): Promise<Rest> {
    return (await this.#load()).rest;
  }

  /** The user signs out: what the server said is not kept for the next user. */
  forget(): void {
    this.#service = undefined;
    this.#refused = undefined;
    this.#ages = undefined;
  }

  /** How old a token is that a source gave just now; undefined: nothing tells, and it counts as new. */
  ageOf({ token, aheadMs }: Extract<SourceAnswer, { readonly kind: 'token' }>): TokenAge | undefined {
    const { clock } = this.#options;
    const local = clock.now();
    const by = (ms: number | undefined) => (ms === undefined ? undefined : local + ms);
    const clues = { local, date: by(aheadMs), service: by(this.#service?.rest.serverTime.offsetMs) };
    this.#ages ??= new TokenAges(clock);
    const details = token.expose();
    return this.#ages.of(details.token, timesOf(details), clues);
  }

  /** A server refused this token. */
  noteRefused(token: string): void {
    const others = (this.#refused ?? []).filter((known) => known !== token);
    this.#refused = [...others, token].slice(-MOST_REFUSED);
  }

  /** Whether a server refused this token. Only the last few are remembered. */
  isRefused(token: string): boolean {
    return this.#refused?.includes(token) ?? false;
  }

  /** The preparation of a key is done once. A second key is rare. */
  async signer(key: Secret<ApiKey>): Promise<TokenRequestSigner> {
    const { clientSigner } = await parts.signing.load();
    if (this.#signer?.key !== key) {
      const sign = clientSigner(key.expose(), this.#options);
      this.#signer = { key, sign: (...given) => this.#notedRequest(sign(...given)) };
    }
    return this.#signer.sign;
  }

  /** An error without the secrets of this client. */
  cleared(thrown: unknown): Promise<unknown> {
    const error = toErrorInfo(thrown, { code: 40170, message: 'the token could not be obtained' });
    return failed(error, ({ withoutSecrets }) => withoutSecrets(error, this.secrets.all()));
  }

  /** No error may show what a source gave. */
  noted(answer: SourceAnswer): SourceAnswer {
    if (answer.kind === 'token') this.secrets.note('token', answer.token.expose().token);
    else this.#notedRequest(answer.request.expose());
    return answer;
  }

  #notedRequest(request: TokenRequest): TokenRequest {
    this.secrets.note('request', request.mac, request.nonce);
    return request;
  }

  /** Loads the code and makes the object at the first use. */
  async #load(): Promise<Service> {
    const { Service } = await parts.rest.load();
    this.#service ??= new Service(this.#options);
    return this.#service;
  }

  /**
   * Remembers how to sign a TokenRequest of our own again. A TokenRequest of the application cannot be signed
   * again.
   */
  #rememberOwn(
    request: Secret<TokenRequest>,
    { authOptions }: AcquisitionParams,
    params: ParsedTokenParams,
  ): void {
    const { key } = authOptions;
    if (key === undefined || !isKeyOnly(authOptions) || params.timestamp !== undefined) return;
    this.#own ??= new WeakMap();
    this.#own.set(request, async (now) => (await this.signer(key))(params, now));
  }

  /**
   * The options that are still usable: a literal TokenRequest can be exchanged only once.
   * @throws {ErrorInfo} 40171: no source is left
   */
  #usable(options: ParsedAuthOptions): ParsedAuthOptions {
    const request = options.tokenRequest?.expose();
    const isSpent = request !== undefined && this.#service?.isSpent(request);
    const usable = isSpent ? withoutLiteral(options) : options;
    if (hasLiteral(usable) || isRenewable(usable)) return usable;
    throw new ErrorInfo({ code: 40171, message: 'the client has no way to get a token' });
  }
}
