import type { ErrorInfo } from '../errors/error-info.js';
import type { ClientType } from '../token/client-type.js';
import type { TokenDetails } from '../token/token-details.js';

/** The states of a realtime connection, with Ably's names. @see RTN4 */
export type ConnectionState =
  | 'initialized'
  | 'connecting'
  | 'connected'
  | 'disconnected'
  | 'suspended'
  | 'closing'
  | 'closed'
  | 'failed';

/** The connection will connect again by itself, with the same identity. */
export const isComingBack = (state: ConnectionState): boolean =>
  state === 'connecting' || state === 'disconnected' || state === 'suspended';

/** There is no connection that could be closed. */
export const isAtRest = (state: ConnectionState): boolean =>
  state === 'initialized' || state === 'closed' || state === 'failed';

/** The connection is not as it should be. */
export const isTroubled = (state: ConnectionState): boolean =>
  state === 'disconnected' || state === 'suspended' || state === 'failed';

/** Whether the connection failed because the key of the token was revoked, has expired or is unknown. */
export const saysKeyIsBad = (
  report: ConnectionChange,
): report is ConnectionChange & { readonly reason: ErrorInfo } =>
  report.state === 'failed' && Math.floor((report.reason?.code ?? 0) / 10) === 4013;

/** The events that Auth pushes to a connection. */
export type ConnectionUpgradeEvent =
  /** The connection is not connected: connect with this token. */
  | { readonly type: 'connection.open'; readonly token: TokenDetails }
  /** The connection is connected: re-authenticate in place with this token. */
  | { readonly type: 'connection.upgrade'; readonly token: TokenDetails }
  /**
   * The token has another identity than the connection: replace the connection. If the connection is not
   * connected, in whatever state, open a new one and resume nothing: the earlier connection belongs to another
   * identity.
   */
  | { readonly type: 'connection.replace'; readonly token: TokenDetails }
  /**
   * No token will come: give up, and report `error` as the reason. With `final: false` there is no token at the
   * moment: be disconnected and try again later (RSA4c2). Auth pushes the next token as soon as there is one.
   */
  | { readonly type: 'connection.fail'; readonly error: ErrorInfo; readonly final?: false };

/** The error of a connection: an ErrorInfo of Latchkey or of Ably's SDK, or a value with the same fields. @see TI1 */
export interface ReportedError {
  readonly code: number;
  readonly statusCode: number;
  readonly message: string;
}

/** The reports of a connection to Auth. */
export type ConnectionReport<Failure = ReportedError> =
  /** The connection has another state. */
  | {
      readonly type: 'connection.changed';
      readonly state: ConnectionState;
      readonly reason?: Failure;
      /** ms until the connection tries again, if it does so by itself and knows when. */
      readonly retryInMs?: number;
    }
  /** The connection wants to connect and needs a token. Auth answers with `connection.open`. */
  | { readonly type: 'token.needed' }
  /** The server asks for a new token during the connection (RTN22). */
  | { readonly type: 'token.asked' }
  /** The server refuses the token of the connection (40140–40149). */
  | { readonly type: 'token.refused'; readonly error: Failure }
  /**
   * The server accepted the token that was pushed last. The Auth's `tokenDetails` is that token from now on. This
   * report is optional: the promise of the push says the same, a moment after the connection's own listeners were
   * called.
   */
  | { readonly type: 'token.accepted' }
  /** The server says which clientId the connection has (RSA7b3): a name, `'*'` for any, `null` for none. */
  | { readonly type: 'identity.confirmed'; readonly clientId: string | null };

/** A change of the connection's state. Its error was read. */
export type ConnectionChange = Extract<ConnectionReport<ErrorInfo>, { readonly type: 'connection.changed' }>;

/** The Auth that the connection is attached to. */
export interface AttachedClient {
  /** The clientId that the connection sends to the server (RTN2d). null: that of the token. */
  readonly clientId: string | null;
  /** What the connection declares the client to be, in the parameter `clientType`. Absent: nothing. */
  readonly clientType?: ClientType;
  /**
   * The programs that use the client, as `name/version` separated by spaces: the connection adds them to its agent.
   * @see RSC7d6
   */
  readonly agents?: string;
}

/**
 * The port between Auth and a realtime connection. Any connection can be used through it.
 *
 * One adapter belongs to one Auth.
 */
export interface ConnectionAdapter {
  /**
   * The version of this port that the adapter is written for. Absent: version 1, without a number. The constructor
   * of Auth refuses an adapter for a version that Latchkey does not know (40003).
   */
  readonly port?: 1;
  readonly state: ConnectionState;

  /**
   * Gives the connection a token, or says that there will be none.
   *
   * The promise resolves when the server has accepted the token: the connection is connected, or re-authenticated,
   * with it. The promise rejects with the reason when the server refused the token, or when the connection failed,
   * was closed or was suspended. A lost transport settles nothing: the connection tries again with this token.
   *
   * After `signal` aborts, no caller waits for the promise: the connection must continue with the token that was
   * accepted last. A later push replaces this one.
   */
  push(event: ConnectionUpgradeEvent, signal: AbortSignal): Promise<void>;

  /**
   * Sends reports to `listener`, which never throws, until the returned function is called. Auth calls this method
   * once, and can receive reports a microtask later. A value that is no report is ignored and logged. A connection
   * that is connected already should report its identity then, because it may differ from that of the Auth.
   */
  attach(listener: (report: ConnectionReport) => void, client?: AttachedClient): () => void;

  /**
   * For a connection that reports changes some time after they happen. Auth calls this method before it makes a
   * decision. The connection must then report at once, before it returns, whether it was closed in the meantime. A
   * close that is reported later counts as a later close (RTC8b1). A connection that reports changes when they
   * happen does not need this method.
   */
  catchUp?(): void;

  /**
   * A caller has requested a newer token: give up an attempt to connect with an older one, and stay in the state
   * `connecting` (RTC8b). A push follows, with the token or with the information that there is none. Without this
   * method the attempt continues until the push.
   */
  halt?(): void;

  /**
   * The current token expires soon, and the server has not answered the token that was pushed last: try that token
   * on another transport, instead of waiting. Without this method the wait continues.
   */
  hurry?(): void;

  /**
   * The token to use when the connection connects again by itself, because the current token was renewed in the
   * meantime. null: the current token has expired or was refused, and there is no other; the connection must ask
   * for one (`token.needed`). Auth calls this method while the connection is `disconnected` or `suspended`. It
   * changes nothing else. Without this method the connection tries the older token first, and the server refuses
   * it.
   */
  useNext?(token: TokenDetails | null): void;

  /**
   * The user signed out. The connection ends as by a close. It drops its token and everything that it could be
   * resumed with. The promise of a waiting push rejects, and nothing is reported as refused afterwards. If the
   * connection is `initialized`, `closed` or `failed`, it only drops these things. The next time it is to connect,
   * it asks for a token (`token.needed`), and the next push opens it anew. Without this method the connection gets
   * a final `connection.fail` with 80017 instead.
   */
  forget?(): void;

  /**
   * The host of the connection if it is a fallback host: Auth sends its requests to it first (RTN17e). Absent or
   * null: the connection is not connected to a fallback host.
   */
  readonly fallbackHost?: string | null;

  /** The address of the connection for the log: for example `wss://example.com`, or a host. */
  readonly address?: string | undefined;
}
