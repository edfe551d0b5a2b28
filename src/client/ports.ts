import type { AcquisitionRequest } from '../../machines/acquisition-request.js';
import { REFUSED_BEFORE } from '../../machines/auth-context.js';
import type { Accepted, MachinePorts, SourceAnswer } from '../../machines/ports.js';
import type { Clock } from '../clock.js';
import { disposed } from '../errors/closed-errors.js';
import { ErrorInfo, isOwnError, isTokenError } from '../errors/error-info.js';
import type { ParsedClientOptions } from '../options/client-options.js';
import { abortable } from '../platform/signals.js';
import { hasLiteral, isRenewable, type ParsedAuthOptions } from '../sources/auth-options.js';
import type { Secret } from '../token/secret.js';
import type { TokenDetails } from '../token/token-details.js';
import type { TokenRequest } from '../token/token-request.js';
import { acceptFresh } from './accept.js';
import { type AcquisitionParams, paramsToStore, secretParams } from './acquisition-params.js';
import type { LateLink } from './late-link.js';
import { parts } from './parts.js';
import type { TokenProvider } from './token-provider.js';

/** What the ports need of their client. */
interface PortsClient {
  isInUse(withinMs: number): boolean;
  /** Notices a sleep that nothing told of. Returns how many the acquisition that runs has seen. */
  compareClocks(): number;
}

/** What the client's machine works with. */
export class Ports implements MachinePorts {
  readonly clock: Clock;
  /** Set once, if there is a connection: it reports to the client that owns these ports. */
  link: LateLink | null = null;
  readonly #options: ParsedClientOptions;
  readonly #provider: TokenProvider;
  readonly #client: PortsClient;
  #asked: ParsedAuthOptions | null = null;
  /** Whether a caller waits for the acquisition that runs: it began it, or has joined it. */
  #isCalledFor = false;
  #isOver = false;

  constructor(options: ParsedClientOptions, supplier: TokenProvider, client: PortsClient) {
    this.#client = client;
    this.clock = options.clock;
    this.#options = options;
    this.#provider = supplier;
  }

  /** Whether the client is disposed of. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** By what a token was asked for last; null: it is presented. */
  get asked(): ParsedAuthOptions | null {
    return this.#asked;
  }

  random(): number {
    return this.#options.random();
  }

  isOnline(): boolean {
    return this.#options.environment.isOnline();
  }

  opensTransport(request: AcquisitionRequest): boolean {
    return request.byCaller && this.link !== null && !this.link.isConnected;
  }

  /** A caller joins the acquisition that runs. */
  join(): void {
    this.#isCalledFor = true;
  }

  isInUse(withinMs: number): boolean {
    return this.#client.isInUse(withinMs);
  }

  /** The client is disposed of: nothing is asked any more, also not by a step that began before. */
  end(): void {
    this.#isOver = true;
  }

  ask(request: AcquisitionRequest, signal: AbortSignal): Promise<SourceAnswer> {
    this.#isCalledFor = request.byCaller;
    if (request.byCaller) this.link?.run((link) => link.begin());
    this.#asked = termsOf(request).authOptions;
    return this.#step(signal, (inner) => this.#provider.askSource(termsOf(request), inner, request));
  }

  exchange(
    tokenRequest: Secret<TokenRequest>,
    _request: AcquisitionRequest,
    signal: AbortSignal,
  ): Promise<SourceAnswer> {
    return this.#step(signal, (inner) => this.#provider.exchange(tokenRequest, inner));
  }

  /** What `authorize()` opens a connection with is of no use once the user has closed it. */
  async #step<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#isOver) throw disposed();
    const { link } = this;
    // A caller may join while the step runs.
    const inner = link !== null && (this.#isCalledFor || link.loaded) ? abortable(signal) : undefined;
    try {
      if (link === null || inner === undefined) return await work(signal);
      return await link.untilClosed(work(inner.signal).finally(inner.done), () => this.#isCalledFor);
    } catch (error) {
      // Whoever is asked hears that nobody waits any more.
      inner?.abort(error);
      throw this.#provider.cleared(error);
    }
  }

  /**
   * A live connection must accept a token before it counts, and `authorize()` also opens one that
   * is not live (RTC8). A token nobody asked for by name waits until the connection wants it.
   */
  async present(
    token: Secret<TokenDetails>,
    request: AcquisitionRequest,
    signal: AbortSignal,
  ): Promise<Accepted> {
    // The source may have answered during a sleep: the token is not to be charged with it.
    if (this.#provider.isRefused(token.expose().token)) throw refusedBefore();
    const sleepsBefore = this.#client.compareClocks();
    const { needs, tokenParams } = termsOf(request);
    const accepted = { ...acceptFresh(token, this.clock, tokenParams.ttl), sleepsBefore };
    if (needs !== undefined) (await parts.requirements.load()).checkGranted(token.expose(), needs);
    const isMeant = () => this.link !== null && (request.byCaller || this.link.isConnected);
    const link = isMeant() ? (this.link?.loaded ?? (await this.link?.load())) : undefined;
    // Its code may have been loaded meanwhile.
    if (link !== undefined && isMeant()) {
      this.#asked = null;
      const presented = link.present(token, tokenParams.clientId, { isToOpen: request.byCaller, signal });
      await presented.catch((error: unknown) => {
        if (isOwnError(error) && isTokenError(error)) this.#provider.noteRefused(token.expose().token);
        throw this.#provider.cleared(error);
      });
    }
    // The machine may have slept while the server thought about it.
    this.#client.compareClocks();
    const isNew = request.overrides || hasLiteral(termsOf(request).authOptions);
    const terms = isNew
      ? secretParams(paramsToStore(termsOf(request)))
      : (request.terms as Secret<AcquisitionParams>);
    return { ...accepted, terms, renewable: isRenewable(terms.expose().authOptions) };
  }
}

const refusedBefore = (): ErrorInfo =>
  new ErrorInfo({
    code: 40170,
    statusCode: 401,
    message: 'the token source gave a token again that a server has refused',
    detail: { token: REFUSED_BEFORE },
    remediation: 'Let nothing cache its answers. A source with a cache of its own asks isRefused(token).',
  });

/** The box its terms travel in was filled by the client. */
function termsOf(request: AcquisitionRequest): AcquisitionParams {
  return request.terms.expose() as AcquisitionParams;
}
