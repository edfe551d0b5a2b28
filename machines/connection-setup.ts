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
import type { ErrorInfo } from '../src/errors.js';
import type { Sealed } from '../src/token/sealed.js';
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
  mistake,
  nextHost,
  nextTry,
  noAnswer,
  noToken,
  tokenDelay,
  tokenToUse,
} from './connection-context.js';
import { unprovided } from './ports.js';

/** What a transport is opened with. */
export interface TransportInput {
  readonly ports: Sealed<ConnectionPorts>;
  readonly token: Sealed<TokenDetails> | null;
  readonly resume: Sealed<string> | null;
  /** null: the primary one. */
  readonly host: string | null;
}

/** What a look at the network is given. */
export interface CheckInput {
  readonly ports: Sealed<ConnectionPorts>;
}

/** What the machine tells its transport. */
export type TransportCommand =
  | { readonly type: 'authenticate'; readonly token: Sealed<TokenDetails> }
  | { readonly type: 'say goodbye' };

/** Why something happened, as its event says. */
export const errorOf = (event: ConnectionEvent): ErrorInfo =>
  'error' in event && event.error ? event.error : noAnswer();

/** The parts of the connection machine by name: its chart puts them together. */
export const machineSetup = setup({
  types: {
    input: {} as ConnectionInput,
    context: {} as ConnectionContext,
    events: {} as ConnectionEvent,
    emitted: {} as ConnectionEmitted,
  },
  actors: {
    transport: fromCallback<TransportCommand, TransportInput>(unprovided('transport')),
    /** Whether anything can be reached at all (RTN17j). */
    'check the network': fromPromise<boolean, CheckInput>(unprovided('check the network')),
  },
  guards: {
    'there is something to connect with': ({ context }) => tokenToUse(context) !== null || context.usesKey,
    'a new token would help': ({ context, event }) => isRefusal(errorOf(event)) && !context.usesKey,
    'the new token was refused as well': ({ context, event }) =>
      isRefusal(errorOf(event)) && context.refusals > 0,
    'another token is at hand': ({ context, event }) =>
      isRefusal(errorOf(event)) && context.candidate !== null && hasOneBefore(context),
    'the token before may still be good': ({ context, event }) =>
      isRefusal(errorOf(event)) && hasOneBefore(context),
    'a token is being tried': ({ context }) => context.candidate !== null,
    'a token is being tried, and another is at hand': ({ context }) =>
      context.candidate !== null && hasOneBefore(context),
    'the answer is overdue by now': ({ context }) => answerDueInMs(context) <= 0,
    'it takes us for somebody else': ({ context, event }) => isMistaken(context, event),
    'the host may be at fault, and others are left': ({ context, event }) =>
      isHostAtFault(event) && context.host === null && context.hostsLeft.length > 0,
    'this host may be at fault as well, and others are left': ({ context, event }) =>
      isHostAtFault(event) && context.host !== null && context.hostsLeft.length > 0,
    'there is a network': ({ event }) => (event as { output?: unknown }).output === true,
    'the answer is overdue, and the connection forgotten': ({ context }) =>
      answerDueInMs(context) <= 0 && isForgotten(context),
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
        host: context.host,
      }),
    }),
    'drop the transport': stopChild('transport'),
    'send the token': sendTo(
      'transport',
      ({ context }): TransportCommand => ({
        type: 'authenticate',
        token: tokenToUse(context) as Sealed<TokenDetails>,
      }),
    ),
    'note the question': assign({ askedAt: ({ context }) => context.ports.open().clock.monotonic() }),
    'say goodbye': sendTo('transport', { type: 'say goodbye' } as const),
    'ask for a token': emit({ type: 'token.needed' }),
    'pass on the question': emit({ type: 'token.asked' }),
    'tell that it was closed': enqueueActions(({ context, enqueue }) => {
      if (context.candidate !== null) enqueue.emit({ type: 'rejected', error: closedByUser() });
      enqueue.assign({ candidate: null });
    }),
    'tell that it takes too long': enqueueActions(({ context, enqueue }) => {
      if (context.candidate !== null)
        enqueue.emit({ type: 'rejected', error: context.errorReason ?? noAnswer() });
      enqueue.assign({ candidate: null });
    }),
    'tell that nobody answered': enqueueActions(({ context, enqueue }) => {
      if (context.candidate !== null) enqueue.emit({ type: 'rejected', error: noAnswer() });
      enqueue.assign({ candidate: null });
    }),
    'accept the token': enqueueActions(({ context, enqueue }) => {
      // RSA10a: from now on it is tokens.
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
    'plan the next try': assign(({ context }) => nextTry(context)),
    'plan the next slow try': assign({ retryInMs: ({ context }) => context.times.suspendedRetryMs }),
    'note the loss': assign({
      lostAt: ({ context }) => context.lostAt ?? context.ports.open().clock.monotonic(),
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
    'know that there is no Auth': assign({ isServed: false }),
  },
});

export const noteReason = machineSetup.assign({ errorReason: ({ event }) => errorOf(event) });
export const noteOverdue = machineSetup.assign({ errorReason: () => noAnswer() });
export const noteNoToken = machineSetup.assign({ errorReason: () => noToken() });
/** RSA4c1: there is no token for now. */
export const noteDelay = machineSetup.assign({ errorReason: ({ event }) => tokenDelay(errorOf(event)) });
/** The reason is known already. */
export const noteNothing = machineSetup.assign({});
export const takeToken = machineSetup.assign({
  candidate: ({ context, event }) => ('token' in event ? event.token : context.candidate),
});
export const rejectToken = machineSetup.emit(
  ({ event }): ConnectionEmitted => ({ type: 'rejected', error: errorOf(event) }),
);
/** The server knows us by another name than ours: that is no connection to go on with. */
export const rejectMistake = machineSetup.enqueueActions(({ context, event, enqueue }) => {
  const error = mistake(context, event);
  if (context.candidate !== null) enqueue.emit({ type: 'rejected', error });
  enqueue.assign({ errorReason: error });
});
export const reportRefusal = machineSetup.emit(
  ({ event }): ConnectionEmitted => ({ type: 'token.refused', error: errorOf(event) }),
);

/** CONNECTED on a new transport overrides all that was known before (RTN15c6, RTN15c7). */
export const takeDetails = machineSetup.enqueueActions(({ context, event, enqueue }) => {
  if (event.type !== 'server.connected') return;
  enqueue.assign({
    id: event.id,
    key: event.key,
    errorReason: event.error ?? null,
    retries: 0,
    connectedAt: context.ports.open().clock.monotonic(),
    refusals: 0,
    lostAt: null,
    stateTtlMs: event.stateTtlMs ?? context.stateTtlMs,
  });
  enqueue.emit({ type: 'identity.confirmed', clientId: event.clientId });
});

/**
 * CONNECTED while connected: the details change, the id does not (RTN24, RTC8a1). Its error is told
 * with the update and is no state's reason.
 */
export const takeUpdate = machineSetup.enqueueActions(({ context, event, enqueue }) => {
  if (event.type !== 'server.connected') return;
  enqueue.assign({
    key: event.key ?? context.key,
    errorReason: null,
    stateTtlMs: event.stateTtlMs ?? context.stateTtlMs,
  });
  enqueue.emit({ type: 'identity.confirmed', clientId: event.clientId });
  enqueue.emit({ type: 'updated', error: event.error });
});
