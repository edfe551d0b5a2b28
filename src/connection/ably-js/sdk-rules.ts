import { isTokenError } from '../../errors/error-info.js';
import type { ConnectionState } from '../port.js';
import { answered, isInDoubt, noAnswers } from './answers.js';
import type { ChangeType, Mode, Report, ReportOf } from './modes.js';
import {
  accept,
  authorize,
  become,
  CLOSED,
  closed,
  type Draft,
  errorOf,
  giveUp,
  hand,
  identify,
  isWaiting,
  notify,
  refuse,
  reject,
  repeat,
  take,
  unseat,
} from './rules.js';

/** The SDK reports a change, or the change was noticed before. @returns whether the change is new */
export function hear(mode: Draft, report: ReportOf<ChangeType>): boolean {
  const { reason = null, isAhead = false, state } = report;
  if (isAhead) {
    know(mode, report);
    return true;
  }
  const heard = stateOf(report);
  const isNews = mode.knownReason === null || (heard === 'connected' && state === 'connected');
  if (isNews || (heard === 'closed' && reason === mode.knownReason)) mode.knownReason = null;
  if (reason !== null) mode.heardReason = reason;
  mode.heard = heard;
  return isNews;
}

/**
 * The close is known already. Each close has a reason object of its own, which stays until after the next
 * connect().
 */
export function know(mode: Draft, { state, errorReason }: Report): void {
  mode.knownReason = errorReason;
  if (state === 'closed') mode.heard = state;
}

/** The reason of a close that the SDK has not reported yet. */
export function unheardClose({ heardReason, knownReason, kind }: Mode, errorReason: unknown = null): unknown {
  if (errorReason === heardReason || errorReason === knownReason || kind === 'unserved') return null;
  return errorReason !== null && errorOf(errorReason).code === CLOSED ? errorReason : null;
}

const stateOf = ({ type }: { readonly type: ChangeType }): ConnectionState =>
  type === 'sdk.updated' ? 'connected' : (type.slice('sdk.'.length) as ConnectionState);

/**
 * The SDK takes any answer for the answer to its own AUTH, so its promise proves little. The end of a connection
 * is reported.
 */
export function settleCall(mode: Draft, report: ReportOf<'call.settled'>): void {
  const { error, token, state } = report;
  if (error === null || token !== mode.current || ['suspended', 'closed', 'failed'].includes(state)) return;
  giveUp(mode, report, errorOf(error));
}

export function settleFail(mode: Draft, { token }: ReportOf<'call.settled'>): void {
  if (token === mode.current) Object.assign(mode, { isSettled: true });
}

/** The effects of our calls are done. From now on the user makes the SDK connect. */
export function endTurn(mode: Draft): void {
  mode.calls -= 1;
  if (mode.kind === 'shut' && mode.calls === 0) become(mode, { kind: 'resting' });
}

export function askLater(mode: Draft, { answer, now }: ReportOf<'sdk.asked'>): void {
  mode.asks = [...mode.asks, { answer, at: now }];
  if (mode.kind === 'unserved' && mode.wasServed)
    refuse(mode, closed('the Auth of the connection was disposed of'));
}

export function handOver(mode: Draft, { answer, now }: ReportOf<'sdk.asked'>): void {
  mode.effects.push(hand(mode, [{ answer, at: now }]));
}

/** While the SDK is connected, only the server or an HTTP request asks for a token. They need a new one. */
export function handOrAsk(mode: Draft, report: ReportOf<'sdk.asked'>): void {
  const isUp = report.state === 'connected';
  if (mode.current && !isUp) {
    handOver(mode, report);
    return;
  }
  askLater(mode, report);
  if (isUp || !mode.isExpected) notify(mode, { type: isUp ? 'token.asked' : 'token.needed' });
  mode.isExpected = false;
}

export function forbid(mode: Draft, report: ReportOf<'sdk.asked'>): void {
  askLater(mode, report);
  if (mode.kind === 'failing') refuse(mode, mode.error);
}

/** The SDK is in another state. On another transport, nothing of what was sent before can be answered. */
function change(mode: Draft, report: ReportOf<ChangeType>): void {
  const { previous, reason = null, retryIn } = report;
  const state = stateOf(report);
  const why = reason === null ? {} : { reason: errorOf(reason) };
  const next = retryIn === undefined ? {} : { retryInMs: retryIn };
  mode.answers = noAnswers;
  notify(mode, { type: 'connection.changed', state, ...why, ...next });
  // The SDK asked while it was connected, or in the turn that closed it. It waits for a token to connect with.
  const isToOpen = previous === 'connected' || (previous === 'closed' && state === 'connecting');
  if (isToOpen && mode.asks.length > 0) notify(mode, { type: 'token.needed' });
}

export function connecting(mode: Draft, report: ReportOf<'sdk.connecting'>): void {
  if (mode.kind === 'upgrading') become(mode, { kind: 'opening' });
  // The SDK tries again after a sleep that no event reported, and its token may have expired: it must ask first.
  if (mode.kind === 'resting' && report.state === 'connecting' && report.hasSlept) take(mode);
  // An earlier call may have restored the token that the SDK had.
  unseat(mode);
  change(mode, report);
}

export function closeAgain(mode: Draft): void {
  mode.effects.push(['close', null]);
}

export function connected(mode: Draft, report: ReportOf<'sdk.connected'>): void {
  notify(mode, { type: 'connection.changed', state: 'connected' });
  if (mode.kind === 'opening') accept(mode, report);
  // An AUTH that was sent until then gets its own answer.
  else if (mode.kind === 'upgrading') become(mode, { kind: 'upgrading', isToRepeat: true });
  else mode.accepted = mode.current ?? null;
  identify(mode, report);
}

/** RTN24: the server answers, as far as is known. */
export function update(mode: Draft, report: ReportOf<'sdk.updated'>): void {
  const [answers, what] = answered(mode.answers, report.now);
  mode.answers = answers;
  if (mode.kind === 'upgrading') {
    if (what === 'newest') accept(mode, report);
    if (what === 'perhaps') repeat(mode);
    if (what === 'older') become(mode, { kind: 'upgrading', isToRepeat: true });
  }
  identify(mode, report);
}

/**
 * A lost transport says nothing about the token. A token error does. But while an AUTH was unanswered, the error
 * may concern the old token or one that was given up. On another transport the server says more.
 */
export function lose(mode: Draft, report: ReportOf<'sdk.disconnected'>): void {
  const error = errorOf(report.reason);
  const isUnanswered = mode.answers.sent > 0 || isInDoubt(mode.answers, report.now);
  if (!isTokenError(error) || (isUnanswered && mode.current)) {
    if (mode.kind === 'upgrading') become(mode, { kind: 'opening' });
    change(mode, report);
    return;
  }
  if (isWaiting(mode)) reject(mode, report, error);
  else {
    mode.accepted = null;
    take(mode);
  }
  // The SDK waits after two refusals in a row. The current token was refused by neither.
  if (mode.accepted !== null) mode.effects.push(['connect', null]);
  mode.isExpected = mode.accepted === null;
  change(mode, report);
  if (mode.accepted === null) notify(mode, { type: 'token.refused', error });
}

/** The connection ends. The waiting push is rejected, unless the refusal may concern an older token. */
export function end(
  mode: Draft,
  report: ReportOf<'sdk.suspended' | 'sdk.closing' | 'sdk.closed' | 'sdk.failed'>,
): void {
  const state = stateOf(report);
  const isClosed = state === 'closing' || state === 'closed';
  if (isWaiting(mode)) {
    const { reason = null } = report;
    if (state === 'failed' && isInDoubt(mode.answers, report.now)) {
      become(mode, { kind: 'opening' });
      authorize(mode);
    } else reject(mode, report, reason === null ? closed(`the connection is ${state}`) : errorOf(reason));
  }
  if (isClosed && mode.calls > 0 && mode.kind !== 'failing') become(mode, { kind: 'shut' });
  // Requests from before would make the SDK connect again, unless it does so already.
  if (isClosed && report.state === 'closed') refuse(mode, closed('the connection was closed'));
  change(mode, report);
}
