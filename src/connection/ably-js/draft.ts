import { ErrorInfo, toErrorInfo } from '../../errors.js';
import type { TokenDetails } from '../../token/token-details.js';
import type { ConnectionReport, ConnectionState } from '../port.js';
import { waitedFor } from './answers.js';
import type { Effect, Known, Mode, Phase, Report, ReportOf, ReportType } from './modes.js';

/** The mode that comes next, while it is made, and what is to be done. */
export type Draft = { -readonly [Name in keyof Known]: Known[Name] } & Phase & { readonly effects: Effect[] };
export type Rule<Type extends ReportType> = (mode: Draft, report: ReportOf<Type>) => void;

/** The code of a connection that was closed, with the SDK as everywhere. */
export const CLOSED = 80017;
export const closed = (message: string): ErrorInfo => new ErrorInfo({ code: CLOSED, message });
export const errorOf = (reason: unknown): ErrorInfo =>
  toErrorInfo(reason, { code: 80003, message: 'the connection failed' });

/** There is no connection that could be closed. */
export const isAtRest = (state: ConnectionState): boolean =>
  ['initialized', 'closed', 'failed'].includes(state);
export const isWaiting = ({ kind }: Draft): boolean => kind === 'opening' || kind === 'upgrading';

export function become(mode: Draft, phase: Phase): void {
  Object.assign(mode, phase);
}

export function notify(mode: Draft, report: ConnectionReport): void {
  mode.effects.push(['report', report]);
}

export function identify(mode: Draft, { clientId }: Report): void {
  notify(mode, { type: 'identity.confirmed', clientId });
}

/** A call of the SDK, or what it waits for: where it is closed meanwhile, it connects again. */
export function call(mode: Draft, effect: Effect): void {
  mode.calls += 1;
  mode.effects.push(effect, ['note the turn', null]);
}

export function authorize(mode: Draft, isAnother = false): void {
  call(mode, ['authorize', { isAnother, token: mode.current }]);
}

export function give(mode: Draft, token: TokenDetails): void {
  mode.current = token;
  mode.isExpected = false;
  mode.effects.push(['give', token]);
}

/** The SDK is not to connect with what it holds still. */
export function unseat(mode: Draft): void {
  if (mode.current === null) mode.effects.push(['unseat', null]);
}

export function take(mode: Draft): void {
  if (mode.current !== undefined) mode.current = null;
}

export function hand(mode: Draft, asks: Mode['asks']): Effect {
  mode.wasRefused = false;
  // Connected, it sends on what it is given.
  if (mode.kind === 'upgrading') mode.answers = { ...mode.answers, sent: mode.answers.sent + asks.length };
  return ['hand', asks.map(({ answer }) => answer)];
}

export function refuse(mode: Draft, asks: Mode['asks'], error: ErrorInfo): void {
  mode.wasRefused ||= asks.length > 0;
  mode.effects.push(['refuse', { to: asks.map(({ answer }) => answer), error }]);
}

export function refuseAll(mode: Draft, error: ErrorInfo): void {
  const { asks } = mode;
  mode.asks = [];
  refuse(mode, asks, error);
}

/** The wait is over; what was sent may be answered yet. */
export function settle(mode: Draft, { now }: Report, isAccepted = false): void {
  mode.answers = waitedFor(mode.answers, isAccepted, now, mode.timeoutMs);
}

export function accept(mode: Draft, report: Report): void {
  mode.accepted = mode.current ?? null;
  settle(mode, report, true);
  become(mode, { kind: 'resting' });
  mode.effects.push(['accept', null]);
  notify(mode, { type: 'token.accepted' });
}

/** The wait was in vain: the SDK goes on with the token accepted last. */
export function reject(mode: Draft, report: Report, error: unknown): void {
  settle(mode, report);
  become(mode, { kind: 'resting' });
  mode.effects.push(['reject', error]);
  if (mode.accepted === null) take(mode);
  else give(mode, mode.accepted);
}

/** No caller waits for this token. An SDK that connects with it is to do so with another, or to ask. */
export function giveUp(mode: Draft, report: Report, error?: unknown): void {
  reject(mode, report, error);
  if (report.state !== 'connecting') return;
  if (mode.accepted !== null) {
    authorize(mode);
    return;
  }
  mode.effects.push(['close', null]);
  unseat(mode);
  mode.effects.push(['connect', null]);
}

/** The token once more: it may not have been sent, or an answer was to it or to the one before. */
export function repeat(mode: Draft): void {
  become(mode, { kind: 'upgrading', isToRepeat: false });
  authorize(mode);
}
