import type { ErrorInfo } from '../errors/error-info.js';
import type { TokenDetails } from '../token/token-details.js';

/** The states of a realtime connection, by Ably's names. @see RTN4 */
export type ConnectionState =
  | 'initialized'
  | 'connecting'
  | 'connected'
  | 'disconnected'
  | 'suspended'
  | 'closing'
  | 'closed'
  | 'failed';

/** All of them. */
export const CONNECTION_STATES = Object.keys({
  initialized: true,
  connecting: true,
  connected: true,
  disconnected: true,
  suspended: true,
  closing: true,
  closed: true,
  failed: true,
} satisfies Record<ConnectionState, true>) as ConnectionState[];

/** It connects by itself, as whoever it was. */
export const isComingBack = (state: ConnectionState): boolean =>
  state === 'connecting' || state === 'disconnected' || state === 'suspended';

/** It is not what it should be. */
export const isTroubled = (state: ConnectionState): boolean =>
  state === 'disconnected' || state === 'suspended' || state === 'failed';

/** What Auth pushes to a connection. */
export type ConnectionUpgradeEvent =
  /** Not connected: connect with this token. */
  | { readonly type: 'connection.open'; readonly token: TokenDetails }
  /** Connected: re-authenticate in place with this token. */
  | { readonly type: 'connection.upgrade'; readonly token: TokenDetails }
  /**
   * The token is for somebody else than the one who was confirmed last: replace the connection. Not
   * connected, in whatever state, this is an open that resumes nothing: what there was is another's.
   */
  | { readonly type: 'connection.replace'; readonly token: TokenDetails }
  /**
   * There will be no token: give up, and tell `error`. With `final: false` there is none for now: be
   * disconnected and try again later (RSA4c2); another token is pushed as soon as there is one.
   */
  | { readonly type: 'connection.fail'; readonly error: ErrorInfo; readonly final?: false };

/** What a connection reports to Auth. */
export type ConnectionReport =
  /** The connection is in another state. */
  | {
      readonly type: 'connection.changed';
      readonly state: ConnectionState;
      readonly reason?: ErrorInfo;
      /** ms until the connection tries again, where it does by itself and knows when. */
      readonly retryInMs?: number;
    }
  /** The connection wants to connect and needs a token for it: Auth answers with `connection.open`. */
  | { readonly type: 'token.needed' }
  /** The server asks for a new token while the connection is up (RTN22). */
  | { readonly type: 'token.asked' }
  /** The server will not take, or no longer takes, the token in use (40140–40149). */
  | { readonly type: 'token.refused'; readonly error: ErrorInfo }
  /**
   * The server accepted the token that was pushed last: `tokenDetails` of the Auth is that token from now on.
   * Optional: the promise says so, too, a moment later than the connection's own listeners look.
   */
  | { readonly type: 'token.accepted' }
  /** The server says who the client is (RSA7b3): a name, `'*'` for anybody, `null` for nobody. */
  | { readonly type: 'identity.confirmed'; readonly clientId: string | null };

/** Who an Auth is for. */
export interface AttachedClient {
  /** What the client calls itself, to be told to the server (RTN2d); null: whoever the token is for. */
  readonly clientId: string | null;
}

/**
 * The port between Auth and a realtime connection. A connection of any make fits behind it.
 *
 * One adapter serves one Auth.
 */
export interface ConnectionAdapter {
  /**
   * The version of this port that the adapter is written for. Absent: version 1 as it was before it had a number. An
   * adapter for a version that Latchkey does not know is refused by the constructor of Auth (40003).
   */
  readonly port?: 1;
  readonly state: ConnectionState;

  /**
   * Gives the connection a token, or the news that there will be none.
   *
   * The promise resolves when the server accepted: connected with this token, or re-authenticated
   * with it. It rejects with the reason when the server refused it, or the connection failed, was
   * closed or suspended. A dropped transport is neither: the connection tries again with this token
   * and the wait goes on. After `signal` aborts nobody waits any more: the connection must go on
   * with the token accepted last, and a push that comes later replaces this one.
   */
  push(event: ConnectionUpgradeEvent, signal: AbortSignal): Promise<void>;

  /**
   * Reports go to `listener`, which never throws, until the returned function is called. Called once, by
   * Auth, which can hear them a microtask later. What is no report is passed over, and logged. Where it is connected already, who that is is reported then: the Auth is
   * perhaps not for them.
   */
  attach(listener: (report: ConnectionReport) => void, client?: AttachedClient): () => void;

  /**
   * For a connection that tells its changes a while after they happen: Auth is about to go by what it
   * was told, and is to be told now, before this returns, that the connection was closed meanwhile. A
   * close that is told later counts as one that came later (RTC8b1). Not needed where changes are told
   * as they happen.
   */
  catchUp?(): void;

  /**
   * A newer token is on its way, by name: an attempt to connect with an older one is to be given up, and
   * the state stays `connecting` (RTC8b). A push follows, with the token or with the news that there is
   * none. Without this method such an attempt goes on until the push.
   */
  halt?(): void;

  /**
   * The token before is about to die, and the server has not answered the one that was pushed last: that
   * is to be tried on another transport, rather than wait to be disconnected. Without this method the
   * wait goes on.
   */
  hurry?(): void;

  /**
   * The token to use when it next connects by itself: the one before was renewed while the connection was away. null:
   * the one before is dead, and there is no other: it asks for one (`token.needed`). It is called while the connection
   * is `disconnected` or `suspended`, and changes nothing else. Without this method the connection tries the older
   * token first, and has it refused.
   */
  useNext?(token: TokenDetails | null): void;

  /**
   * The user signed out. The connection ends, as by a close, and drops its token and all it could be
   * resumed with; a token that waits is rejected, and nothing is reported as refused afterwards. Where it
   * is `initialized`, `closed` or `failed` it only drops. The next time it is to connect it asks for a
   * token (`token.needed`), and the next push opens it anew. Without this method such a connection is
   * failed instead: a final `connection.fail` with 80017.
   */
  forget?(): void;

  /**
   * The host it is connected to, where that is a fallback host: Auth's own requests go there first
   * (RTN17e). Absent or null: nothing of that kind.
   */
  readonly fallbackHost?: string | null;

  /** Where it connects to, for the log: an address such as `wss://example.com`, or a host. */
  readonly address?: string | undefined;
}
