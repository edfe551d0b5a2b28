import { ErrorInfo, isTokenError, toErrorInfo } from '../../errors.js';
import type { TokenDetails } from '../../token/token-details.js';
import type { ConnectionReport, ConnectionState } from '../port.js';
import { answered, isInDoubt, noAnswers, waitedFor } from './answers.js';
import {
  type ChangeType,
  type Effect,
  type Facts,
  type Kind,
  kinds,
  type Mode,
  type Report,
  type ReportOf,
  type ReportType,
} from './mode.js';

/** The mode that comes next, while it is made, and what is to be done. */
type Draft = { -readonly [Fact in keyof Facts]: Facts[Fact] } & Kind & { readonly effects: Effect[] };
type Move<Type extends ReportType> = (mode: Draft, report: ReportOf<Type>) => void;
type Row<Move, Columns extends readonly unknown[] = typeof kinds> = {
  readonly [Column in keyof Columns]: Move;
};

/** What each report means in each mode. `never`: it cannot come there. */
// biome-ignore format: it is a table
export const table: { readonly [Type in ReportType]: Row<Move<Type>> } = {
  //                   unserved  resting     opening     upgrading   shut        failing
  'auth.attached':    [attach,   never,      never,      never,      never,      never],
  'auth.ready':       [never,    introduce,  introduce,  introduce,  introduce,  introduce],
  'auth.detached':    [never,    detach,     detach,     detach,     detach,     detach],
  'user.forgotten':   [forget,   forget,     forget,     forget,     forget,     forget],
  'token.pushed':     [never,    push,       push,       push,       push,       never],
  'token.denied':     [never,    deny,       deny,       deny,       deny,       never],
  'token.delayed':    [never,    delay,      delay,      delay,      delay,      never],
  'wait.aborted':     [never,    never,      giveUp,     giveUp,     never,      never],
  'wait.halfway':     [never,    never,      stay,       repeatIf,   never,      never],
  'wait.overdue':     [never,    never,      stay,       expire,     never,      never],
  'call.settled':     [stay,     stay,       settleCall, settleCall, stay,       settleFail],
  'turn.over':        [endTurn,  endTurn,    endTurn,    endTurn,    endTurn,    endTurn],
  'sdk.asked':        [askLater, handOrAsk,  handOver,   handOver,   handOrAsk,  forbid],
  'sdk.left':         [know,     know,       know,       never,      know,       know],
  'sdk.connecting':   [never,    connecting, connecting, connecting, closeAgain, connecting],
  'sdk.connected':    [never,    connected,  connected,  connected,  connected,  connected],
  'sdk.updated':      [never,    update,     update,     update,     update,     update],
  'sdk.disconnected': [never,    lose,       lose,       lose,       lose,       lose],
  'sdk.suspended':    [never,    end,        end,        end,        end,        end],
  'sdk.closing':      [never,    end,        end,        end,        end,        end],
  'sdk.closed':       [never,    end,        end,        end,        end,        end],
  'sdk.failed':       [never,    end,        end,        end,        end,        end],
};

/** Another mode, and what is to be done. */
export function reduce(before: Mode, report: Report): readonly [Mode, readonly Effect[]] {
  const mode: Draft = { ...before, effects: [] };
  const move = table[report.type][kinds.indexOf(mode.kind)] as Move<ReportType>;
  if (!('previous' in report) || hear(mode, report)) move(mode, report as never);
  // The SDK has failed once its call has, and it has reported all there is.
  if (mode.kind === 'failing' && mode.isSettled && mode.heard === report.state) {
    become(mode, { kind: 'resting' });
    mode.effects.push(['accept', null]);
  }
  const { effects, ...after } = mode;
  return [after, effects];
}

/** The SDK reports a change, or it was seen before. @returns whether that is news */
function hear(mode: Draft, report: ReportOf<ChangeType>): boolean {
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

/** That it is closed is known: each close has a reason of its own, which outlasts the next connect(). */
function know(mode: Draft, { state, errorReason }: Report): void {
  mode.knownReason = errorReason;
  if (state === 'closed') mode.heard = state;
}

/** Why the SDK was closed, where it has not reported that. */
export function unheardClose({ heardReason, knownReason, kind }: Mode, errorReason: unknown = null): unknown {
  if (errorReason === heardReason || errorReason === knownReason || kind === 'unserved') return null;
  return errorReason !== null && errorOf(errorReason).code === CLOSED ? errorReason : null;
}

function stay(): void {}
/** Nothing follows, whatever a version of the SDK may do. */
export function never(): void {}

const CLOSED = 80017;
export const closed = (message: string): ErrorInfo => new ErrorInfo({ code: CLOSED, message });
const errorOf = (reason: unknown): ErrorInfo =>
  toErrorInfo(reason, { code: 80003, message: 'the connection failed' });

const isAtRest = (state: ConnectionState): boolean => ['initialized', 'closed', 'failed'].includes(state);
const isWaiting = ({ kind }: Mode | Draft): boolean => kind === 'opening' || kind === 'upgrading';
const stateOf = ({ type }: { readonly type: ChangeType }): ConnectionState =>
  type === 'sdk.updated' ? 'connected' : (type.slice('sdk.'.length) as ConnectionState);

function become(mode: Draft, kind: Kind): void {
  Object.assign(mode, kind);
}

function tell(mode: Draft, report: ConnectionReport): void {
  mode.effects.push(['report', report]);
}

/** A call of the SDK, or what it waits for: where it is closed meanwhile, it connects again. */
function call(mode: Draft, effect: Effect): void {
  mode.calls += 1;
  mode.effects.push(effect, ['note the turn', null]);
}

function authorize(mode: Draft, isAnother = false): void {
  call(mode, ['authorize', { isAnother, token: mode.current }]);
}

function give(mode: Draft, token: TokenDetails): void {
  mode.current = token;
  mode.isExpected = false;
  mode.effects.push(['give', token]);
}

/** The SDK is not to connect with what it holds still. */
function unseat(mode: Draft): void {
  if (mode.current === null) mode.effects.push(['unseat', null]);
}

function take(mode: Draft): void {
  if (mode.current !== undefined) mode.current = null;
}

function hand(mode: Draft, asks: Mode['asks']): Effect {
  mode.wasRefused = false;
  // Connected, it sends on what it is given.
  if (mode.kind === 'upgrading') mode.answers = { ...mode.answers, sent: mode.answers.sent + asks.length };
  return ['hand', asks.map(({ answer }) => answer)];
}

function refuse(mode: Draft, asks: Mode['asks'], error: ErrorInfo): void {
  mode.wasRefused ||= asks.length > 0;
  mode.effects.push(['refuse', { to: asks.map(({ answer }) => answer), error }]);
}

function refuseAll(mode: Draft, error: ErrorInfo): void {
  const { asks } = mode;
  mode.asks = [];
  refuse(mode, asks, error);
}

/** The wait is over; what was sent may be answered yet. */
function settle(mode: Draft, { now }: Report, isAccepted = false): void {
  mode.answers = waitedFor(mode.answers, isAccepted, now, mode.timeoutMs);
}

/** The wait was in vain: the SDK goes on with the token accepted last. */
function reject(mode: Draft, report: Report, error: unknown): void {
  settle(mode, report);
  become(mode, { kind: 'resting' });
  mode.effects.push(['reject', error]);
  if (mode.accepted === null) take(mode);
  else give(mode, mode.accepted);
}

function accept(mode: Draft, report: Report): void {
  mode.accepted = mode.current ?? null;
  settle(mode, report, true);
  become(mode, { kind: 'resting' });
  mode.effects.push(['accept', null]);
  tell(mode, { type: 'token.accepted' });
}

function identify(mode: Draft, { clientId }: Report): void {
  tell(mode, { type: 'identity.confirmed', clientId });
}

function attach(mode: Draft, { state, errorReason }: Report): void {
  Object.assign(mode, { kind: 'resting', heard: state, heardReason: errorReason, knownReason: null });
}

function introduce(mode: Draft, report: Report): void {
  if (mode.asks.length > 0) tell(mode, { type: 'token.needed' });
  if (report.state === 'connected') identify(mode, report);
}

function detach(mode: Draft, report: Report): void {
  const error = closed('the connection serves no Auth any more');
  settle(mode, report);
  mode.effects.push(mode.kind === 'failing' ? ['accept', null] : ['reject', error]);
  refuseAll(mode, error);
  become(mode, { kind: 'unserved', wasServed: true });
}

/** Lets the SDK have the token in the way its state wants. */
function push(mode: Draft, report: ReportOf<'token.pushed'>): void {
  const { token, state, clientId, now } = report;
  const areNames = [clientId, token.clientId].every((name) => typeof name === 'string' && name !== '*');
  // A client without a name of its own may become another.
  const isAnother = report.isReplacement || (areNames && clientId !== token.clientId);
  // What identifies a connection cannot change in place; to resume it would be refused, too.
  const isLeft = isAnother && !isAtRest(state);
  const isUp = state === 'connected' && !isLeft;
  const { length } = mode.asks;
  // The SDK's patience is its own option, by default the same: those who wait may have given up.
  const areSure = !mode.wasRefused && mode.asks.every(({ at }) => at > now - mode.timeoutMs / 2);
  // Each that waits sends it on, or is a request, which does not: then it is repeated.
  const isSent = length > 0 && !isAnother && (state === 'connecting' || (isUp && areSure));
  settle(mode, report);
  give(mode, token);
  become(mode, isUp ? { kind: 'upgrading', isToRepeat: isSent } : { kind: 'opening' });
  if (isLeft) mode.effects.push(['close', null]);
  if (!isSent) authorize(mode, isAnother);
  const { asks } = mode;
  mode.asks = [];
  if (length > 0) call(mode, hand(mode, asks));
}

/** RSA4d: there is no other way to make the SDK fail than to forbid it a token. */
function deny(mode: Draft, report: ReportOf<'token.denied'>): void {
  const { error: cause, done, state } = report;
  const error = new ErrorInfo({ code: cause.code, message: cause.message, statusCode: 403, cause });
  settle(mode, report);
  mode.accepted = null;
  take(mode);
  refuseAll(mode, error);
  become(mode, { kind: 'failing', error, done, isSettled: state === 'closed' || state === 'failed' });
  if (mode.kind === 'failing' && !mode.isSettled) authorize(mode);
}

/** RSA4c2: an SDK that waits is told, and asks again by itself. */
function delay(mode: Draft, { error }: ReportOf<'token.delayed'>): void {
  refuseAll(mode, error);
}

function forget(mode: Draft, report: Report): void {
  const error = closed('the user signed out');
  const isUp = !isAtRest(report.state);
  settle(mode, report);
  mode.accepted = null;
  take(mode);
  refuseAll(mode, error);
  mode.effects.push(['give', null]);
  unseat(mode);
  if (mode.kind !== 'failing') mode.effects.push(['reject', error]);
  if (mode.kind !== 'failing' && mode.kind !== 'unserved')
    become(mode, { kind: mode.calls > 0 ? 'shut' : 'resting' });
  if (isUp) mode.effects.push(['close', null]);
  if (!isUp && (report.state !== 'closed' || mode.heard === 'closed')) return;
  mode.heard = 'closed';
  tell(mode, { type: 'connection.changed', state: 'closed', reason: error });
}

/** Nobody waits for this token any more. An SDK that connects with it is to do so with another, or to ask. */
function giveUp(mode: Draft, report: Report, error?: unknown): void {
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

/** The SDK waits for the answer to AUTH for ever (RTC8a3). */
function expire(mode: Draft, report: Report): void {
  const message = `the server did not answer within ${mode.timeoutMs} ms`;
  giveUp(mode, report, new ErrorInfo({ code: 80014, statusCode: 401, message }));
}

/** The token once more: it may not have been sent, or an answer was to it or to the one before. */
function repeat(mode: Draft): void {
  become(mode, { kind: 'upgrading', isToRepeat: false });
  authorize(mode);
}

function repeatIf(mode: Draft, { state }: Report): void {
  if (mode.kind === 'upgrading' && mode.isToRepeat && state === 'connected') repeat(mode);
}

/** That a call resolves says little: the SDK takes any answer for the answer. What ends a connection is reported. */
function settleCall(mode: Draft, report: ReportOf<'call.settled'>): void {
  const { error, token, state } = report;
  if (error === null || token !== mode.current || ['suspended', 'closed', 'failed'].includes(state)) return;
  giveUp(mode, report, errorOf(error));
}

function settleFail(mode: Draft, { token }: ReportOf<'call.settled'>): void {
  if (token === mode.current) Object.assign(mode, { isSettled: true });
}

/** What the calls did is done: who connects now is the user. */
function endTurn(mode: Draft): void {
  mode.calls -= 1;
  if (mode.kind === 'shut' && mode.calls === 0) become(mode, { kind: 'resting' });
}

function askLater(mode: Draft, { answer, now }: ReportOf<'sdk.asked'>): void {
  mode.asks = [...mode.asks, { answer, at: now }];
  if (mode.kind === 'unserved' && mode.wasServed)
    refuseAll(mode, closed('the connection serves no Auth any more'));
}

function handOver(mode: Draft, { answer, now }: ReportOf<'sdk.asked'>): void {
  mode.effects.push(hand(mode, [{ answer, at: now }]));
}

/** While it is connected only the server, or a request, can want a token: another. */
function handOrAsk(mode: Draft, report: ReportOf<'sdk.asked'>): void {
  const isUp = report.state === 'connected';
  if (mode.current && !isUp) {
    handOver(mode, report);
    return;
  }
  askLater(mode, report);
  if (isUp || !mode.isExpected) tell(mode, { type: isUp ? 'token.asked' : 'token.needed' });
  mode.isExpected = false;
}

function forbid(mode: Draft, { answer, now }: ReportOf<'sdk.asked'>): void {
  if (mode.kind === 'failing') refuse(mode, [{ answer, at: now }], mode.error);
}

/** It is in another state, and another transport knows nothing of what was sent on the one before. */
function change(mode: Draft, report: ReportOf<ChangeType>): void {
  const { previous, reason = null } = report;
  const state = stateOf(report);
  mode.answers = noAnswers;
  tell(mode, { type: 'connection.changed', state, ...(reason === null ? {} : { reason: errorOf(reason) }) });
  // It asked while it was connected, or in the turn that closed it: what it waits for is to connect with.
  const isToOpen = previous === 'connected' || (previous === 'closed' && state === 'connecting');
  if (isToOpen && mode.asks.length > 0) tell(mode, { type: 'token.needed' });
}

function connecting(mode: Draft, report: ReportOf<'sdk.connecting'>): void {
  if (mode.kind === 'upgrading') become(mode, { kind: 'opening' });
  // A call of before may have brought back what it held.
  unseat(mode);
  change(mode, report);
}

function closeAgain(mode: Draft): void {
  mode.effects.push(['close', null]);
}

function connected(mode: Draft, report: ReportOf<'sdk.connected'>): void {
  tell(mode, { type: 'connection.changed', state: 'connected' });
  if (mode.kind === 'opening') accept(mode, report);
  // An AUTH that was sent by then has its own answer.
  else if (mode.kind === 'upgrading') become(mode, { kind: 'upgrading', isToRepeat: true });
  else mode.accepted = mode.current ?? null;
  identify(mode, report);
}

/** RTN24: the server answers, as far as is known. */
function update(mode: Draft, report: ReportOf<'sdk.updated'>): void {
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
 * A drop is no verdict, a token error is; but while an AUTH was unanswered it may be the old token that
 * died, or one that was given up that is refused. On another transport the server says more.
 */
function lose(mode: Draft, report: ReportOf<'sdk.disconnected'>): void {
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
  // The SDK takes its time after two refusals in a row: the one in use was refused by neither.
  if (mode.accepted !== null) mode.effects.push(['connect', null]);
  mode.isExpected = mode.accepted === null;
  change(mode, report);
  if (mode.accepted === null) tell(mode, { type: 'token.refused', error });
}

/** It ends: the push that waits is rejected, unless it may be an older token that was refused. */
function end(
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
  // Who asked before would have the SDK connect again, unless it does so already.
  if (isClosed && report.state === 'closed') refuseAll(mode, closed('the connection was closed'));
  change(mode, report);
}
