import type { Ask } from '../../machines/ask.js';
import type { Accepted, SourceAnswer } from '../../machines/ports.js';
import type { Clock } from '../clock.js';
import type { ParsedClientOptions } from '../options.js';
import { hasLiteral, isRenewable, type ParsedAuthOptions } from '../sources/auth-options.js';
import { sourceName } from '../sources/source-name.js';
import type { Sealed } from '../token/sealed.js';
import type { TokenDetails } from '../token/token-details.js';
import type { TokenRequest } from '../token/token-request.js';
import { acceptFresh } from './accept.js';
import type { ClientPorts } from './actors.js';
import type { ConnectionLink } from './connection-link.js';
import { disposed } from './ended.js';
import { checkGranted } from './requirements.js';
import type { Supplier } from './supplier.js';
import { sealTerms, type Terms, termsToStore } from './terms.js';

/** What the client's machine works with. */
export class Ports implements ClientPorts {
  readonly clock: Clock;
  /** Set once, if there is a connection: it reports to the client that owns these ports. */
  link: ConnectionLink | null = null;
  readonly #options: ParsedClientOptions;
  readonly #supplier: Supplier;
  /** By what a token was asked for last; null: it is presented. */
  #asked: ParsedAuthOptions | null = null;
  #isOver = false;

  constructor(options: ParsedClientOptions, supplier: Supplier) {
    this.clock = options.clock;
    this.#options = options;
    this.#supplier = supplier;
  }

  /** What was tried for last, and where. */
  get sought(): string {
    const { connection, hosts } = this.#options;
    if (this.#asked !== null) return `token from ${sourceName(this.#asked, hosts)}`;
    return this.link === null ? 'token' : `token accepted by ${connection?.address ?? 'the connection'}`;
  }

  random(): number {
    return this.#options.random();
  }

  isOnline(): boolean {
    return this.#options.environment.isOnline();
  }

  opensTransport(ask: Ask): boolean {
    return ask.explicit && this.link !== null && !this.link.isConnected;
  }

  /** The client is disposed of: nothing is asked any more, also not by a step that began before. */
  end(): void {
    this.#isOver = true;
  }

  ask(ask: Ask, signal: AbortSignal): Promise<SourceAnswer> {
    if (ask.explicit) this.link?.begin();
    this.#asked = termsOf(ask).authOptions;
    return this.#step(ask, signal, (inner) => this.#supplier.ask(termsOf(ask), inner));
  }

  exchange(request: Sealed<TokenRequest>, ask: Ask, signal: AbortSignal): Promise<SourceAnswer> {
    return this.#step(ask, signal, (inner) => this.#supplier.exchange(request, inner));
  }

  /** What `authorize()` opens a connection with is of no use once the user has closed it. */
  async #step<T>(ask: Ask, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#isOver) throw disposed();
    if (!ask.explicit || this.link === null) return await work(signal);
    const inner = new AbortController();
    const stop = () => inner.abort(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await this.link.untilClosed(work(inner.signal));
    } catch (error) {
      // Whoever is asked hears that nobody waits any more.
      inner.abort(error);
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /**
   * A live connection must accept a token before it counts, and `authorize()` also opens one that
   * is not live (RTC8). A token nobody asked for by name waits until the connection wants it.
   */
  async present(token: Sealed<TokenDetails>, ask: Ask, signal: AbortSignal): Promise<Accepted> {
    const accepted = acceptFresh(token, this.clock);
    const { needs, tokenParams } = termsOf(ask);
    if (needs !== undefined) checkGranted(token.open(), needs);
    const { link } = this;
    if (link !== null && (ask.explicit || link.isConnected)) {
      this.#asked = null;
      await link.present(token, tokenParams.clientId, { isToOpen: ask.explicit, signal });
    }
    const isNew = ask.own || hasLiteral(termsOf(ask).authOptions);
    const terms = isNew ? sealTerms(termsToStore(termsOf(ask))) : (ask.terms as Sealed<Terms>);
    return { ...accepted, terms, renewable: isRenewable(terms.open().authOptions) };
  }
}

/** The box an ask travels in was filled by the client. */
function termsOf(ask: Ask): Terms {
  return ask.terms.open() as Terms;
}
