import type { AcquisitionRequest, AcquisitionStep } from '../../machines/acquisition.js';
import { type AuthEmitted, REFUSED_BEFORE } from '../../machines/auth-context.js';
import type { Accepted, MachinePorts, Running, SourceAnswer } from '../../machines/ports.js';
import type { Clock } from '../clock.js';
import { disposed } from '../errors/closed-errors.js';
import { ErrorInfo, isOwnError, isTokenError } from '../errors/error-info.js';
import type { ParsedClientOptions } from '../options/client-options.js';
import { abortable } from '../platform/signals.js';
import type { SharingMembership } from '../sharing/port.js';
import { hasLiteral, isRenewable, type ParsedAuthOptions } from '../sources/auth-options.js';
import type { Secret } from '../token/secret.js';
import type { TokenDetails } from '../token/token-details.js';
import type { TokenRequest } from '../token/token-request.js';
import { acceptFresh } from './accept.js';
import { type AcquisitionParams, paramsToStore, secretParams } from './acquisition-params.js';
import type { LateLink } from './late-link.js';
import { parts } from './parts.js';
import type { Holder, Received } from './shared-source.js';
import type { TokenProvider } from './token-provider.js';

/** What the ports need of their client. */
interface PortsClient {
  readonly currentToken: TokenDetails | null;
  readonly actor: Holder['actor'];
  forget(): void;
  isInUse(withinMs: number): boolean;
  /** Notices a sleep that no event reported. Returns how many the running acquisition has seen. */
  compareClocks(): number;
}

/** The ports of the client's machine. */
export class Ports implements MachinePorts {
  readonly clock: Clock;
  /** The place among the clients that share their tokens; undefined: this one shares none. */
  readonly membership: SharingMembership | undefined;
  /** The events that the current step emitted. */
  emitted: AuthEmitted[] = [];
  /** Set once, if there is a connection. It reports to the client that owns these ports. */
  link: LateLink | null = null;
  running: Running | undefined;
  readonly #options: ParsedClientOptions;
  readonly #provider: TokenProvider;
  readonly #client: PortsClient;
  #asked: ParsedAuthOptions | null = null;
  /** The token that came last. */
  #received: (Pick<Received, 'age'> & { readonly of: Secret<TokenDetails> }) | undefined;
  /** Whether a caller waits for the running acquisition: it started it, or joined it. */
  #isCalledFor = false;
  #isOver = false;

  constructor(options: ParsedClientOptions, supplier: TokenProvider, client: PortsClient) {
    this.#client = client;
    this.clock = options.clock;
    this.#options = options;
    this.#provider = supplier;
    this.membership = options.sharing?.addMember(options, () => client.forget());
  }

  /** Whether the client is disposed of. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The AuthOptions of the last request for a token. null: the token is being presented. */
  get asked(): ParsedAuthOptions | null {
    return this.#asked;
  }

  get awaited(): string | undefined {
    return this.#provider.awaited;
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

  /** A caller joins the running acquisition. */
  join(): void {
    this.#isCalledFor = true;
  }

  isInUse(withinMs: number): boolean {
    return this.#client.isInUse(withinMs);
  }

  /** The client is disposed of: nothing is requested any more, not even by a step that already runs. */
  end(): void {
    this.#isOver = true;
    this.membership?.leave();
  }

  ask(
    request: AcquisitionRequest,
    signal: AbortSignal,
    enter: (step: AcquisitionStep) => void = () => {},
  ): Promise<SourceAnswer> {
    this.#isCalledFor = request.byCaller;
    if (request.byCaller) this.link?.run((link) => link.begin());
    this.#asked = termsOf(request).authOptions;
    const askSource = (one: AcquisitionRequest, own: AbortSignal) => this.#askSource(one, own);
    const asked = this.#step(signal, async (inner) => {
      const { membership } = this;
      if (membership === undefined) return await askSource(request, inner);
      const { askTogether } = await parts.sharing.load();
      const asker = {
        options: this.#options,
        provider: this.#provider,
        membership,
        client: this.#client,
        askSource,
      };
      return await askTogether(asker, request, inner, enter);
    });
    return asked.then(({ answer, age }) => {
      this.#received = answer.kind === 'token' ? { of: answer.token, age } : undefined;
      return answer;
    });
  }

  async #askSource(request: AcquisitionRequest, signal: AbortSignal): Promise<Received> {
    const answer = await this.#provider.askSource(termsOf(request), signal, request);
    // A token that is exchanged for a TokenRequest is new. One that comes as it is may come from a cache.
    return { answer, age: answer.kind === 'token' ? this.#provider.ageOf(answer) : undefined };
  }

  exchange(
    tokenRequest: Secret<TokenRequest>,
    _request: AcquisitionRequest,
    signal: AbortSignal,
  ): Promise<SourceAnswer> {
    return this.#step(signal, (inner) => this.#provider.exchange(tokenRequest, inner));
  }

  /** If the user closes the connection that `authorize()` is to open, this step is useless and is ended. */
  async #step<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#isOver) throw disposed();
    const { link } = this;
    // A caller may join while the step runs.
    const inner = link !== null && (this.#isCalledFor || link.loaded) ? abortable(signal) : undefined;
    try {
      if (link === null || inner === undefined) return await work(signal);
      return await link.untilClosed(work(inner.signal).finally(inner.done), () => this.#isCalledFor);
    } catch (error) {
      // The source hears that its answer is not needed any more.
      inner?.abort(error);
      throw await this.#provider.cleared(error);
    }
  }

  /**
   * A connected connection must accept a token before the token counts. `authorize()` also opens a connection that
   * is not connected (RTC8). A token that no caller asked for waits until the connection needs it.
   */
  async present(
    token: Secret<TokenDetails>,
    request: AcquisitionRequest,
    signal: AbortSignal,
  ): Promise<Accepted> {
    if (this.#provider.isRefused(token.expose().token)) throw refusedBefore();
    // A sleep that ended before the token came does not age the token.
    const sleepsBefore = this.#client.compareClocks();
    const { needs, tokenParams } = termsOf(request);
    const age = this.#received?.of === token ? this.#received.age : undefined;
    this.#received = undefined;
    const accepted = acceptFresh(token, this.clock, tokenParams.ttl, age);
    if (needs !== undefined) (await parts.requirements.load()).checkGranted(token.expose(), needs);
    const isMeant = () => this.link !== null && (request.byCaller || this.link.isConnected);
    const link = isMeant() ? (this.link?.loaded ?? (await this.link?.load())) : undefined;
    // The code of the link may have been loaded meanwhile.
    if (link !== undefined && isMeant()) {
      this.#asked = null;
      const presented = link.present(token, tokenParams.clientId, { isToOpen: request.byCaller, signal });
      await presented.catch(async (error: unknown) => {
        if (isOwnError(error) && isTokenError(error)) this.#provider.noteRefused(token.expose().token);
        throw await this.#provider.cleared(error);
      });
    }
    // The machine may have slept while the server checked the token.
    this.#client.compareClocks();
    const isNew = request.overrides || hasLiteral(termsOf(request).authOptions);
    const terms = isNew
      ? secretParams(paramsToStore(termsOf(request)))
      : (request.terms as Secret<AcquisitionParams>);
    return { ...accepted, sleepsBefore, terms, renewable: isRenewable(terms.expose().authOptions) };
  }
}

const refusedBefore = (): ErrorInfo =>
  new ErrorInfo({
    code: 40170,
    reason: 'refused',
    message: 'the token source returned a token that a server refused before',
    detail: { token: REFUSED_BEFORE },
    remediation: 'No cache may store its answers. A source with its own cache must call isRefused(token).',
  });

/** The client put the parameters into this box. */
function termsOf(request: AcquisitionRequest): AcquisitionParams {
  return request.terms.expose() as AcquisitionParams;
}
