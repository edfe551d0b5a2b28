import type { SourceAnswer } from '../../machines/ports.js';
import { ErrorInfo, isOwnError } from '../errors/error-info.js';
import { createRest, type Rest } from '../http/rest.js';
import type { ParsedClientOptions } from '../options/client-options.js';
import { textIn } from '../redaction/received.js';
import type { Secret } from '../token/secret.js';
import { SecretToken } from '../token/secret-token.js';
import type { TokenRequest } from '../token/token-request.js';

/** How many nonces are remembered as used. */
const MOST_SPENT = 20;

/** No host could be asked: nothing was exchanged, as far as is known. */
const UNREACHABLE = 80003;

/** What the server says of a TokenRequest that was signed by a wrong clock. */
const TIMESTAMP_NOT_CURRENT = 40104;

/** Signs a TokenRequest again, for this moment at the server. */
export type SignAgain = (now: number) => Promise<TokenRequest>;

/** Ably's REST API for one client, and the TokenRequests that were exchanged there. */
export class Service {
  readonly rest: Rest;
  /** In the order they were used. */
  readonly #spent = new Set<string>();

  constructor({ connection, hosts, http, fetch, clock, random, clientId }: ParsedClientOptions) {
    const named = clientId === undefined ? {} : { clientId };
    this.rest = createRest({
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

  /** Whether a TokenRequest was exchanged: that can be done once. */
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
    const { rest } = this;
    const id = this.#spend(request.expose());
    const token = await rest.requestToken(request.expose(), signal).catch(async (error: unknown) => {
      if (isOwnError(error) && error.code === UNREACHABLE) this.#spent.delete(id);
      // A clock that is wrong is healed by one question to the server, and one more try.
      const isLate = isOwnError(error) && error.code === TIMESTAMP_NOT_CURRENT;
      if (signAgain === undefined || !isLate) throw error;
      rest.serverTime.forget();
      const again = await signAgain(await rest.serverTime.now(true, signal));
      return await rest.requestToken(again, signal);
    });
    return { kind: 'token', token: new SecretToken(token), clientId: token.clientId ?? null };
  }

  /**
   * A nonce can be used once.
   * @throws {ErrorInfo} 40105 when it was, as the server would say
   */
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
