import type { TokenDetails } from '../../token/token-details.js';

/** The events of `graphql-ws` that are used. */
export type GraphqlWsEvent = 'opened' | 'connected' | 'ping' | 'pong' | 'error' | 'closed';

/** Where the results of an operation go. */
export interface GraphqlWsSink<Result = never> {
  /** Takes a result. */
  next(value: Result): void;
  /** The operation failed. */
  error(error: unknown): void;
  /** The operation is over. */
  complete(): void;
}

/** The parts of a client of `graphql-ws` that are used. */
export interface GraphqlWsClient {
  /** Listens to an event. The returned function ends that. */
  on(event: GraphqlWsEvent, listener: (...given: unknown[]) => void): () => void;
  /** Starts an operation. The returned function ends it. */
  subscribe(payload: { readonly query: string }, sink: GraphqlWsSink): () => void;
  /** Closes the socket; the client connects again. */
  terminate(): void;
  /** Ends the client. */
  dispose(): void | Promise<void>;
}

type Payload = Readonly<Record<string, unknown>>;

/** The options of `createClient` that the connection reads. All others are passed on as they are. */
export interface GraphqlWsOptions {
  readonly url: string | (() => string | Promise<string>);
  /** What the server needs besides the token. */
  readonly connectionParams?: Payload | (() => Payload | undefined | Promise<Payload | undefined>);
  /** How long to wait before a further try. Default: 1 s, which doubles, up to 30 s. */
  readonly retryWait?: (retries: number) => Promise<void>;
}

/** The options of `createClient` that the connection sets. */
export interface GraphqlWsHooks {
  readonly url: () => Promise<string>;
  readonly connectionParams: () => Promise<Record<string, unknown>>;
  readonly lazy: false;
  readonly onNonLazyError: () => void;
  readonly retryAttempts: number;
  readonly retryWait: (retries: number) => Promise<void>;
  readonly shouldRetry: () => boolean;
}

/** How the token travels. */
export interface GraphqlWsTokens {
  /** What of the payload of `connection_init` is the token. Default: `{ token }`. */
  readonly params?: (token: TokenDetails) => object;
  /**
   * The server takes a token in place, as `latchkey/server/graphql-ws` does. Default: it does so once it has asked for one
   * with a Ping. Otherwise the client connects again, and its subscriptions are sent again.
   */
  readonly inPlace?: boolean;
  /** The codes with which the server closes a connection because of its token. Default: 4401 and 4403. */
  readonly refusalCodes?: readonly number[];
}
