import type { SourceAnswer } from '../../machines/ports.js';
import { ErrorInfo, isOwnError } from '../errors/error-info.js';
import { createRest, type Rest } from '../http/rest.js';
import type { ParsedClientOptions } from '../options/client-options.js';
import { textIn } from '../redaction/received.js';
import { type Secret, SecretToken } from '../token/secret.js';
import type { TokenRequest } from '../token/token-request.js';

/** How many used nonces are remembered. */
const MOST_SPENT = 20;

/** No host could be asked, so nothing was exchanged as far as is known. */
const UNREACHABLE = 80003;

/** The errors of the server for a TokenRequest that was signed by a wrong clock. */
const TIMESTAMP_NOT_CURRENT = 40104;

/** Signs a TokenRequest again, with the time of the server. */
export type SignAgain = (now: number) => Promise<TokenRequest>;

/** Ably's REST API for one client, and the TokenRequests that it exchanged. */
export class Service {
  readonly rest: Rest;
  /** Whether the client's tokens are for servers of the application, which must not get a token of Ably. */
  readonly #isForOthers: boolean;
  /** In the order of their use. */
  readonly #spent = new Set<string>();

  constructor(options: ParsedClientOptions) {
    const { agents, clientId, clientType, clock, connection, fetch, hosts, http, random } = options;
    this.#isForOthers = options.fetchOrigins !== undefined;
    this.rest = createRest({
      // RTN17e: REST requests go to the host of the connection.
      connectedHost: () => textIn(connection, 'fallbackHost') ?? null,
      ...hosts,
      ...http,
      fetch,
      clock,
      random,
      agents,
      clientId,
      clientType,
    });
  }

  /** Whether a TokenRequest was exchanged. It can be exchanged only once. */
  isSpent(request: TokenRequest): boolean {
    return this.#spent.has(spentId(request));
  }

  /**
   * Exchanges a TokenRequest for a token (RSA8a).
   * @param signAgain for a TokenRequest of the client's own
   */
  async exchange(
    request: Secret<TokenRequest>,
    signAgain: SignAgain | undefined,
    signal: AbortSignal,
  ): Promise<SourceAnswer> {
    if (this.#isForOthers) throw notForAbly();
    const { rest } = this;
    const id = this.#spend(request.expose());
    const token = await rest.requestToken(request.expose(), signal).catch(async (error: unknown) => {
      if (isOwnError(error) && error.code === UNREACHABLE) this.#spent.delete(id);
      // If the local clock is wrong, the client asks the server for its time, and tries once more.
      const isLate = isOwnError(error) && error.code === TIMESTAMP_NOT_CURRENT;
      if (signAgain === undefined || !isLate) throw error;
      rest.serverTime.forget();
      const again = await signAgain(await rest.serverTime.now(true, signal));
      return await rest.requestToken(again, signal);
    });
    return { kind: 'token', token: new SecretToken(token), clientId: token.clientId ?? null };
  }

  /** A nonce can be used once. @throws {ErrorInfo} 40105: it was used before, as the server would say */
  #spend(request: TokenRequest): string {
    const id = spentId(request);
    if (this.#spent.has(id)) {
      throw new ErrorInfo({ code: 40105, message: 'a TokenRequest with this nonce was exchanged before' });
    }
    this.#spent.add(id);
    const [oldest = id] = this.#spent;
    if (this.#spent.size > MOST_SPENT) this.#spent.delete(oldest);
    return id;
  }
}

function spentId({ keyName, nonce }: TokenRequest): string {
  return `${keyName} ${nonce}`;
}

/** A 403 ends the tries. */
const notForAbly = (): ErrorInfo =>
  new ErrorInfo({
    code: 40300,
    message:
      'the source gave a TokenRequest, which is for Ably, and fetchOrigins is for tokens of your own servers',
    remediation: 'Make another Auth for your own servers, whose source gives tokens for them.',
  });
