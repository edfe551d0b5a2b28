import { ErrorInfo } from '../../errors.js';
import {
  authorize,
  become,
  call,
  closed,
  type Draft,
  give,
  giveUp,
  hand,
  identify,
  isAtRest,
  notify,
  refuseAll,
  repeat,
  settle,
  take,
  unseat,
} from './draft.js';
import type { Report, ReportOf } from './modes.js';

export function attach(mode: Draft, { listener, state, errorReason }: ReportOf<'auth.attached'>): void {
  become(mode, { kind: 'resting' });
  Object.assign(mode, { listener, heard: state, heardReason: errorReason, knownReason: null });
}

export function introduce(mode: Draft, report: Report): void {
  if (mode.asks.length > 0) notify(mode, { type: 'token.needed' });
  if (report.state === 'connected') identify(mode, report);
}

export function detach(mode: Draft, report: Report): void {
  const error = closed('the connection serves no Auth any more');
  settle(mode, report);
  mode.effects.push(mode.kind === 'failing' ? ['accept', null] : ['reject', error]);
  refuseAll(mode, error);
  mode.listener = null;
  become(mode, { kind: 'unserved', wasServed: true });
}

/** Lets the SDK have the token in the way its state wants. */
export function push(mode: Draft, report: ReportOf<'token.pushed'>): void {
  const { token, state, clientId, now } = report;
  const areNames = [clientId, token.clientId].every((name) => typeof name === 'string' && name !== '*');
  // A client without a name of its own may become another.
  const isAnother = report.isReplacement || (areNames && clientId !== token.clientId);
  // What identifies a connection cannot change in place; to resume it would be refused, too.
  const isLeft = isAnother && !isAtRest(state);
  const isUp = state === 'connected' && !isLeft;
  const { asks } = mode;
  // The SDK's timeout is its own option, by default the same: requests that wait may have given up.
  const areSure = !mode.wasRefused && asks.every(({ at }) => at > now - mode.timeoutMs / 2);
  // Each that waits sends it on, or is a request, which does not: then it is repeated.
  const isSent = asks.length > 0 && !isAnother && (state === 'connecting' || (isUp && areSure));
  settle(mode, report);
  give(mode, token);
  become(mode, isUp ? { kind: 'upgrading', isToRepeat: isSent } : { kind: 'opening' });
  if (isLeft) mode.effects.push(['close', null]);
  if (!isSent) authorize(mode, isAnother);
  mode.asks = [];
  if (asks.length > 0) call(mode, hand(mode, asks));
}

/** RSA4d: there is no other way to make the SDK fail than to forbid it a token. */
export function deny(mode: Draft, report: ReportOf<'token.denied'>): void {
  const { error: cause, done, state } = report;
  const { code, message, remediation = null, href = null } = cause;
  // The same error for the SDK, which knows this status: what it says of itself stays.
  const error = new ErrorInfo({ code, message, remediation, href, statusCode: 403, cause });
  const isSettled = state === 'closed' || state === 'failed';
  settle(mode, report);
  mode.accepted = null;
  take(mode);
  refuseAll(mode, error);
  become(mode, { kind: 'failing', error, done, isSettled });
  if (!isSettled) authorize(mode);
}

/** RSA4c2: an SDK that waits is told, and asks again by itself. */
export function delay(mode: Draft, { error }: ReportOf<'token.delayed'>): void {
  refuseAll(mode, error);
}

export function forget(mode: Draft, report: Report): void {
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
  notify(mode, { type: 'connection.changed', state: 'closed', reason: error });
}

/** The SDK waits for the answer to AUTH for ever (RTC8a3). */
export function expire(mode: Draft, report: Report): void {
  const message = `the server did not answer within ${mode.timeoutMs} ms`;
  giveUp(mode, report, new ErrorInfo({ code: 80014, statusCode: 401, message }));
}

export function repeatIf(mode: Draft, { state }: Report): void {
  if (mode.kind === 'upgrading' && mode.isToRepeat && state === 'connected') repeat(mode);
}
