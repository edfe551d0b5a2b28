import type { ErrorInfo } from '../../errors/error-info.js';
import type { Who } from '../../token/identity.js';
import type { Secret } from '../../token/secret.js';
import type { TokenDetails } from '../../token/token-details.js';
import type { ConnectionReport, ConnectionState } from '../port.js';
import type { Bearer } from './bearer.js';

/** A token for which a caller waits until the server has answered. */
export interface Presented {
  readonly token: Secret<TokenDetails>;
  /** The clientId that the token was requested for. */
  readonly asked: Who;
}

/** An event for the connection, with its token in a box. */
export type Push =
  | {
      readonly type: 'connection.open' | 'connection.upgrade' | 'connection.replace';
      readonly token: Secret<TokenDetails>;
      /** Absent: no caller waits, and the answer comes as a report. */
      readonly presented?: Presented;
    }
  | { readonly type: 'connection.fail'; readonly error: ErrorInfo; readonly final?: false };

/** What is known of the connection in every mode except `disposed`. */
export interface Known {
  /** The clientId of the client. undefined: that of the token. */
  readonly clientId: string | undefined;
  readonly bearer: Bearer;
  /**
   * The token that the connection has. `'forgotten'`: the user signed out, so the connection should have dropped
   * its token, and got no other since.
   */
  readonly token: Secret<TokenDetails> | 'forgotten' | null;
  /** The server has accepted this token, and the client commits it next. */
  readonly accepted: Secret<TokenDetails> | null;
  /** A newer token than the one that the current attempt to connect uses. null: there is none. */
  readonly next: Secret<TokenDetails> | null;
  /**
   * The state that was reported last. `'leaving'`: the connection was asked to end, and has not reported it yet.
   */
  readonly heard: ConnectionState | 'leaving';
  /** Whether the user closed the connection since the acquisition began. */
  readonly isClosed: boolean;
  /** The push that the client is informed of at the moment. It is made next, unless another event comes first. */
  readonly announced: Push | null;
  /** Whether the log says already that the adapter reports invalid values. Once is enough. */
  readonly isWarned: boolean;
}

/** The modes in which no token is presented. */
export type Resting =
  /** The connection waits for nothing. */
  | 'served'
  /** The connection asked for a token, and gets the next one. */
  | 'asking'
  /**
   * The connection was told that there is no token at the moment, or its token was refused. It gets the next
   * token.
   */
  | 'delayed'
  /** The connection gave up an attempt for a newer token, and must not get an older one (RTC8b). */
  | 'halted';

/** The mode of the client's end of a connection. */
export type Mode =
  | { readonly [Kind in Resting]: { readonly kind: Kind; readonly known: Known } }[Resting]
  | {
      /** A token is presented, or is presented next. */
      readonly kind: 'presenting';
      readonly presented: Presented;
      /** The mode that follows, unless the token is accepted. */
      readonly otherwise: Resting;
      readonly known: Known;
    }
  | { readonly kind: 'disposed' };

export type Kind = Mode['kind'];
export type ModeOf<K extends Kind> = Extract<Mode, { readonly kind: K }>;

/** The current token of the client, and the clientId that tokens are requested for. */
interface Held {
  readonly held: Secret<TokenDetails> | null;
  readonly asked: Who;
}

/** The adapter's current state. It may differ from the one that was reported last. */
interface Now {
  readonly state: ConnectionState;
}

type Reported<T extends ConnectionReport['type']> = Extract<
  ConnectionReport<ErrorInfo>,
  { readonly type: T }
>;

/** Everything that can happen at the client's end of a connection. */
export type Report =
  // From the connection.
  | Reported<'token.needed'>
  | (Reported<'token.refused'> & Held)
  | Reported<'token.accepted'>
  | Reported<'identity.confirmed'>
  | Reported<'connection.changed'>
  /** The adapter reported an invalid value. */
  | { readonly type: 'report.unreadable' }
  // From the client.
  /** An acquisition begins, and its token is to open the connection. */
  | { readonly type: 'acquisition.begun' }
  /** `isToOpen`: the caller requested the token in order to open the connection. */
  | ({ readonly type: 'token.presented'; readonly presented: Presented; readonly isToOpen: boolean } & Now)
  /** No caller waits for the answer any more. */
  | { readonly type: 'token.withdrawn'; readonly presented: Presented; readonly reason: unknown }
  /** There is a token for a connection that waits for one. */
  | ({ readonly type: 'token.offered'; readonly token: Secret<TokenDetails>; readonly asked: Who } & Now)
  /** The token before expired or was refused, and there is no other. */
  | ({ readonly type: 'token.lost' } & Now)
  /** A caller requests a newer token. `isAble`: the adapter can give up an attempt. */
  | ({ readonly type: 'attempt.halted'; readonly isAble: boolean } & Now)
  /** The current token expires soon. */
  | ({ readonly type: 'answer.urgent' } & Now)
  /** No token will come. */
  | { readonly type: 'token.denied'; readonly error: ErrorInfo }
  /** There is no token at the moment. */
  | { readonly type: 'token.delayed'; readonly error: ErrorInfo }
  /** A try to get a token failed, and no other follows by itself. */
  | ({ readonly type: 'attempt.failed'; readonly error: ErrorInfo } & Held)
  /** The user signed out. `isAble`: the adapter has the method `forget`. */
  | ({ readonly type: 'token.forgotten'; readonly error: ErrorInfo; readonly isAble: boolean } & Now)
  | { readonly type: 'client.disposed' }
  // From the effects.
  | { readonly type: 'push.announced'; readonly push: Push }
  | { readonly type: 'push.accepted'; readonly presented: Presented }
  | { readonly type: 'push.rejected'; readonly presented: Presented; readonly reason: unknown };

export type ReportType = Report['type'];
export type ReportOf<T extends ReportType> = Extract<Report, { readonly type: T }>;

/** The effects of a step, in order. */
export type Effect =
  /** Inform the client of the push. `push.announced` follows. */
  | { readonly type: 'announce'; readonly push: Push }
  /** Push to the connection. If a token is presented, the answer follows as a report. */
  | { readonly type: 'push'; readonly push: Push }
  | { readonly type: 'resolve'; readonly presented: Presented }
  | { readonly type: 'reject'; readonly presented: Presented; readonly reason: unknown }
  /** Reject the callers whose token was to open the connection. */
  | { readonly type: 'reject callers' }
  /** Inform the client that the current token was refused. */
  | { readonly type: 'tell the refusal'; readonly error: ErrorInfo }
  /** Tell the connection which token to use when it connects again by itself. null: none. */
  | { readonly type: 'use next'; readonly token: Secret<TokenDetails> | null }
  /** Ask the client for a token. */
  | { readonly type: 'ask for a token' }
  /** Log that the adapter reports invalid values. */
  | { readonly type: 'warn' }
  | { readonly type: 'halt' }
  | { readonly type: 'hurry' }
  | { readonly type: 'forget' }
  | { readonly type: 'detach' };

export type Step = readonly [Mode, readonly Effect[]];

/** The tokens that the connection has, or was asked to accept. */
export function tokensIn(mode: Mode): readonly string[] {
  if (mode.kind === 'disposed') return [];
  const { token } = mode.known;
  return [
    ...(mode.kind === 'presenting' ? [mode.presented.token.expose().token] : []),
    ...(token === null || token === 'forgotten' ? [] : [token.expose().token]),
  ];
}
