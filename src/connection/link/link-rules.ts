import { closed, disposed, forgotten } from '../../errors/closed-errors.js';
import type { ErrorInfo } from '../../errors/error-info.js';
import type { Who } from '../../token/identity.js';
import type { Secret } from '../../token/secret.js';
import type { TokenDetails } from '../../token/token-details.js';
import { type ConnectionState, isComingBack } from '../port.js';
import { bearerOf, isForAnother, mistaken, nobody } from './bearer.js';
import type {
  Effect,
  Kind,
  Known,
  Mode,
  ModeOf,
  Presented,
  Push,
  ReportOf,
  Resting,
  Step,
} from './link-modes.js';

type AtRest = ModeOf<Resting>;
type Presenting = ModeOf<'presenting'>;
type Live = ModeOf<Exclude<Kind, 'disposed'>>;

const isClosed = (state: Known['heard']): boolean => state === 'closing' || state === 'closed';

/** The mode without the presented token. */
export const restOf = (mode: Live): Resting => (mode.kind === 'presenting' ? mode.otherwise : mode.kind);

const at = (kind: Resting, known: Known, ...effects: readonly Effect[]): Step => [{ kind, known }, effects];

/** No token is committed next, even if one was accepted. */
const rest = (kind: Resting, known: Known, ...effects: readonly Effect[]): Step =>
  at(kind, { ...known, accepted: null }, ...effects);

/** A presented token stays presented. Then this is the mode that follows. */
function go(mode: Live, kind: Resting, known: Known, ...effects: readonly Effect[]): Step {
  return mode.kind === 'presenting'
    ? [{ ...mode, otherwise: kind, known }, effects]
    : at(kind, known, ...effects);
}

/** A step after which no token is presented. A waiting caller is rejected with `reason`. */
function leave(mode: Live, reason: unknown, [next, effects]: Step): Step {
  if (mode.kind !== 'presenting') return [next, effects];
  return [next, [{ type: 'reject', presented: mode.presented, reason }, ...effects]];
}

/**
 * The client is informed of a push first: its listeners may close the connection, sign out or dispose of the
 * client.
 */
function announce(kind: Resting, known: Known, push: Push): Step {
  return rest(kind, { ...known, announced: push }, { type: 'announce', push });
}

function give(known: Known, token: Secret<TokenDetails>, asked: Who): Step {
  const type = isForAnother(token.expose(), asked, known.bearer) ? 'connection.replace' : 'connection.open';
  return announce('served', has(known, { token, asked }), { type, token });
}

const deny = (known: Known, error: ErrorInfo): Step =>
  announce('served', known, { type: 'connection.fail', error });

const sayNotYet = (known: Known, error: ErrorInfo): Step =>
  announce('delayed', known, { type: 'connection.fail', error, final: false });

/** The connection has this token from now on. */
const has = (known: Known, { token, asked }: Presented): Known => ({
  ...known,
  token,
  next: null,
  bearer: bearerOf(token.expose(), asked, known.bearer),
});

/** There is a token again, so its refusal matters. */
const signedIn = (known: Known): Known => (known.token === 'forgotten' ? { ...known, token: null } : known);

/** The report has no effect. */
export const ignore = (mode: Mode): Step => [mode, []];

/** This pair never happens, and a test counts it. If a fault elsewhere causes it, it is ignored. */
export const unreachable = (mode: Mode): Step => [mode, []];

/** RTC8b: a connection that must wait for a newer token gets no older one, although it asks. */
export const beAsked = (mode: Live): Step =>
  go(mode, restOf(mode) === 'halted' ? 'halted' : 'asking', mode.known);

/** After any refusal the connection waits for another token. */
export function takeRefusal({ known }: AtRest, { error, held, asked }: ReportOf<'token.refused'>): Step {
  // The connection connected again with a token that it should have dropped. It gets the next token.
  if (known.token === 'forgotten') return sayNotYet(known, forgotten());
  // The same token may come in another box. A refusal of an older token has no effect.
  const isOld = held !== null && known.token !== null && held.expose().token !== known.token.expose().token;
  return isOld ? give(known, held, asked) : rest('asking', known, { type: 'tell the refusal', error });
}

/** The answer about the presented token follows. */
export const awaitTheVerdict = (mode: Presenting): Step => go(mode, 'delayed', mode.known);

/** The client has this token from now on. A token that was not pushed yet cannot be meant. */
export const noteAcceptance = (mode: Presenting): Step =>
  mode.known.announced === null
    ? go(mode, mode.otherwise, { ...mode.known, accepted: mode.presented.token })
    : [mode, []];

/** RSA15a, RSA15c: the connection must not continue with another identity. */
export function checkTheBearer(mode: Live, { clientId }: ReportOf<'identity.confirmed'>): Step {
  const known = { ...mode.known, bearer: { ...mode.known.bearer, who: clientId } };
  const error = mistaken(known.clientId, clientId);
  return error === null ? go(mode, restOf(mode), known) : leave(mode, error, deny(known, error));
}

/** A connection that has ended waits for nothing: a later token must not open it again. */
function waitingIn(state: ConnectionState, kind: Resting): Resting {
  if (isClosed(state) || state === 'failed') return 'served';
  return kind === 'halted' && state !== 'connecting' ? 'served' : kind;
}

export function takeState(mode: Live, { state }: ReportOf<'connection.changed'>): Step {
  const { heard, announced } = mode.known;
  const next = waitingIn(state, restOf(mode));
  const known = { ...mode.known, heard: state };
  // A close without forget() was made by the user. If the user closes once more, the connection reports it once
  // more.
  const isTheirs = heard !== 'leaving' && isClosed(state) && (!isClosed(heard) || state === heard);
  if (!isTheirs) return settleNext(mode, next, known, state);
  const after = { ...known, isClosed: true, announced: null };
  const rejectCallers: Effect = { type: 'reject callers' };
  if (announced === null) return go(mode, next, after, rejectCallers);
  return leave(mode, closed(), rest(next, after, rejectCallers));
}

/** A newer token came while an older one was tried. The connection is upgraded with it, or tries it next. */
function settleNext(mode: Live, kind: Resting, known: Known, state: ConnectionState): Step {
  const { next: token, bearer } = known;
  if (state === 'connecting' || mode.kind === 'presenting' || kind !== 'served') return go(mode, kind, known);
  if (token === null)
    return known.token === null && isAway(state) ? go(mode, kind, known, useNone) : go(mode, kind, known);
  const next: Presented = { token, asked: bearer.asked };
  if (state === 'connected')
    return announce('served', has(known, next), { type: 'connection.upgrade', token });
  return isComingBack(state) ? handNext(known, next) : go(mode, kind, { ...known, next: null });
}

/** Informs the author of the adapter, once. */
export const warnOnce = (mode: Live): Step =>
  mode.known.isWarned
    ? [mode, []]
    : go(mode, restOf(mode), { ...mode.known, isWarned: true }, { type: 'warn' });

/** A caller joins the acquisition whose token is presented. */
export const joinWhilePresenting = (mode: Presenting): Step =>
  go(mode, mode.otherwise, { ...mode.known, isClosed: false });

export const begin = ({ kind, known }: AtRest): Step => rest(kind, { ...known, isClosed: false });

/**
 * A connected connection re-authenticates in place. Any other is opened (RTC8a, RTC8b, RTC8c). A connection with
 * another identity is replaced.
 */
export function present(mode: AtRest, { presented, isToOpen, state }: ReportOf<'token.presented'>): Step {
  // RTC8b1
  if (isToOpen && mode.known.isClosed) return [mode, [{ type: 'reject', presented, reason: closed() }]];
  const { token, asked } = presented;
  const change = state === 'connected' ? 'connection.upgrade' : 'connection.open';
  const type = isForAnother(token.expose(), asked, mode.known.bearer) ? 'connection.replace' : change;
  const push: Push = { type, token, presented };
  const otherwise = mode.kind === 'halted' ? 'served' : mode.kind;
  const known = { ...signedIn(mode.known), announced: push };
  return [{ kind: 'presenting', presented, otherwise, known }, [{ type: 'announce', push }]];
}

/** The presented token is given up. A connection that went away meanwhile must not use a token that is over. */
function giveUp({ otherwise, known }: Presenting): Step {
  const next = { kind: otherwise, known: { ...known, announced: null, accepted: null } };
  return known.heard === 'leaving' ? [next, []] : settleNext(next, otherwise, next.known, known.heard);
}

export const withdraw = (mode: Presenting, { reason }: ReportOf<'token.withdrawn'>): Step =>
  leave(mode, reason, giveUp(mode));

/** If another event came first, nothing is pushed. */
export function push(mode: Live, { push }: ReportOf<'push.announced'>): Step {
  if (mode.known.announced !== push) return [mode, []];
  return go(mode, restOf(mode), { ...mode.known, announced: null }, { type: 'push', push });
}

/** No caller waits for this answer any more, but the connection has the token. */
export function noteLateAcceptance(mode: Live, { presented }: ReportOf<'push.accepted'>): Step {
  return mode.known.token === 'forgotten' ? [mode, []] : go(mode, 'served', has(mode.known, presented));
}

export function accept(mode: Presenting, report: ReportOf<'push.accepted'>): Step {
  const { presented } = report;
  if (presented !== mode.presented) return noteLateAcceptance(mode, report);
  return at('served', has(mode.known, presented), { type: 'resolve', presented });
}

export const reject = (mode: Presenting, { presented, reason }: ReportOf<'push.rejected'>): Step =>
  presented === mode.presented ? leave(mode, reason, giveUp(mode)) : [mode, []];

/** A waiting connection gets the token. */
export const giveTheNext = ({ known }: AtRest, { token, asked }: ReportOf<'token.offered'>): Step =>
  give(known, token, asked);

/** A connection that connects again by itself must not use another identity. */
export function giveIfForAnother(
  { known }: AtRest,
  { token, asked, state }: ReportOf<'token.offered'>,
): Step {
  const isNeeded = isComingBack(state) && isForAnother(token.expose(), asked, known.bearer);
  return isNeeded ? give(known, token, asked) : useNext(signedIn(known), { token, asked }, state);
}

/**
 * A connection that connects again by itself uses the newest token. A running attempt continues with the older
 * one.
 */
function useNext(known: Known, next: Presented, state: ConnectionState): Step {
  if (state === 'connecting') return rest('served', { ...known, next: next.token });
  return isComingBack(state) ? handNext(known, next) : rest('served', known);
}

const handNext = (known: Known, next: Presented): Step =>
  rest('served', has(known, next), { type: 'use next', token: next.token });

const useNone: Effect = { type: 'use next', token: null };

const isAway = (state: ConnectionState): boolean => state === 'disconnected' || state === 'suspended';

/** An expired token is not tried again. A connection that is not away yet is told when it is. */
export function loseTheToken(mode: Live, { state }: ReportOf<'token.lost'>): Step {
  const { token } = mode.known;
  const known = { ...mode.known, next: null, token: token === 'forgotten' ? token : null };
  if (!isAway(state) || mode.kind === 'presenting') return go(mode, restOf(mode), known);
  return go(mode, restOf(mode), known, useNone);
}

export const keepForNewer = ({ known }: AtRest): Step => rest('halted', signedIn(known));

/**
 * RTC8b: an attempt must not succeed with an older token. An attempt that has no token yet need not be given up: it gets
 * the newer one.
 */
export function halt(mode: Live, { state, isAble }: ReportOf<'attempt.halted'>): Step {
  const known = { ...mode.known, accepted: null };
  if (state !== 'connecting') return go(mode, restOf(mode), known);
  if (isAble) return go(mode, 'halted', known, { type: 'halt' });
  const isWithoutToken = known.token === null && known.announced === null && mode.kind !== 'presenting';
  return go(mode, isWithoutToken ? 'halted' : restOf(mode), known);
}

/** A server that does not answer is not waited for. */
export const hurry = (mode: Presenting, { state }: ReportOf<'answer.urgent'>): Step => [
  mode,
  state === 'connected' ? [{ type: 'hurry' }] : [],
];

export const denyIt = ({ known }: AtRest, { error }: ReportOf<'token.denied'>): Step => deny(known, error);

/** An accepted token may have expired before the client committed it. */
export const dropTheAccepted = ({ known }: ModeOf<'served'>): Step => rest('served', known);

/** RSA4c: the connection is informed once, and gets the next token. */
export const delayIt = (
  { known }: AtRest,
  { error }: ReportOf<'token.delayed'> | ReportOf<'attempt.failed'>,
): Step => sayNotYet(known, error);

/**
 * A connection whose token was refused gets the current token of the client. If there is none, one is requested.
 */
export function helpIt(mode: AtRest, { held, asked }: ReportOf<'attempt.failed'>): Step {
  return held === null ? [mode, [{ type: 'ask for a token' }]] : give(mode.known, held, asked);
}

/** No connection stays connected, or connects again, with a token of the user who signed out. */
export function forget(mode: Live, { error, isAble, state }: ReportOf<'token.forgotten'>): Step {
  const { announced, heard } = mode.known;
  const isUp = state === 'connected' || isComingBack(state);
  const known: Known = {
    ...mode.known,
    token: 'forgotten',
    next: null,
    bearer: nobody,
    heard: isAble && isUp ? 'leaving' : heard,
    announced: announced?.type === 'connection.fail' ? announced : null,
  };
  const ended = isUp ? deny(known, error) : rest('served', known);
  return leave(mode, forgotten(), isAble ? rest('served', known, { type: 'forget' }) : ended);
}

export const dispose = (mode: Live): Step =>
  leave(mode, disposed(), [{ kind: 'disposed' }, [{ type: 'detach' }]]);

export const refuse = (mode: Mode, { presented }: ReportOf<'token.presented'>): Step => [
  mode,
  [{ type: 'reject', presented, reason: disposed() }],
];
