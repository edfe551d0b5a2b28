import { ErrorInfo, toErrorInfo } from '../../errors/error-info.js';
import type { TokenDetails } from '../../token/token-details.js';
import { type ConnectionReport, isAtRest } from '../port.js';
import { waitedFor } from './answers.js';
import type { Effect, Known, Mode, Phase, Report, ReportOf, ReportType } from './modes.js';

/** The next mode while it is being made, and the effects. */
export type Draft = { -readonly [Name in keyof Known]: Known[Name] } & Phase & { readonly effects: Effect[] };
export type Rule<Type extends ReportType> = (mode: Draft, report: ReportOf<Type>) => void;

/** The code of a closed connection, in the SDK and everywhere else. */
export const CLOSED = 80017;
export const closed = (message: string): ErrorInfo => new ErrorInfo({ code: CLOSED, message });
export const errorOf = (reason: unknown): ErrorInfo =>
  toErrorInfo(reason, { code: 80003, message: 'the connection failed' });

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

/** A call of the SDK, or its wait for a token. If the SDK is closed meanwhile, the call would connect it again. */
function call(mode: Draft, effect: Effect): void {
  mode.calls += 1;
  mode.effects.push(effect, ['note the turn', null]);
}

export function authorize(mode: Draft, isAnother = false): void {
  call(mode, ['authorize', { isAnother, token: mode.current }]);
}

function give(mode: Draft, token: TokenDetails): void {
  mode.current = token;
  mode.isExpected = false;
  mode.effects.push(['give', token]);
}

/** The SDK must not connect with the token that it still has. */
export function unseat(mode: Draft): void {
  if (mode.current === null) mode.effects.push(['unseat', null]);
}

export function take(mode: Draft): void {
  if (mode.current !== undefined) mode.current = null;
}

export function hand(mode: Draft, asks: Mode['asks']): Effect {
  mode.wasRefused = false;
  // A connected SDK sends the token that it gets.
  if (mode.kind === 'upgrading') mode.answers = { ...mode.answers, sent: mode.answers.sent + asks.length };
  return ['hand', asks.map(({ answer }) => answer)];
}

/** Waiting requests get no token. */
export function refuse(mode: Draft, error: ErrorInfo): void {
  mode.wasRefused ||= mode.asks.length > 0;
  mode.effects.push(['refuse', { to: mode.asks.map(({ answer }) => answer), error }]);
  mode.asks = [];
}

/** The wait is over. AUTHs that were sent may still be answered. */
function settle(mode: Draft, { now }: Report, isAccepted = false): void {
  mode.answers = waitedFor(mode.answers, isAccepted, now, mode.timeoutMs);
}

export function accept(mode: Draft, report: Report): void {
  mode.accepted = mode.current ?? null;
  settle(mode, report, true);
  become(mode, { kind: 'resting' });
  mode.effects.push(['accept', null]);
  notify(mode, { type: 'token.accepted' });
}

/** The wait failed: the SDK continues with the token that was accepted last. */
export function reject(mode: Draft, report: Report, error: unknown): void {
  settle(mode, report);
  become(mode, { kind: 'resting' });
  mode.effects.push(['reject', error]);
  if (mode.accepted === null) take(mode);
  else give(mode, mode.accepted);
}

/** No caller waits for this token. An SDK that connects with it must use another, or ask for one. */
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

/** Sends the token again: it may not have been sent, or an answer may belong to it or to an older token. */
export function repeat(mode: Draft): void {
  become(mode, { kind: 'upgrading', isToRepeat: false });
  authorize(mode);
}

export function attach(mode: Draft, { listener, state, errorReason }: ReportOf<'auth.attached'>): void {
  become(mode, { kind: 'resting' });
  Object.assign(mode, { listener, heard: state, heardReason: errorReason, knownReason: null });
}

export function introduce(mode: Draft, report: Report): void {
  if (mode.asks.length > 0) notify(mode, { type: 'token.needed' });
  if (report.state === 'connected') identify(mode, report);
}

export function detach(mode: Draft, report: Report): void {
  const error = closed('the Auth of the connection was disposed of');
  settle(mode, report);
  mode.effects.push(mode.kind === 'failing' ? ['accept', null] : ['reject', error]);
  refuse(mode, error);
  mode.listener = null;
  become(mode, { kind: 'unserved', wasServed: true });
}

/** Gives the token to the SDK in the way that fits its state. */
export function push(mode: Draft, report: ReportOf<'token.pushed'>): void {
  const { token, state, clientId, now } = report;
  const areNames = [clientId, token.clientId].every((name) => typeof name === 'string' && name !== '*');
  // A client without a clientId of its own may change its identity.
  const isAnother = report.isReplacement || (areNames && clientId !== token.clientId);
  // The identity of a connection cannot change in place, and a resume would be refused.
  const isLeft = (isAnother || report.isStranded === true) && !isAtRest(state);
  const isUp = state === 'connected' && !isLeft;
  const { asks } = mode;
  // The timeout of the SDK is its own option, with the same default. Waiting requests may have given up.
  const areSure = !mode.wasRefused && asks.every(({ at }) => at > now - mode.timeoutMs / 2);
  // Each waiting request sends the token on, or is an HTTP request, which does not. Then the token is sent again.
  const isSent = asks.length > 0 && !isAnother && (state === 'connecting' || (isUp && areSure));
  // The SDK starts to connect, and gets this token when it asks. A call would make it open another transport (RTC8b).
  const willAsk =
    state === 'connecting' &&
    report.isWithoutToken === true &&
    !mode.current &&
    !mode.wasRefused &&
    !isAnother;
  settle(mode, report);
  give(mode, token);
  become(mode, isUp ? { kind: 'upgrading', isToRepeat: isSent } : { kind: 'opening' });
  if (isLeft) mode.effects.push(['close', null]);
  if (!isSent && !willAsk) authorize(mode, isAnother);
  mode.asks = [];
  if (asks.length > 0) call(mode, hand(mode, asks));
}

/**
 * The SDK connects again by itself: with this token, or without one, so that it asks. A pushed token stays, as long as its
 * push waits; the token before it is not used again.
 */
export function useNext(mode: Draft, { token }: ReportOf<'token.next'>): void {
  mode.accepted = mode.accepted && token;
  if (token === null && isWaiting(mode)) return;
  if (token !== null) {
    give(mode, token);
    return;
  }
  take(mode);
  unseat(mode);
}

/** RSA4d: the SDK fails only if a token is forbidden. */
export function deny(mode: Draft, report: ReportOf<'token.denied'>): void {
  const { error: cause, done, state } = report;
  const { code, message, remediation = null, href = null } = cause;
  // The SDK gets the same error. It knows this status, and keeps its own message.
  const error = new ErrorInfo({ code, message, remediation, href, statusCode: 403, cause });
  const isSettled = state === 'closed' || state === 'failed';
  settle(mode, report);
  mode.accepted = null;
  take(mode);
  refuse(mode, error);
  become(mode, { kind: 'failing', error, done, isSettled });
  if (!isSettled) authorize(mode);
}

/** RSA4c2: a waiting SDK is informed, and asks again by itself. */
export function delay(mode: Draft, { error }: ReportOf<'token.delayed'>): void {
  refuse(mode, error);
}

export function forget(mode: Draft, report: Report): void {
  const error = closed('the user signed out');
  const isUp = !isAtRest(report.state);
  settle(mode, report);
  mode.accepted = null;
  take(mode);
  refuse(mode, error);
  mode.effects.push(['give', null]);
  unseat(mode);
  if (mode.kind !== 'failing') mode.effects.push(['reject', error]);
  if (mode.kind !== 'failing' && mode.kind !== 'unserved')
    become(mode, { kind: mode.calls > 0 ? 'shut' : 'resting' });
  if (isUp) mode.effects.push(['close', null]);
  if (!isUp && (report.state !== 'closed' || mode.heard === 'closed')) return;
  mode.heard = 'closed';
  notify(mode, { type: 'connection.changed', state: 'closed', reason: error });
}

/** The SDK waits for the answer to AUTH for ever (RTC8a3). */
export function expire(mode: Draft, report: Report): void {
  const message = `the server did not answer within ${mode.timeoutMs} ms`;
  giveUp(mode, report, new ErrorInfo({ code: 80014, statusCode: 401, message }));
}

export function repeatIf(mode: Draft, { state, isStranded }: Report): void {
  if (isStranded) {
    // No answer comes, and nothing else ends such a connection.
    become(mode, { kind: 'opening' });
    mode.effects.push(['close', null]);
    authorize(mode);
    return;
  }
  if (mode.kind === 'upgrading' && mode.isToRepeat && state === 'connected') repeat(mode);
}
