import type { Clock } from '../../clock.js';
import { ErrorInfo } from '../../errors/error-info.js';
import { identityFits, shownName } from '../../token/identity.js';
import { servesAnother } from '../one-auth.js';
import { type ConnectionAdapter, type ConnectionState, isAtRest } from '../port.js';

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

/** The connections of SDKs that an Auth has. */
const claimed = new WeakSet<object>();

/**
 * Marks a client of the SDK as that of an Auth, in whatever adapter.
 * @returns a function that takes the mark away
 * @throws {ErrorInfo} 40003: another Auth has it
 */
export function claim({ connection }: AblyRealtime): () => void {
  if (claimed.has(connection)) throw servesAnother();
  claimed.add(connection);
  return () => claimed.delete(connection);
}

type Listener = (change: AblyStateChange) => void;

/** The listeners of a connection of the SDK that the application cannot remove. */
const lasting = new WeakMap<object, Set<Listener>>();

/**
 * Adds a listener. If the application removes every listener (`off()` without arguments), it is added again.
 * @returns a function that removes it
 */
export function listenTo({ connection }: AblyRealtime, listener: Listener): () => void {
  const all = lasting.get(connection) ?? new Set();
  if (!lasting.has(connection)) {
    lasting.set(connection, all);
    const { off } = connection;
    const offFromNowOn = (...given: Parameters<typeof off>) => {
      off.apply(connection, given);
      if (given.every((one) => (one ?? null) === null)) for (const one of all) connection.on(one);
    };
    Reflect.set(connection, 'off', offFromNowOn);
  }
  if (!all.has(listener)) connection.on(listener);
  all.add(listener);
  return () => {
    all.delete(listener);
    connection.off(listener);
  };
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
  if (isAtRest(connection.state)) auth.tokenDetails = null;
}

/** Whether the SDK must ask for a token before it connects. In a version without this field it is not known: false. */
export const hasNoToken = ({ auth }: AblyRealtime): boolean =>
  'method' in auth && (auth.tokenDetails ?? null) === null;

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
