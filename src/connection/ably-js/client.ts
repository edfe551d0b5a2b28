import type { Clock } from '../../clock.js';
import { ErrorInfo } from '../../errors/error-info.js';
import { identityFits, shownName } from '../../token/identity.js';
import type { ConnectionAdapter, ConnectionState } from '../port.js';

/** The options of `ablyJs()`. */
export interface AblyJsOptions {
  /** How long the server may take to answer a re-authentication, in whole ms. Default: 10,000. @see TO3l11 */
  readonly realtimeRequestTimeout?: number;
  /** Replaces the clock of the platform. */
  readonly clock?: Clock;
}

/** The official SDK's client as a connection adapter. */
export interface AblyJsConnection<Client extends AblyRealtime> extends ConnectionAdapter {
  /** The SDK's client, with channels and presence. */
  readonly client: Client;
}

/** The parts of the official SDK's `Realtime` client that are used. */
export interface AblyRealtime {
  readonly auth: {
    readonly clientId?: string | null;
    /** The token that the SDK connects with. Without one it calls its `authCallback`. */
    tokenDetails?: unknown;
    /** Re-authenticates in place with another token. */
    authorize(tokenParams: undefined, authOptions: { authCallback: AblyAuthCallback }): Promise<unknown>;
  };
  /** The options of the SDK, as far as they can be read. */
  readonly options?: object;
  readonly connection: {
    readonly state: ConnectionState;
    /** The `reason` of the last change that had one, whether it was reported or not. */
    readonly errorReason?: unknown;
    /** Connects, if the SDK is not connected. */
    connect(): void;
    /** Closes the connection. */
    close(): void;
    /** Calls `listener` at each change of state. */
    on(listener: (change: AblyStateChange) => void): void;
    /** Removes `listener`. */
    off(listener: (change: AblyStateChange) => void): void;
  };
}

/** The parts of a change of state that are used. The SDK reports a change some time after it happens. */
export interface AblyStateChange {
  readonly previous: ConnectionState;
  readonly current: ConnectionState;
  readonly reason?: unknown;
  /** ms until the next try. */
  readonly retryIn?: number;
}

/** The host that the SDK connects to, for the log. undefined: it is not known. */
export function addressOf({ options = {} }: AblyRealtime): string | undefined {
  const { primaryDomain, realtimeHost, endpoint } = options as Record<string, unknown>;
  const host = primaryDomain ?? realtimeHost ?? endpoint;
  return typeof host === 'string' ? host : undefined;
}

/** @throws {ErrorInfo} 40102: the options of the SDK have another clientId than the Auth */
export function checkClientId({ options = {} }: AblyRealtime, clientId: string | null): void {
  const { clientId: own } = options as Record<string, unknown>;
  if (typeof own !== 'string' || identityFits(own, clientId)) return;
  throw new ErrorInfo({
    code: 40102,
    message: `the SDK has clientId ${shownName(own)}, and its Auth has clientId ${shownName(clientId)}`,
    remediation: 'Give the clientId to the Auth. If the SDK has one too, it must be the same.',
  });
}

/**
 * From now on the SDK gets tokens from Latchkey only, also when the application calls `connect()`. The SDK has no public
 * way to change its source without connecting. A version without these fields uses its own source until its first token
 * from Latchkey.
 */
export function useOnly(authCallback: AblyAuthCallback, { auth, connection }: AblyRealtime): void {
  if (!('authOptions' in auth && 'method' in auth)) return;
  Object.assign(auth, { authOptions: { authCallback }, method: 'token' });
  if (['initialized', 'closed', 'failed'].includes(connection.state)) auth.tokenDetails = null;
}

/** A token as the SDK needs it. `expires` is 0 if it is not known. */
export interface AblyTokenDetails {
  token: string;
  issued: number;
  expires: number;
  capability: string;
  clientId?: string;
  keyName?: string;
}

/** An error as the SDK needs it: the reason why there is no token. */
export interface AblyTokenError {
  readonly name: string;
  readonly message: string;
  readonly code: number;
  readonly statusCode: number;
}

/** Receives the answer to a request of the SDK for a token. */
export type AblyAnswer = (error: AblyTokenError | null, token: AblyTokenDetails | null) => void;

/** The SDK calls this function when it needs a token. */
export type AblyAuthCallback = (tokenParams: unknown, answer: AblyAnswer) => void;
