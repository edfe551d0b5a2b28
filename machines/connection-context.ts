import { ErrorInfo, isForeign, isTokenError } from '../src/errors/error-info.js';
import { identityFits, misfit } from '../src/token/identity.js';
import { Secret } from '../src/token/secret.js';
import type { TokenDetails } from '../src/token/token-details.js';
import { plain } from './in-time.js';

/** What the connection machine needs from outside. The code that opens transports adds more to it. */
export interface ConnectionPorts {
  readonly clock: { monotonic(): number };
  /** Whether the machine slept since the token was received: it may have expired unnoticed. Absent: it did not. */
  hasSlept?(): boolean;
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
  /** The key of an earlier client's connection, which is to be recovered. @see RTN16 */
  readonly recover?: string | undefined;
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
  /** The key that resumes a lost connection. Without an id: the key that recovers one of an earlier client. @see RTN9, RTN15b, RTN16k */
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
  /** Whether the page is frozen: nothing is tried until it is shown again. */
  readonly isFrozen: boolean;
  /** Whether the page was frozen since the token was received: it may have expired unnoticed. */
  readonly wasFrozen: boolean;
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

/** What it knows before anything happened. */
export const newConnection = (input: ConnectionInput): ConnectionContext => ({
  ...plain,
  ports: input.ports,
  times: input.times,
  usesKey: input.usesKey,
  clientId: input.clientId,
  fallbackHosts: input.fallbackHosts,
  token: null,
  candidate: null,
  host: null,
  hostsLeft: [],
  id: null,
  key: input.recover === undefined ? null : new Secret(input.recover, 'connectionKey'),
  errorReason: null,
  retries: 0,
  brief: 0,
  refusals: 0,
  isServed: false,
  isFrozen: false,
  wasFrozen: false,
  askedAt: 0,
  connectedAt: 0,
  rushedAt: null,
  retryInMs: 0,
  lostAt: null,
  stateTtlMs: input.times.stateTtlMs,
});

/** The events that the connection machine receives. */
export type ConnectionEvent =
  | { readonly type: 'connect' }
  | { readonly type: 'close' }
  /** There is an Auth now that can be asked for tokens. */
  | { readonly type: 'auth.attached'; readonly clientId?: string | undefined }
  | { readonly type: 'auth.detached' }
  /** A token to connect or to re-authenticate with. */
  | { readonly type: 'token.given'; readonly token: Secret<TokenDetails> }
  /** A token with another identity: the connection must be replaced. */
  | { readonly type: 'token.replaced'; readonly token: Secret<TokenDetails> }
  /**
   * The token to use when the connection connects again by itself. null: the current token has expired or was
   * refused.
   */
  | { readonly type: 'token.next'; readonly token: Secret<TokenDetails> | null }
  /** No caller waits any more for the answer about the last token. */
  | { readonly type: 'token.withdrawn' }
  /** The user signed out: the connection must drop everything of this user. */
  | { readonly type: 'token.forgotten' }
  /** No token will come. */
  | { readonly type: 'token.denied'; readonly error: ErrorInfo }
  /** There is no token at the moment. Another follows by itself. */
  | { readonly type: 'token.delayed'; readonly error: ErrorInfo }
  /** A newer token will come: nothing may be tried with an older one (RTC8b). */
  | { readonly type: 'attempt.halted' }
  /** The current token expires soon: the token that is being tried cannot wait for an answer. */
  | { readonly type: 'answer.urgent' }
  | { readonly type: 'network.lost'; readonly error: ErrorInfo }
  | { readonly type: 'network.back' }
  /** The platform is about to stop the page. */
  | { readonly type: 'page.frozen'; readonly error: ErrorInfo }
  /** The page is shown again. */
  | { readonly type: 'page.shown' }
  /** `wasFrozen`: the page was, and the platform reported it only afterwards, or not at all. */
  | { readonly type: 'transport.lost'; readonly error: ErrorInfo; readonly wasFrozen?: boolean }
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

/** The events that the connection machine emits. */
export type ConnectionEmitted =
  | { readonly type: 'token.needed' }
  | { readonly type: 'token.asked' }
  | { readonly type: 'token.refused'; readonly error: ErrorInfo }
  | { readonly type: 'identity.confirmed'; readonly clientId: string | null }
  /** The answer about the last token. */
  | { readonly type: 'accepted' }
  | { readonly type: 'rejected'; readonly error: ErrorInfo }
  /** Re-authenticated in place: the details changed, the state did not (RTN24). */
  | { readonly type: 'updated'; readonly error: ErrorInfo | undefined };

/** Each attempt begins with the primary host. The others follow in random order (RTN17i, RTN17j). */
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

/** RTN17f: a host that cannot be reached or does not answer may be replaced. A DISCONNECTED must say so. */
export const isHostAtFault = (event: ConnectionEvent): boolean =>
  event.type !== 'server.disconnected' || (event.error.statusCode >= 500 && event.error.statusCode <= 504);

/** The token to connect with: the newest one that may be good. */
export const tokenToUse = (context: ConnectionContext): Secret<TokenDetails> | null =>
  context.candidate ?? context.token;

/**
 * Whether the token may have expired unnoticed, so that the Auth is asked before a transport is opened. A token on
 * trial does not count: the Auth knows its expiry, and answers no question while the trial runs.
 */
export const isTokenInDoubt = (context: ConnectionContext): boolean =>
  context.isServed &&
  context.candidate === null &&
  context.token !== null &&
  (context.wasFrozen || context.ports.expose().hasSlept?.() === true);

/** Whether there is an older token to return to if the new one is refused. */
export const hasOneBefore = ({ token, usesKey }: ConnectionContext): boolean => token !== null || usesKey;

const now = ({ ports }: ConnectionContext): number => ports.expose().clock.monotonic();

/** Whether the server has forgotten the connection already. */
export const isForgotten = (context: ConnectionContext): boolean => forgottenInMs(context) <= 0;

/** ms until the server forgets the connection. `Infinity` while there is one. @see RTN14e */
export function forgottenInMs(context: ConnectionContext): number {
  const { lostAt, stateTtlMs } = context;
  return lostAt === null ? Number.POSITIVE_INFINITY : Math.max(0, lostAt + stateTtlMs - now(context));
}

/** ms until the time limit for the answer. */
export const answerDueInMs = (context: ConnectionContext): number =>
  Math.max(0, context.askedAt + context.times.requestTimeoutMs - now(context));

/** The shortest time between two reconnections without a wait, to protect the server. */
const RUSH_MS = 1_000;

/** When to try again: at once after a loss (RTN15a, RTN15h3), otherwise by RTB1. */
export function nextTry(context: ConnectionContext): { retryInMs: number; rushedAt: number | null } {
  const { rushedAt, retries, brief, times, isFrozen } = context;
  if (isFrozen) return { retryInMs: Number.POSITIVE_INFINITY, rushedAt };
  if (retries > 0) return { retryInMs: reconnectDelayMs(context), rushedAt };
  const pauseMs = Math.min(RUSH_MS * 2 ** Math.max(0, brief - MOST_BRIEF), times.disconnectedRetryMs);
  const retryInMs = rushedAt === null ? 0 : Math.max(0, rushedAt + pauseMs - now(context));
  return { retryInMs, rushedAt: now(context) + retryInMs };
}

/**
 * So many short connections in a row may be chance. After more of them the client waits, to protect the server.
 */
const MOST_BRIEF = 3;

/** A connection that lasted this long counts as a good one. */
const LASTING_MS = 2_000;

/**
 * The number of connections in a row that did not last, after one has ended. A connection that only tried a token
 * does not count.
 */
export function briefAfter(context: ConnectionContext): number {
  const { brief, candidate, connectedAt } = context;
  if (candidate !== null) return brief;
  return now(context) < connectedAt + LASTING_MS ? brief + 1 : 0;
}

/** RTB1: the wait grows with the tries up to twice the base, and is shortened by up to a fifth at random. */
function reconnectDelayMs({ retries, times, ports }: ConnectionContext): number {
  const backoff = Math.min((retries + 2) / 3, 2);
  const jitter = 1 - 0.2 * ports.expose().random();
  return Math.round(backoff * jitter * times.disconnectedRetryMs);
}

/** Whether a new token can correct the error. */
export const isRefusal = (error: ErrorInfo): boolean => isTokenError(error);

/** Whether the server confirmed another identity than the client's (RSA15a, RSA15c). */
export const isMistaken = ({ clientId }: ConnectionContext, event: ConnectionEvent): boolean =>
  event.type === 'server.connected' && !identityFits(clientId, event.clientId);

/** The error for that case. */
export const mistake = ({ clientId }: ConnectionContext, event: ConnectionEvent): ErrorInfo =>
  misfit(clientId, event.type === 'server.connected' ? event.clientId : null) ?? noAnswer();

/**
 * Errors of the client that need no further explanation: there is no source (RSA4a2), the token has another
 * identity, or the user signed out.
 */
const TOLD_AS_THEY_ARE = [40171, 40102, 80017];

/** Why there is no token, as the reason of the connection's state (RSA4c1, RSA4d). */
export function tokenFailure(cause: ErrorInfo): ErrorInfo {
  if (TOLD_AS_THEY_ARE.includes(cause.code) && !isForeign(cause)) return cause;
  const statusCode = cause.statusCode === 403 ? 403 : 401;
  return new ErrorInfo({ code: 80019, statusCode, message: 'the connection could not get a token', cause });
}

/** Why there is no token at the moment (RSA4c1). No code makes this final (RTN14b, RTN15h2). */
export const tokenDelay = (cause: ErrorInfo): ErrorInfo =>
  new ErrorInfo({
    code: 80019,
    statusCode: 401,
    message: 'the connection could not get a token so far',
    cause,
  });

/** The same if the source did not answer at all (RSA4c1). */
export const noToken = (): ErrorInfo =>
  new ErrorInfo({
    code: 80019,
    statusCode: 401,
    reason: 'timed out',
    message: 'no token came in time',
    remediation:
      'See the error of the Auth of this connection. The connection asks the Auth again by itself.',
  });

export const closedByUser = (): ErrorInfo =>
  new ErrorInfo({ code: 80017, message: 'the connection was closed' });

export const noAnswer = (): ErrorInfo =>
  new ErrorInfo({ code: 80014, message: 'timeout: the server did not answer in time' });
