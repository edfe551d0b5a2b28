import type { ErrorInfo } from '../../errors/error-info.js';
import type { Who } from '../../token/identity.js';
import type { Secret } from '../../token/secret.js';
import type { TokenDetails } from '../../token/token-details.js';
import type { ConnectionReport, ConnectionState } from '../port.js';
import type { Bearer } from './bearer.js';

/** A token whose verdict a caller waits for. */
export interface Presented {
  readonly token: Secret<TokenDetails>;
  /** Who the token was asked for. */
  readonly asked: Who;
}

/** What is pushed to the connection: the port's event, its token in a box. */
export type Push =
  | {
      readonly type: 'connection.open' | 'connection.upgrade' | 'connection.replace';
      readonly token: Secret<TokenDetails>;
      /** Absent: nobody waits for the verdict, which comes as a report. */
      readonly presented?: Presented;
    }
  | { readonly type: 'connection.fail'; readonly error: ErrorInfo; readonly final?: false };

/** What is known of the connection, in every mode but the last. */
export interface Known {
  /** Who the client is made for; undefined: whoever the token is for. */
  readonly clientId: string | undefined;
  readonly bearer: Bearer;
  /**
   * The token of ours that the connection has; `'forgotten'`: it should have dropped it, for the user signed
   * out and no token came since.
   */
  readonly token: Secret<TokenDetails> | 'forgotten' | null;
  /** The server has accepted it, and the client is about to hold it. */
  readonly accepted: Secret<TokenDetails> | null;
  /** A newer token than the one an attempt to connect is made with; null: there is none. */
  readonly next: Secret<TokenDetails> | null;
  /** The state that was reported last; `'leaving'`: the connection was told to end, and has not reported it. */
  readonly heard: ConnectionState | 'leaving';
  /** Whether the user closed the connection since the acquisition began. */
  readonly isClosed: boolean;
  /** What the client is just told about, and what is pushed after that unless something comes between. */
  readonly announced: Push | null;
  /** Whether it was said that the adapter reports what is no report. Once is enough. */
  readonly isWarned: boolean;
}

/** Modes in which no token is presented. */
export type Resting =
  /** The connection waits for nothing. */
  | 'served'
  /** It asked for a token, and gets the next. */
  | 'asking'
  /** It was told that there is no token for now, or had one refused: it gets the next. */
  | 'delayed'
  /** It gave up an attempt for a newer token, and must not get an older one (RTC8b). */
  | 'halted';

/** Where the client's end of a connection is. */
export type Mode =
  | { readonly [Kind in Resting]: { readonly kind: Kind; readonly known: Known } }[Resting]
  | {
      /** A token is before the connection, or about to be. */
      readonly kind: 'presenting';
      readonly presented: Presented;
      /** The mode that follows, unless the token is accepted. */
      readonly otherwise: Resting;
      readonly known: Known;
    }
  | { readonly kind: 'disposed' };

export type Kind = Mode['kind'];
export type ModeOf<K extends Kind> = Extract<Mode, { readonly kind: K }>;

/** The token the client holds, and who tokens are asked for. */
interface Held {
  readonly held: Secret<TokenDetails> | null;
  readonly asked: Who;
}

/** The adapter's own state, which may be ahead of what it reported. */
interface Now {
  readonly state: ConnectionState;
}

type Reported<T extends ConnectionReport['type']> = Extract<ConnectionReport, { readonly type: T }>;

/** Everything that can happen at the client's end of a connection. */
export type Report =
  // By the connection.
  | Reported<'token.needed'>
  | (Reported<'token.refused'> & Held)
  | Reported<'token.accepted'>
  | Reported<'identity.confirmed'>
  | Reported<'connection.changed'>
  /** What is no report. */
  | { readonly type: 'report.unreadable' }
  // By the client.
  /** An acquisition begins whose token the connection is to be opened with. */
  | { readonly type: 'acquisition.begun' }
  /** `isToOpen`: the caller asked for the token to open the connection with. */
  | ({ readonly type: 'token.presented'; readonly presented: Presented; readonly isToOpen: boolean } & Now)
  /** Nobody waits for the verdict any more. */
  | { readonly type: 'token.withdrawn'; readonly presented: Presented; readonly reason: unknown }
  /** There is a token for a connection that waits for one. */
  | ({ readonly type: 'token.offered'; readonly token: Secret<TokenDetails>; readonly asked: Who } & Now)
  /** The token before expired or was refused, and there is no other. */
  | ({ readonly type: 'token.lost' } & Now)
  /** A newer token is asked for by name. `isAble`: the adapter knows how to give up an attempt. */
  | ({ readonly type: 'attempt.halted'; readonly isAble: boolean } & Now)
  /** The token before is about to die. */
  | ({ readonly type: 'answer.urgent' } & Now)
  /** There will be no token. */
  | { readonly type: 'token.denied'; readonly error: ErrorInfo }
  /** There is no token for now. */
  | { readonly type: 'token.delayed'; readonly error: ErrorInfo }
  /** A try to get a token failed, and none follows by itself. */
  | ({ readonly type: 'attempt.failed'; readonly error: ErrorInfo } & Held)
  /** The user signed out. `isAble`: the adapter knows how to forget. */
  | ({ readonly type: 'token.forgotten'; readonly error: ErrorInfo; readonly isAble: boolean } & Now)
  | { readonly type: 'client.disposed' }
  // By what was done for an effect.
  | { readonly type: 'push.announced'; readonly push: Push }
  | { readonly type: 'push.accepted'; readonly presented: Presented }
  | { readonly type: 'push.rejected'; readonly presented: Presented; readonly reason: unknown };

export type ReportType = Report['type'];
export type ReportOf<T extends ReportType> = Extract<Report, { readonly type: T }>;

/** What is to be done, in order. */
export type Effect =
  /** Tell the client of the push; `push.announced` follows. */
  | { readonly type: 'announce'; readonly push: Push }
  /** Push to the connection; where a token is presented, its verdict follows as a report. */
  | { readonly type: 'push'; readonly push: Push }
  | { readonly type: 'resolve'; readonly presented: Presented }
  | { readonly type: 'reject'; readonly presented: Presented; readonly reason: unknown }
  /** Reject the callers whose token the connection was to be opened with. */
  | { readonly type: 'reject callers' }
  /** Tell the client that the token in use was refused. */
  | { readonly type: 'tell the refusal'; readonly error: ErrorInfo }
  /** Tell the connection which token to use when it next connects by itself; null: none. */
  | { readonly type: 'use next'; readonly token: Secret<TokenDetails> | null }
  /** Ask the client for a token. */
  | { readonly type: 'ask for a token' }
  /** Say that the adapter reports what is no report. */
  | { readonly type: 'warn' }
  | { readonly type: 'halt' }
  | { readonly type: 'hurry' }
  | { readonly type: 'forget' }
  | { readonly type: 'detach' };

export type Step = readonly [Mode, readonly Effect[]];

/** The tokens that the connection has, or had a look at. */
export function tokensIn(mode: Mode): readonly string[] {
  if (mode.kind === 'disposed') return [];
  const { token } = mode.known;
  return [
    ...(mode.kind === 'presenting' ? [mode.presented.token.expose().token] : []),
    ...(token === null || token === 'forgotten' ? [] : [token.expose().token]),
  ];
}
