import type { ErrorInfo } from '../../errors/error-info.js';
import type { TokenDetails } from '../../token/token-details.js';
import type { ConnectionReport, ConnectionState } from '../port.js';
import { type Answers, noAnswers } from './answers.js';
import type { AblyAnswer, AblyTokenError } from './client.js';

type Listener = (report: ConnectionReport) => void;

/** What is known in every mode. */
export interface Known {
  readonly timeoutMs: number;
  /** The Auth that the adapter is attached to. */
  readonly listener: Listener | null;
  /** The state that the SDK has reported. It reports a change some time after it happens. */
  readonly heard: ConnectionState;
  /** The reason that the SDK reported last. */
  readonly heardReason: unknown;
  /** The reason of a close that was known before the SDK reported it. Reports up to this one are old. */
  readonly knownReason: unknown;
  /** The details that the SDK connects with. null: none any more. undefined: none yet. */
  readonly current: TokenDetails | null | undefined;
  /** The token that the server accepted last. */
  readonly accepted: TokenDetails | null;
  /** Requests of the SDK for a token, with the monotonic moment of each. */
  readonly asks: readonly { readonly answer: AblyAnswer; readonly at: number }[];
  /** The SDK was without a token once: it may have none, and request one for an HTTP request. */
  readonly wasRefused: boolean;
  /** The Auth knows already why the SDK asks next. */
  readonly isExpected: boolean;
  readonly answers: Answers;
  /** Calls of the SDK that take effect at the end of this turn. */
  readonly calls: number;
}

/** The columns of the table. */
export const kinds = ['unserved', 'resting', 'opening', 'upgrading', 'shut', 'failing'] as const;
export type Kind = (typeof kinds)[number];

export type Phase =
  | { readonly kind: 'unserved'; readonly wasServed: boolean }
  /** No push waits. */
  | { readonly kind: 'resting' }
  /** A push waits until the connection is open with its token. */
  | { readonly kind: 'opening' }
  /** A push waits for the answer to AUTH. `isToRepeat`: the server may not have received it. */
  | { readonly kind: 'upgrading'; readonly isToRepeat: boolean }
  /** The SDK was closed before a call took effect that would connect it again (RTC8b1). */
  | { readonly kind: 'shut' }
  /** The SDK is made to fail. `error` answers its requests meanwhile, and `done` settles afterwards. */
  | {
      readonly kind: 'failing';
      readonly error: ErrorInfo;
      readonly done: Promise<void>;
      readonly isSettled: boolean;
    };

export type Mode = Known & Phase;

interface Change {
  readonly previous: ConnectionState;
  readonly reason?: unknown;
  readonly retryIn?: number | undefined;
  /** The change was noticed, and is not reported yet. */
  readonly isAhead?: boolean;
}
export type ChangeType = `sdk.${Exclude<ConnectionState, 'initialized'> | 'updated'}`;
/** `sdk.left`: the adapter itself closed the SDK. */
type PlainType =
  | `auth.${'ready' | 'detached'}`
  | `wait.${'aborted' | 'halfway' | 'overdue'}`
  | 'user.forgotten'
  | 'turn.over'
  | 'sdk.left';

/** Everything that can happen. */
interface Happenings extends Record<ChangeType, Change>, Record<PlainType, unknown> {
  'auth.attached': { readonly listener: Listener };
  'token.pushed': { readonly token: TokenDetails; readonly isReplacement: boolean };
  'token.denied': { readonly error: ErrorInfo; readonly done: Promise<void> };
  'token.delayed': { readonly error: ErrorInfo };
  'token.next': { readonly token: TokenDetails | null };
  'call.settled': { readonly token: unknown; readonly error: unknown };
  'sdk.asked': { readonly answer: AblyAnswer };
}

export type ReportType = keyof Happenings;
type HappeningOf<Type extends ReportType> = { readonly type: Type } & Happenings[Type];
export type Happening = { [Type in ReportType]: HappeningOf<Type> }[ReportType];

/** The state of the SDK at that moment. It may be later than the reported one. */
interface Sight {
  /** Monotonic, ms. */
  readonly now: number;
  readonly state: ConnectionState;
  readonly errorReason: unknown;
  readonly clientId: string | null;
  /** Whether the SDK reports a connection that has no transport any more. */
  readonly isStranded?: boolean;
  /** Whether the machine slept since the token was given to the SDK. */
  readonly hasSlept?: boolean;
  /** Whether the SDK has no token: it asks for one before it opens a transport. */
  readonly isWithoutToken?: boolean;
}
export type ReportOf<Type extends ReportType> = HappeningOf<Type> & Sight;
export type Report = Happening & Sight;

/** The effects, with their arguments. */
export interface Effects {
  /** The SDK connects with this token from now on. null: without one. */
  give: TokenDetails | null;
  /** The SDK no longer finds the token that it got before. */
  unseat: null;
  hand: readonly AblyAnswer[];
  refuse: { readonly to: readonly AblyAnswer[]; readonly error: AblyTokenError };
  authorize: { readonly isAnother: boolean; readonly token: unknown };
  'note the turn': null;
  connect: null;
  close: null;
  /** Settles the waiting push. */
  accept: null;
  reject: unknown;
  report: ConnectionReport;
}
export type Effect = { [Type in keyof Effects]: readonly [Type, Effects[Type]] }[keyof Effects];

export const firstMode = (timeoutMs: number): Mode => ({
  kind: 'unserved',
  wasServed: false,
  timeoutMs,
  listener: null,
  heard: 'initialized',
  heardReason: null,
  knownReason: null,
  current: undefined,
  accepted: null,
  asks: [],
  wasRefused: false,
  isExpected: false,
  answers: noAnswers,
  calls: 0,
});
