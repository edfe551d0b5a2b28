import type { SourceAnswer } from '../../machines/ports.js';
import type { Clock } from '../clock.js';
import { ErrorInfo, isOwnError } from '../errors/error-info.js';
import type { Rest } from '../http/rest.js';
import type { ParsedClientOptions } from '../options/client-options.js';
import type { FetchFunction } from '../platform/fetch.js';
import { textIn } from '../redaction/received.js';
import type { TokenRequestSigner } from '../signing/token-request.js';
import { hasLiteral, isRenewable, type ParsedAuthOptions, withoutLiteral } from '../sources/auth-options.js';
import { sourceFor } from '../sources/choose.js';
import type { SourceServices } from '../sources/port.js';
import type { ApiKey } from '../token/api-key.js';
import type { Secret } from '../token/secret.js';
import { SecretToken } from '../token/secret-token.js';
import type { TokenDetails } from '../token/token-details.js';
import type { ParsedTokenParams } from '../token/token-params.js';
import type { TokenRequest } from '../token/token-request.js';
import type { AcquisitionParams } from './acquisition-params.js';
import { parts } from './parts.js';

/** How many nonces are remembered as used. */
const MOST_SPENT = 20;

/** No host could be asked: nothing was exchanged, as far as is known. */
const UNREACHABLE = 80003;

/** What the server says of a TokenRequest that was signed by a wrong clock. */
const TIMESTAMP_NOT_CURRENT = 40104;

/** Where one client's tokens and TokenRequests come from: its sources, its key, Ably's REST API. */
export class TokenProvider implements SourceServices {
  readonly #options: ParsedClientOptions;
  #rest: Rest | undefined;
  #own: WeakMap<Secret<TokenRequest>, (now: number) => Promise<TokenRequest>> | undefined;
  /** In the order they were used. */
  #spent: Set<string> | undefined;
  #signer: { readonly key: Secret<ApiKey>; readonly sign: TokenRequestSigner } | undefined;

  constructor(options: ParsedClientOptions) {
    this.#options = options;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  get fetch(): FetchFunction {
    return this.#options.fetch;
  }

  get random(): () => number {
    return this.#options.random;
  }

  /** Asks the source that `terms` name (RSA10e). */
  async askSource(terms: AcquisitionParams, signal: AbortSignal): Promise<SourceAnswer> {
    const options = this.#usable(terms.authOptions);
    const params = this.#named(terms.tokenParams);
    const answer = await sourceFor(options, this)(params, signal);
    if (answer.kind === 'request') this.#rememberOwn(answer.request, terms, params);
    return answer;
  }

  /** Exchanges a TokenRequest for a token (RSA8a). */
  async exchange(request: Secret<TokenRequest>, signal: AbortSignal): Promise<SourceAnswer> {
    const id = this.#spend(request.expose());
    const rest = await this.rest().catch((error: unknown) => {
      this.#spent?.delete(id);
      throw error;
    });
    const token = await rest.requestToken(request.expose(), signal).catch(async (error: unknown) => {
      if (isOwnError(error) && error.code === UNREACHABLE) this.#spent?.delete(id);
      const again = await this.#signAnew(request, error, signal);
      return await rest.requestToken(again, signal);
    });
    return { kind: 'token', token: new SecretToken(token), clientId: token.clientId ?? null };
  }

  /** From the source to the token, without telling anybody (RSA8). */
  async requestToken(terms: AcquisitionParams, signal: AbortSignal): Promise<TokenDetails> {
    const answer = await this.askSource(terms, signal);
    const exchanged = answer.kind === 'request' ? await this.exchange(answer.request, signal) : answer;
    if (exchanged.kind === 'token') return exchanged.token.expose();
    throw new ErrorInfo({ code: 40170, message: 'a TokenRequest was exchanged for another TokenRequest' });
  }

  /** Whether a TokenRequest by these terms needs nothing but the key: no question to the server. */
  isLocal(terms: AcquisitionParams): boolean {
    return !terms.authOptions.queryTime || terms.tokenParams.timestamp !== undefined;
  }

  /**
   * Signs a TokenRequest (RSA9).
   * @throws {ErrorInfo} 40101 without a key.
   */
  async signLocally({ tokenParams, authOptions }: AcquisitionParams): Promise<TokenRequest> {
    const [sign, rest] = await Promise.all([this.signer(keyOf(authOptions.key)), this.rest()]);
    return sign(this.#named(tokenParams), rest.serverTime.local());
  }

  /** The same, by the server's time (RSA9d, RSA10k). */
  async signByServerTime(
    { tokenParams, authOptions }: AcquisitionParams,
    signal: AbortSignal,
  ): Promise<TokenRequest> {
    const [sign, rest] = await Promise.all([this.signer(keyOf(authOptions.key)), this.rest()]);
    return sign(this.#named(tokenParams), await rest.serverTime.now(true, signal));
  }

  /** Keeps how to sign a TokenRequest of our own again: one that was given cannot be. */
  #rememberOwn(
    request: Secret<TokenRequest>,
    { authOptions }: AcquisitionParams,
    params: ParsedTokenParams,
  ): void {
    const { key, authCallback, authUrl } = authOptions;
    if (key === undefined || authCallback !== undefined || authUrl !== undefined) return;
    if (params.timestamp !== undefined) return;
    this.#own ??= new WeakMap();
    this.#own.set(request, async (now) => (await this.signer(key))(params, now));
  }

  /** A clock that is wrong is healed by one question to the server, and one more try. */
  async #signAnew(request: Secret<TokenRequest>, error: unknown, signal: AbortSignal): Promise<TokenRequest> {
    const sign = this.#own?.get(request);
    if (sign === undefined || !isOwnError(error) || error.code !== TIMESTAMP_NOT_CURRENT) throw error;
    const { serverTime } = await this.rest();
    serverTime.forget();
    return await sign(await serverTime.now(true, signal));
  }

  /**
   * A nonce can be used once.
   * @throws {ErrorInfo} 40105 when it was, as the server would say
   */
  #spend(request: TokenRequest): string {
    const id = spentId(request);
    this.#spent ??= new Set();
    if (this.#spent.has(id)) {
      throw new ErrorInfo({ code: 40105, message: 'a TokenRequest with this nonce was exchanged before' });
    }
    this.#spent.add(id);
    const [oldest = id] = this.#spent;
    if (this.#spent.size > MOST_SPENT) this.#spent.delete(oldest);
    return id;
  }

  /**
   * What is left of the options: a TokenRequest that was given serves once.
   * @throws {ErrorInfo} 40171 when that is nothing
   */
  #usable(options: ParsedAuthOptions): ParsedAuthOptions {
    const request = options.tokenRequest?.expose();
    const isSpent = request !== undefined && this.#spent?.has(spentId(request));
    const usable = isSpent ? withoutLiteral(options) : options;
    if (hasLiteral(usable) || isRenewable(usable)) return usable;
    throw new ErrorInfo({ code: 40171, message: 'the client has no way to get a token' });
  }

  /** Made, and its code loaded, when it is first used. */
  async rest(): Promise<Rest> {
    const { createRest } = await parts.rest.load();
    if (this.#rest === undefined) {
      const { connection, hosts, http, fetch, clock, random, clientId } = this.#options;
      const named = clientId === undefined ? {} : { clientId };
      this.#rest = createRest({
        // RTN17e: what the connection goes to, the rest goes to.
        connectedHost: () => textIn(connection, 'fallbackHost') ?? null,
        ...hosts,
        ...http,
        fetch,
        clock,
        random,
        ...named,
      });
    }
    return this.#rest;
  }

  /** The work a key needs is done once; a client seldom has a second key. */
  async signer(key: Secret<ApiKey>): Promise<TokenRequestSigner> {
    const { keySigner } = await parts.signing.load();
    if (this.#signer?.key !== key) {
      this.#signer = { key, sign: keySigner(key.expose(), this.#options.randomBytes) };
    }
    return this.#signer.sign;
  }

  /** RSA7d, RSA10h: the client's own name, where none is given; an explicit null stays. */
  #named(params: ParsedTokenParams): ParsedTokenParams {
    const { clientId } = this.#options;
    return clientId === undefined || params.clientId !== undefined ? params : { ...params, clientId };
  }
}

function spentId({ keyName, nonce }: TokenRequest): string {
  return `${keyName} ${nonce}`;
}

function keyOf(key: Secret<ApiKey> | undefined): Secret<ApiKey> {
  if (key !== undefined) return key;
  throw new ErrorInfo({
    code: 40101,
    message: 'a TokenRequest can be signed with an API key only, and this client has none',
  });
}
