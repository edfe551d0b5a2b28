import type { Clock } from '../../clock.js';
import type { ConnectionAdapter, ConnectionState } from '../port.js';

/** How the official SDK is watched over. */
export interface AblyJsOptions {
  /** How long the server may take to answer a re-authentication, whole ms. Default 10,000. @see TO3l11 */
  readonly realtimeRequestTimeout?: number;
  /** Instead of the machine's own clock. */
  readonly clock?: Clock;
}

/** The official SDK's client behind Latchkey's connection port. */
export interface AblyJsConnection<Client extends AblyRealtime> extends ConnectionAdapter {
  /** The SDK's client: channels, presence and all. */
  readonly client: Client;
}

/** What is used of the official SDK's `Realtime` client. */
export interface AblyRealtime {
  readonly auth: {
    readonly clientId?: string | null;
    /** The token it connects with. Without one it asks its `authCallback`. */
    tokenDetails?: unknown;
    /** Takes another token in place. */
    authorize(tokenParams: undefined, authOptions: { authCallback: AblyAuthCallback }): Promise<unknown>;
  };
  /** How it was made, as far as it tells. */
  readonly options?: object;
  readonly connection: {
    readonly state: ConnectionState;
    /** The `reason` of the last change that had one, reported or not. */
    readonly errorReason?: unknown;
    /** Connects, where it is not connected. */
    connect(): void;
    /** Ends the connection. */
    close(): void;
    /** Calls `listener` at each change of state. */
    on(listener: (change: AblyStateChange) => void): void;
    /** Calls `listener` no more. */
    off(listener: (change: AblyStateChange) => void): void;
  };
}

/** What is used of a change the SDK reports, a while after it happened. */
export interface AblyStateChange {
  readonly previous: ConnectionState;
  readonly current: ConnectionState;
  readonly reason?: unknown;
  /** ms until the next try. */
  readonly retryIn?: number;
}

/** The host it connects to, for the log; undefined where it does not tell. */
export function addressOf({ options = {} }: AblyRealtime): string | undefined {
  const { primaryDomain, realtimeHost, endpoint } = options as Record<string, unknown>;
  const host = primaryDomain ?? realtimeHost ?? endpoint;
  return typeof host === 'string' ? host : undefined;
}

/** A token as the SDK takes it: all fields are there. */
export interface AblyTokenDetails {
  token: string;
  issued: number;
  expires: number;
  capability: string;
  clientId?: string;
}

/** Why there is no token, as the SDK takes it. */
export interface AblyTokenError {
  readonly name: string;
  readonly message: string;
  readonly code: number;
  readonly statusCode: number;
}

/** Takes the answer to a request of the SDK for a token. */
export type AblyAnswer = (error: AblyTokenError | null, token: AblyTokenDetails | null) => void;

/** What the SDK calls when it wants a token. */
export type AblyAuthCallback = (tokenParams: unknown, answer: AblyAnswer) => void;
