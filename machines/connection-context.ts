import { ErrorInfo, isForeign, isTokenError } from '../src/errors/error-info.js';
import { identityFits, misfit } from '../src/token/identity.js';
import type { Secret } from '../src/token/secret.js';
import type { TokenDetails } from '../src/token/token-details.js';

/** What the connection machine needs from outside. The code that opens transports adds more to it. */
export interface ConnectionPorts {
  readonly clock: { monotonic(): number };
  /** A fresh number in [0, 1) at each call. */
  random(): number;
}

/** Times in ms. */
export interface ConnectionTimes {
  /** The time limit for an answer of the server, and for opening a transport. @see TO3l11 */
  readonly requestTimeoutMs: number;
  /** The wait between tries while the server may still keep the connection. @see TO3l1 */
  readonly disconnectedRetryMs: number;
  /** The wait between tries after that. @see TO3l2 */
  readonly suspendedRetryMs: number;
  /** How long the server keeps a lost connection, until the server says another time. */
  readonly stateTtlMs: number;
}

/** The input of the connection machine. */
export interface ConnectionInput {
  readonly ports: Secret<ConnectionPorts>;
  readonly times: ConnectionTimes;
  /** Whether it may connect with an API key, until a token was accepted (RTN2e). */
  readonly usesKey: boolean;
  /** The clientId of the client. undefined: that of the token. */
  readonly clientId: string | undefined;
  /** Other hosts of the service, in any order. @see RTN17h */
  readonly fallbackHosts: readonly string[];
}

/** The data of the connection machine. Secrets are in boxes. */
export interface ConnectionContext extends ConnectionInput {
  /** The token that the server accepted last. */
  readonly token: Secret<TokenDetails> | null;
  /** A token that the server has not answered yet. */
  readonly candidate: Secret<TokenDetails> | null;
  /** The host of the connection or of the attempt. null: the primary host. */
  readonly host: string | null;
  /** The hosts that this attempt may still try, in this order. */
  readonly hostsLeft: readonly string[];
  readonly id: string | null;
  /** The key that resumes a lost connection. @see RTN9, RTN15b */
  readonly key: Secret<string> | null;
  /** @see RTN25 */
  readonly errorReason: ErrorInfo | null;
  /** Failed tries in a row. */
  readonly retries: number;
  /** Connections in a row that did not last. */
  readonly brief: number;
  /** Tokens in a row with which the server refused to connect. @see RTN14b */
  readonly refusals: number;
  /** Whether there is an Auth that can be asked for tokens. */
  readonly isServed: boolean;
  /** The monotonic moment of the last question to the server: an AUTH or a new transport. */
  readonly askedAt: number;
  /** The monotonic moment at which the last transport was connected. */
  readonly connectedAt: number;
  /** The monotonic moment of the last reconnection without a wait. null: none yet. */
  readonly rushedAt: number | null;
  /** ms until the next try, as planned after the last failure. */
  readonly retryInMs: number;
  /** Since when there is no connection, monotonic ms. null: there is one, or there was none yet. */
  readonly lostAt: number | null;
  readonly stateTtlMs: number;
}

/** The events that the connection machine receives. */
export type ConnectionEvent =
  | { readonly type: 'connect' }
  | { readonly type: 'close' }
  /** There is an Auth now that tokens can be asked of. */
  | { readonly type: 'auth.attached'; readonly clientId?: string | undefined }
  | { readonly type: 'auth.detached' }
  /** A token to be connected, or re-authenticated, with. */
  | { readonly type: 'token.given'; readonly token: Secret<TokenDetails> }
  /** A token for somebody else: the connection is to be replaced. */
  | { readonly type: 'token.replaced'; readonly token: Secret<TokenDetails> }
  /** The token to use when it next connects by itself; null: the one before is dead. */
  | { readonly type: 'token.next'; readonly token: Secret<TokenDetails> | null }
  /** Nobody waits any more for the verdict on the last token given. */
  | { readonly type: 'token.withdrawn' }
  /** The user signed out: nothing of what was theirs is to be used again. */
  | { readonly type: 'token.forgotten' }
  /** There will be no token. */
  | { readonly type: 'token.denied'; readonly error: ErrorInfo }
  /** There is no token for now; another follows by itself. */
  | { readonly type: 'token.delayed'; readonly error: ErrorInfo }
  /** A newer token is on its way: nothing is to be tried with an older one (RTC8b). */
  | { readonly type: 'attempt.halted' }
  /** The token before is about to die: the one that is being tried cannot wait for an answer. */
  | { readonly type: 'answer.urgent' }
  | { readonly type: 'network.lost'; readonly error: ErrorInfo }
  | { readonly type: 'network.back' }
  | { readonly type: 'transport.lost'; readonly error: ErrorInfo }
  | {
      readonly type: 'server.connected';
      readonly id: string | null;
      readonly key: Secret<string> | null;
      readonly clientId: string | null;
      readonly stateTtlMs: number | undefined;
      readonly error: ErrorInfo | undefined;
    }
  | { readonly type: 'server.disconnected'; readonly error: ErrorInfo }
  | { readonly type: 'server.failed'; readonly error: ErrorInfo }
  | { readonly type: 'server.closed' }
  /** The server asks for a new token (RTN22). */
  | { readonly type: 'server.asked' };

/** What the connection machine tells whoever runs it. */
export type ConnectionEmitted =
  | { readonly type: 'token.needed' }
  | { readonly type: 'token.asked' }
  | { readonly type: 'token.refused'; readonly error: ErrorInfo }
  | { readonly type: 'identity.confirmed'; readonly clientId: string | null }
  /** The verdict on the last token given. */
  | { readonly type: 'accepted' }
  | { readonly type: 'rejected'; readonly error: ErrorInfo }
  /** Connected anew in place: details changed, the state did not (RTN24). */
  | { readonly type: 'updated'; readonly error: ErrorInfo | undefined };

/** The primary host comes first at each attempt, then the others by chance (RTN17i, RTN17j). */
export function freshHosts({ fallbackHosts, ports }: ConnectionContext): {
  readonly host: null;
  readonly hostsLeft: readonly string[];
} {
  const rest = [...fallbackHosts];
  const hostsLeft: string[] = [];
  while (rest.length > 0)
    hostsLeft.push(...rest.splice(Math.floor(ports.expose().random() * rest.length), 1));
  return { host: null, hostsLeft };
}

export function nextHost({ hostsLeft: [first, ...hostsLeft] }: ConnectionContext): {
  readonly host: string | null;
  readonly hostsLeft: readonly string[];
} {
  return { host: first ?? null, hostsLeft };
}

/** RTN17f: a host that cannot be reached or does not answer may be replaced; a DISCONNECTED must say so. */
export const isHostAtFault = (event: ConnectionEvent): boolean =>
  event.type !== 'server.disconnected' || (event.error.statusCode >= 500 && event.error.statusCode <= 504);

/** The token to connect with: the newest that may be good. */
export const tokenToUse = (context: ConnectionContext): Secret<TokenDetails> | null =>
  context.candidate ?? context.token;

/** Whether there is something to go back to from a token that is being tried. */
export const hasOneBefore = ({ token, usesKey }: ConnectionContext): boolean => token !== null || usesKey;

const now = ({ ports }: ConnectionContext): number => ports.expose().clock.monotonic();

/** Whether the server has forgotten the connection by now. */
export const isForgotten = (context: ConnectionContext): boolean => forgottenInMs(context) <= 0;

/** ms until the server forgets the connection; `Infinity` while there is one. @see RTN14e */
export function forgottenInMs(context: ConnectionContext): number {
  const { lostAt, stateTtlMs } = context;
  return lostAt === null ? Number.POSITIVE_INFINITY : Math.max(0, lostAt + stateTtlMs - now(context));
}

/** ms until the answer is overdue. */
export const answerDueInMs = (context: ConnectionContext): number =>
  Math.max(0, context.askedAt + context.times.requestTimeoutMs - now(context));

/** Reconnections that do not wait are at least this far apart, or a server could be hammered. */
const RUSH_MS = 1_000;

/** When to try again: at once after a loss (RTN15a, RTN15h3), else as RTB1 says. */
export function nextTry(context: ConnectionContext): { retryInMs: number; rushedAt: number | null } {
  const { rushedAt, retries, brief, times } = context;
  if (retries > 0) return { retryInMs: reconnectDelayMs(context), rushedAt };
  const pauseMs = Math.min(RUSH_MS * 2 ** Math.max(0, brief - MOST_BRIEF), times.disconnectedRetryMs);
  const retryInMs = rushedAt === null ? 0 : Math.max(0, rushedAt + pauseMs - now(context));
  return { retryInMs, rushedAt: now(context) + retryInMs };
}

/** Chance may cut a connection short so often; a server that goes on with it is not to be hammered. */
const MOST_BRIEF = 3;

/** A connection that lasted so long was one. */
const LASTING_MS = 2_000;

/** Connections in a row that did not last, now that one is over; one on trial for a token is not counted. */
export function briefAfter(context: ConnectionContext): number {
  const { brief, candidate, connectedAt } = context;
  if (candidate !== null) return brief;
  return now(context) < connectedAt + LASTING_MS ? brief + 1 : 0;
}

/** RTB1: grows with the tries, to twice the base, less up to a fifth by chance. */
function reconnectDelayMs({ retries, times, ports }: ConnectionContext): number {
  const backoff = Math.min((retries + 2) / 3, 2);
  const jitter = 1 - 0.2 * ports.expose().random();
  return Math.round(backoff * jitter * times.disconnectedRetryMs);
}

/** An error that a new token can cure. */
export const isRefusal = (error: ErrorInfo): boolean => isTokenError(error);

/** RSA15a, RSA15c: whether the server takes this client for somebody else. */
export const isMistaken = ({ clientId }: ConnectionContext, event: ConnectionEvent): boolean =>
  event.type === 'server.connected' && !identityFits(clientId, event.clientId);

/** What is wrong then. */
export const mistake = ({ clientId }: ConnectionContext, event: ConnectionEvent): ErrorInfo =>
  misfit(clientId, event.type === 'server.connected' ? event.clientId : null) ?? noAnswer();

/** Errors of the client's own that say enough: it has no means (RSA4a2), the token is another's, the user signed out. */
const TOLD_AS_THEY_ARE = [40171, 40102, 80017];

/** RSA4c1, RSA4d: why there is no token, as the reason of the connection's state. */
export function tokenFailure(cause: ErrorInfo): ErrorInfo {
  if (TOLD_AS_THEY_ARE.includes(cause.code) && !isForeign(cause)) return cause;
  const statusCode = cause.statusCode === 403 ? 403 : 401;
  return new ErrorInfo({ code: 80019, statusCode, message: 'the connection could not get a token', cause });
}

/** RSA4c1: why there is none for now. Nobody's code makes that final (RTN14b, RTN15h2). */
export const tokenDelay = (cause: ErrorInfo): ErrorInfo =>
  new ErrorInfo({
    code: 80019,
    statusCode: 401,
    message: 'the connection could not get a token so far',
    cause,
  });

/** RSA4c1, where the source said nothing at all. */
export const noToken = (): ErrorInfo =>
  new ErrorInfo({
    code: 80019,
    statusCode: 401,
    message: 'no token came in time',
    remediation: 'Look at the error of the Auth that serves this connection; it is asked again by itself.',
  });

export const closedByUser = (): ErrorInfo =>
  new ErrorInfo({ code: 80017, message: 'the connection was closed' });

export const noAnswer = (): ErrorInfo =>
  new ErrorInfo({ code: 80014, message: 'timeout: the server did not answer in time' });
