import {
  assign,
  emit,
  enqueueActions,
  fromCallback,
  fromPromise,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from 'xstate';
import type { ErrorInfo } from '../src/errors/error-info.js';
import type { Secret } from '../src/token/secret.js';
import type { TokenDetails } from '../src/token/token-details.js';
import {
  answerDueInMs,
  briefAfter,
  type ConnectionContext,
  type ConnectionEmitted,
  type ConnectionEvent,
  type ConnectionInput,
  type ConnectionPorts,
  closedByUser,
  forgottenInMs,
  freshHosts,
  hasOneBefore,
  isForgotten,
  isHostAtFault,
  isMistaken,
  isRefusal,
  isTokenInDoubt,
  mistake,
  nextHost,
  nextTry,
  noAnswer,
  noToken,
  tokenDelay,
  tokenFailure,
  tokenToUse,
} from './connection-context.js';
import { unprovided } from './ports.js';

/** The input of a transport. */
export interface TransportInput {
  readonly ports: Secret<ConnectionPorts>;
  readonly token: Secret<TokenDetails> | null;
  /** The key of the connection to resume or recover. */
  readonly resume: Secret<string> | null;
  /** Whether it is the connection of an earlier client. @see RTN16k */
  readonly isRecovery: boolean;
  /** null: the primary host. */
  readonly host: string | null;
}

/** The input of a check of the network. */
export interface CheckInput {
  readonly ports: Secret<ConnectionPorts>;
}

/** The commands of the machine to its transport. */
export type TransportCommand =
  | { readonly type: 'authenticate'; readonly token: Secret<TokenDetails> }
  | { readonly type: 'say goodbye' };

/** The reason of an event. */
const errorOf = (event: ConnectionEvent): ErrorInfo =>
  'error' in event && event.error ? event.error : noAnswer();

/** Why a token on trial is rejected. */
const REJECTIONS = {
  closed: () => closedByUser(),
  unanswered: () => noAnswer(),
  suspended: ({ errorReason }: ConnectionContext) => errorReason ?? noAnswer(),
  mistaken: mistake,
};
type Rejection = keyof typeof REJECTIONS;

/** The reason of the connection's state (RTN25). */
const REASONS = {
  event: (_context: ConnectionContext, event: ConnectionEvent) => errorOf(event),
  'no answer': () => noAnswer(),
  'no token': () => noToken(),
  'token delayed': (_context: ConnectionContext, event: ConnectionEvent) => tokenDelay(errorOf(event)),
  'token denied': (_context: ConnectionContext, event: ConnectionEvent) => tokenFailure(errorOf(event)),
  'mistaken identity': mistake,
};
export type Reason = keyof typeof REASONS;

/** The parts of the connection machine by name: its chart puts them together. */
export const connectionSetup = setup({
  types: {} as {
    input: ConnectionInput;
    context: ConnectionContext;
    events: ConnectionEvent;
    emitted: ConnectionEmitted;
  },
  actors: {
    transport: fromCallback<TransportCommand, TransportInput>(unprovided('transport')),
    /** Whether the network works at all (RTN17j). */
    'check the network': fromPromise<boolean, CheckInput>(unprovided('check the network')),
  },
  guards: {
    'there is something to connect with': ({ context }) => tokenToUse(context) !== null || context.usesKey,
    'its token may have expired unnoticed': ({ context }) => isTokenInDoubt(context),
    'the page is frozen': ({ context }) => context.isFrozen,
    'the refusal was the last thing reported': ({ context: { refusals, retries } }) =>
      refusals > 0 && retries === 0,
    'a new token would help': ({ context, event }) => isRefusal(errorOf(event)) && !context.usesKey,
    'a new token would help, and none is on trial': ({ context, event }) =>
      isRefusal(errorOf(event)) && !context.usesKey && context.candidate === null,
    'the new token was refused as well': ({ context, event }) =>
      isRefusal(errorOf(event)) && context.refusals > 0,
    'another token is available': ({ context, event }) =>
      isRefusal(errorOf(event)) && context.candidate !== null && hasOneBefore(context),
    'another token may be good': ({ context, event }) =>
      context.candidate !== null || (isRefusal(errorOf(event)) && hasOneBefore(context)),
    'a token is on trial': ({ context }) => context.candidate !== null,
    'a token is on trial, and another is available': ({ context }) =>
      context.candidate !== null && hasOneBefore(context),
    'the answer is already overdue': ({ context }) => answerDueInMs(context) <= 0,
    'the server confirms another identity': ({ context, event }) => isMistaken(context, event),
    'the host may be at fault, and others are left': ({ context, event }) =>
      isHostAtFault(event) && context.host === null && context.hostsLeft.length > 0,
    'this host may be at fault as well, and others are left': ({ context, event }) =>
      isHostAtFault(event) && context.host !== null && context.hostsLeft.length > 0,
    'there is a network': ({ event }) => (event as { output?: unknown }).output === true,
    'the server has forgotten the connection': ({ context }) => isForgotten(context),
  },
  delays: {
    'the answer is overdue': ({ context }) => context.times.requestTimeoutMs,
    'the older answer is overdue': ({ context }) => answerDueInMs(context),
    'the token is overdue': ({ context }) =>
      context.isServed ? context.times.requestTimeoutMs : Number.POSITIVE_INFINITY,
    'the newer token is overdue': ({ context }) => 2 * context.times.requestTimeoutMs,
    'the next try is due': ({ context }) => context.retryInMs,
    'the server forgets the connection': ({ context }) => forgottenInMs(context),
  },
  actions: {
    'open the transport': spawnChild('transport', {
      id: 'transport',
      systemId: 'transport',
      input: ({ context }): TransportInput => ({
        ports: context.ports,
        token: tokenToUse(context),
        resume: context.key,
        isRecovery: context.id === null,
        host: context.host,
      }),
    }),
    'drop the transport': stopChild('transport'),
    'send the token': sendTo(
      'transport',
      ({ context }): TransportCommand => ({
        type: 'authenticate',
        token: tokenToUse(context) as Secret<TokenDetails>,
      }),
    ),
    'note the question': assign({ askedAt: ({ context }) => context.ports.expose().clock.monotonic() }),
    'say goodbye': sendTo('transport', { type: 'say goodbye' } as const),
    'ask for a token': emit({ type: 'token.needed' }),
    'pass on the question': emit({ type: 'token.asked' }),
    'reject the token on trial': enqueueActions(
      ({ context, event, enqueue }, { why }: { why: Rejection }) => {
        if (context.candidate !== null)
          enqueue.emit({ type: 'rejected', error: REJECTIONS[why](context, event) });
        enqueue.assign({ candidate: null });
      },
    ),
    'reject the token': emit(({ event }): ConnectionEmitted => ({ type: 'rejected', error: errorOf(event) })),
    'report the refusal': emit(
      ({ event }): ConnectionEmitted => ({ type: 'token.refused', error: errorOf(event) }),
    ),
    'take the token': assign({
      candidate: ({ context, event }) => ('token' in event ? event.token : context.candidate),
      wasFrozen: false,
    }),
    'use the token next': assign({
      token: ({ context, event }) => (event.type === 'token.next' ? event.token : context.token),
    }),
    'accept the token': enqueueActions(({ context, enqueue }) => {
      // RSA10a: from now on tokens are used.
      enqueue.assign({
        token: tokenToUse(context),
        candidate: null,
        usesKey: context.usesKey && context.candidate === null,
      });
      enqueue.emit({ type: 'accepted' });
    }),
    'count the try': assign({ retries: ({ context }) => context.retries + 1 }),
    'count how it lasted': assign({ brief: ({ context }) => briefAfter(context) }),
    'count the refusal': assign({ refusals: ({ context }) => context.refusals + 1 }),
    'forget the refusals': assign({ refusals: 0 }),
    'plan the next try': assign(({ context }) => nextTry(context)),
    'plan the next slow try': assign({
      retryInMs: ({ context: { isFrozen, times } }) =>
        isFrozen ? Number.POSITIVE_INFINITY : times.suspendedRetryMs,
    }),
    'note that the page is frozen': assign({ isFrozen: true, wasFrozen: true }),
    'note whether the page was frozen': assign({
      wasFrozen: ({ context, event }) =>
        context.wasFrozen || (event.type === 'transport.lost' && event.wasFrozen === true),
    }),
    'note that the page is shown': assign({ isFrozen: false }),
    'note the loss': assign({
      lostAt: ({ context }) => context.lostAt ?? context.ports.expose().clock.monotonic(),
    }),
    'begin afresh': assign({
      id: null,
      key: null,
      errorReason: null,
      retries: 0,
      refusals: 0,
      lostAt: null,
    }),
    'begin with the primary host': assign(({ context }) => freshHosts(context)),
    'go to the next host': assign(({ context }) => nextHost(context)),
    'forget the connection': assign({ id: null, key: null }),
    'forget the token': assign({ token: null, candidate: null }),
    'go back to the token before': assign({ candidate: null }),
    'know that there is an Auth': assign({
      isServed: true,
      clientId: ({ context, event }) => (event.type === 'auth.attached' ? event.clientId : context.clientId),
    }),
    'note that there is no Auth': assign({ isServed: false }),
    'note the reason': assign({
      errorReason: ({ context, event }, { of }: { of: Reason }) => REASONS[of](context, event),
    }),
    // CONNECTED on a new transport replaces everything that was known before (RTN15c6, RTN15c7).
    'take the details': enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'server.connected') return;
      enqueue.assign({
        id: event.id,
        key: event.key,
        errorReason: event.error ?? null,
        retries: 0,
        connectedAt: context.ports.expose().clock.monotonic(),
        refusals: 0,
        lostAt: null,
        stateTtlMs: event.stateTtlMs ?? context.stateTtlMs,
      });
      enqueue.emit({ type: 'identity.confirmed', clientId: event.clientId });
    }),
    // CONNECTED while connected: the details change, the id does not (RTN24, RTC8a1). Its error is reported with
    // the update, and is not the reason of a state.
    'take the update': enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'server.connected') return;
      enqueue.assign({
        key: event.key ?? context.key,
        errorReason: null,
        stateTtlMs: event.stateTtlMs ?? context.stateTtlMs,
      });
      enqueue.emit({ type: 'identity.confirmed', clientId: event.clientId });
      enqueue.emit({ type: 'updated', error: event.error });
    }),
  },
});
