import { flag, method } from '../../checks/option-checks.js';
import { ended } from '../../errors/closed-errors.js';
import type { ErrorInfo } from '../../errors/error-info.js';
import { fieldOf, textIn } from '../../redaction/received.js';
import { throughProxies } from '../../surroundings.js';
import type { TokenDetails } from '../../token/token-details.js';
import { isAtRest } from '../port.js';
import { Closes, lossBy } from '../stack/closes.js';
import { checkFloor, type Floor } from '../stack/floor.js';
import { StackConnection, type StackOptions } from '../stack/stack-connection.js';
import { TokenMessages } from '../stack/token-messages.js';
import { Tries } from '../stack/tries.js';
import type { GraphqlWsClient, GraphqlWsHooks, GraphqlWsOptions, GraphqlWsTokens } from './client.js';
import { iterate, Subscriptions } from './subscriptions.js';

/** `terminate()` of the client. */
const TERMINATED = 4499;

/** Closes after which a client of `graphql-ws` and its server cannot understand each other. */
const FATAL: readonly unknown[] = [4004, 4005, 4400, 4406, 4409, 4429];

const floor: Floor<GraphqlWsClient> = {
  name: 'the client of createClient()',
  wanted: 'a client of graphql-ws 6 or newer',
  members: [
    ['on', 'function'],
    ['terminate', 'function'],
  ],
  isOfLibrary: ({ subscribe }) => typeof subscribe === 'function',
};

/** A client of `graphql-ws` behind the port. It never ends: while there is no token, it waits for its address. */
export class GraphqlWsConnection<Client extends GraphqlWsClient> extends StackConnection {
  /** For `GraphQLWsLink`, urql and others. */
  readonly client: Client;
  readonly #client: Client;
  readonly #given: GraphqlWsOptions;
  readonly #params: (token: TokenDetails) => object;
  readonly #closes: Closes;
  readonly #messages: TokenMessages;
  readonly #subscriptions = new Subscriptions();
  readonly #tries = new Tries(this.clock);
  #socket: unknown;
  #isShut = true;
  #wake = () => {};

  constructor(
    createClient: (options: GraphqlWsHooks) => Client,
    given: GraphqlWsOptions,
    { params, inPlace, refusalCodes, ...options }: GraphqlWsTokens & StackOptions,
  ) {
    super(options);
    this.#given = given;
    this.#params = method('params', params) ?? (({ token }) => ({ token }));
    this.#closes = new Closes(refusalCodes);
    this.#messages = new TokenMessages(flag('inPlace', inPlace) ?? false);
    this.#client = createClient({
      lazy: false,
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => true,
      onNonLazyError: () => {},
      url: () => this.#address(),
      retryWait: () => this.#wait(),
      connectionParams: () => this.#payload(),
    });
    checkFloor(this.#client, floor);
    this.#listen();
    const subscribe: GraphqlWsClient['subscribe'] = (operation, sink) => {
      if (isAtRest(this.state)) this.connect();
      return this.#subscriptions.start(this.#client, operation, sink);
    };
    this.client = {
      ...this.#client,
      subscribe,
      iterate: (operation: Parameters<typeof subscribe>[0]) => iterate((sink) => subscribe(operation, sink)),
      dispose: () => this.dispose(),
    };
  }

  protected open(): void {
    this.#isShut = false;
    this.#tries.restart();
    this.#terminate();
    this.#wake();
  }

  protected shut(end: ErrorInfo | null): void {
    this.#isShut = true;
    this.#terminate();
    if (end !== null) this.#subscriptions.end(end.code === ended('').code ? null : end);
  }

  protected override authenticate(token: TokenDetails): Promise<undefined> | undefined {
    const send = fieldOf(this.#socket, 'send');
    if (typeof send !== 'function') return undefined;
    return this.#messages.present(token, (payload) =>
      Reflect.apply(send, this.#socket, [JSON.stringify({ type: 'ping', payload })]),
    );
  }

  /** Before a socket is open no token was sent, and the newest one will be. After any close the client tries again. */
  #terminate(): void {
    if (this.#socket === undefined) return;
    this.#socket = undefined;
    this.#client.terminate();
  }

  #listen(): void {
    const client = this.#client;
    client.on('opened', (socket) => {
      this.#socket = socket;
      if (this.#isShut) this.#terminate();
    });
    client.on('connected', (socket, payload) => {
      if (socket !== this.#socket) return;
      this.#tries.connected();
      this.accepted(textIn(payload, 'clientId'));
    });
    const hear = (isReceived: unknown, payload: unknown) => {
      const heard = isReceived ? this.#messages.hear(payload) : undefined;
      if (heard === 'asked') this.asked();
      if (heard === 'unknown') this.hurry();
    };
    client.on('ping', hear);
    client.on('pong', hear);
    client.on('error', (error) => this.#lose(error));
    client.on('closed', (close) => this.#closed(close));
  }

  /** Resolves when there is a token to connect with. */
  async #address(): Promise<string> {
    const { url } = this.#given;
    // The client may still be in its constructor.
    await undefined;
    for (;;) {
      if (this.#isShut) await this.#woken();
      // An Auth may have offered a token already when there was none.
      else if (this.retrying() !== null) {
        try {
          return typeof url === 'function' ? await url() : url;
        } catch (error) {
          this.lost(lossBy(error));
          await this.#wait();
        }
      }
    }
  }

  async #payload(): Promise<Record<string, unknown>> {
    const { connectionParams } = this.#given;
    const own = typeof connectionParams === 'function' ? await connectionParams() : connectionParams;
    // Without a token the socket is closed, and nothing is sent.
    const token = this.retrying();
    return { ...own, ...(token && this.#params(token)) };
  }

  #woken(ms = Number.POSITIVE_INFINITY): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.clock.setTimeout(resolve, ms);
      this.#wake = () => {
        this.clock.clearTimeout(timer);
        resolve();
      };
    });
  }

  /** The first try after a loss is made at once, and so is one with a token that was pushed. */
  async #wait(): Promise<void> {
    const { count, ms } = this.#tries.next();
    if (count === 0) return;
    const own = this.#given.retryWait?.(count - 1);
    await (own === undefined ? this.#woken(ms) : Promise.race([own.catch(() => {}), this.#woken()]));
  }

  #lose(why: unknown): void {
    this.lost(lossBy(why));
    this.#terminate();
  }

  #closed(close: unknown): void {
    const code = fieldOf(close, 'code');
    if (code === TERMINATED) return;
    const error = this.#closes.refusalIn(close);
    if (error !== null) this.refused(error);
    else if (FATAL.includes(code)) this.ended(lossBy(close));
    else this.#lose(close);
  }
}

throughProxies(GraphqlWsConnection);
