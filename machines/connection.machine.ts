import { assign, emit, enqueueActions, fromCallback, sendTo, setup, spawnChild, stopChild } from 'xstate';
import type { ErrorInfo } from '../src/errors.js';
import type { Sealed } from '../src/token/sealed.js';
import type { TokenDetails } from '../src/token/token-details.js';
import {
  type ConnectionContext,
  type ConnectionEmitted,
  type ConnectionEvent,
  type ConnectionInput,
  type ConnectionPorts,
  closedByUser,
  isForgotten,
  isRefusal,
  noAnswer,
  reconnectDelayMs,
  tokenFailure,
  tokenToUse,
} from './connection-context.js';
import { unprovided } from './ports.js';

/** What a transport is opened with. */
export interface TransportInput {
  readonly ports: Sealed<ConnectionPorts>;
  readonly token: Sealed<TokenDetails> | null;
  readonly resume: Sealed<string> | null;
}

/** What the machine tells its transport. */
export type TransportCommand =
  | { readonly type: 'authenticate'; readonly token: Sealed<TokenDetails> }
  | { readonly type: 'say goodbye' };

const errorOf = (event: ConnectionEvent): ErrorInfo =>
  'error' in event && event.error ? event.error : noAnswer();

const machineSetup = setup({
  types: {
    input: {} as ConnectionInput,
    context: {} as ConnectionContext,
    events: {} as ConnectionEvent,
    emitted: {} as ConnectionEmitted,
  },
  actors: {
    transport: fromCallback<TransportCommand, TransportInput>(unprovided('transport')),
  },
  guards: {
    'there is a token to try': ({ context }) => tokenToUse(context) !== null,
    'a new token would help': ({ event }) => isRefusal(errorOf(event)),
    'another token is at hand': ({ context, event }) =>
      isRefusal(errorOf(event)) && context.candidate !== null && context.token !== null,
    'a token is being tried': ({ context }) => context.candidate !== null,
    'a token is being tried, and another is at hand': ({ context }) =>
      context.candidate !== null && context.token !== null,
    'the server has forgotten the connection': ({ context }) => isForgotten(context),
  },
  delays: {
    'the answer is overdue': ({ context }) => context.times.requestTimeoutMs,
    'the next try is due': ({ context }) => (context.retries === 0 ? 0 : reconnectDelayMs(context)),
    'the next slow try is due': ({ context }) => context.times.suspendedRetryMs,
  },
  actions: {
    'open the transport': spawnChild('transport', {
      id: 'transport',
      input: ({ context }): TransportInput => ({
        ports: context.ports,
        token: tokenToUse(context),
        resume: context.key,
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
    'accept the token': enqueueActions(({ context, enqueue }) => {
      enqueue.assign({ token: tokenToUse(context), candidate: null });
      enqueue.emit({ type: 'accepted' });
    }),
    'count the try': assign({ retries: ({ context }) => context.retries + 1 }),
    'note the loss': assign({
      lostAt: ({ context }) => context.lostAt ?? context.ports.open().clock.monotonic(),
    }),
    'begin afresh': assign({ id: null, key: null, errorReason: null, retries: 0, lostAt: null }),
    'forget the connection': assign({ id: null, key: null }),
    'forget the token': assign({ token: null, candidate: null }),
    'go back to the token before': assign({ candidate: null }),
  },
});

const noteReason = machineSetup.assign({ errorReason: ({ event }) => errorOf(event) });
const noteOverdue = machineSetup.assign({ errorReason: () => noAnswer() });
const takeToken = machineSetup.assign({
  candidate: ({ context, event }) => ('token' in event ? event.token : context.candidate),
});
const rejectToken = machineSetup.emit(
  ({ event }): ConnectionEmitted => ({ type: 'rejected', error: errorOf(event) }),
);
const reportRefusal = machineSetup.emit(
  ({ event }): ConnectionEmitted => ({ type: 'token.refused', error: errorOf(event) }),
);

/** CONNECTED overrides all that was known before (RTN24, RTN15c6, RTN15c7). */
const takeDetails = machineSetup.enqueueActions(({ context, event, enqueue }) => {
  if (event.type !== 'server.connected') return;
  enqueue.assign({
    id: event.id,
    key: event.key,
    errorReason: event.error ?? null,
    retries: 0,
    lostAt: null,
    stateTtlMs: event.stateTtlMs ?? context.stateTtlMs,
  });
  enqueue.emit({ type: 'identity.confirmed', clientId: event.clientId });
});

const tellUpdate = machineSetup.emit(
  ({ event }): ConnectionEmitted => ({
    type: 'updated',
    error: event.type === 'server.connected' ? event.error : undefined,
  }),
);

/** A token comes: connect with it, whatever went on before (RTC8b, RTC8c). */
const connectWithIt = {
  target: '#connection.connecting.opening' as const,
  reenter: true,
  actions: takeToken,
};

const replaceIt = {
  target: '#connection.connecting.opening' as const,
  reenter: true,
  actions: ['begin afresh' as const, 'forget the token' as const, takeToken],
};

/** There will be no token: RSA4d, RSA4c. */
const giveUp = {
  target: '#connection.failed' as const,
  actions: [
    machineSetup.emit(({ event }): ConnectionEmitted => ({ type: 'rejected', error: errorOf(event) })),
    machineSetup.assign({ errorReason: ({ event }) => tokenFailure(errorOf(event)) }),
  ],
};

/** A try that failed: again soon, or, when the server has forgotten the connection, slowly. */
const tryAgain = (note: typeof noteReason | typeof noteOverdue) => [
  {
    guard: 'the server has forgotten the connection' as const,
    target: '#connection.suspended' as const,
    actions: [note],
  },
  { target: '#connection.disconnected' as const, actions: [note, 'count the try' as const] },
];

/**
 * A realtime connection, by Ably's states (RTN4), as far as authentication and staying connected
 * reach. It holds tokens and the resume key in boxes; the transport is a child.
 */
export const connectionMachine = machineSetup.createMachine({
  id: 'connection',
  context: ({ input }) => ({
    ...input,
    token: null,
    candidate: null,
    id: null,
    key: null,
    errorReason: null,
    retries: 0,
    lostAt: null,
    stateTtlMs: input.times.stateTtlMs,
  }),
  initial: 'initialized',
  on: {
    'token.withdrawn': { actions: 'go back to the token before' },
  },
  states: {
    initialized: {
      on: {
        connect: 'connecting',
        'token.given': connectWithIt,
        'token.replaced': replaceIt,
        'token.denied': giveUp,
        close: 'closed',
      },
    },

    connecting: {
      entry: 'note the loss',
      on: {
        close: { target: 'closed', actions: 'tell that it was closed' },
        'token.given': connectWithIt,
        'token.replaced': replaceIt,
        'token.denied': giveUp,
      },
      initial: 'choosing',
      states: {
        choosing: {
          always: [{ guard: 'there is a token to try', target: 'opening' }, { target: 'awaiting' }],
        },
        awaiting: {
          entry: ['drop the transport', 'ask for a token'],
          after: { 'the answer is overdue': tryAgain(noteOverdue) },
        },
        refused: {
          // The refusal was reported, which asks for a token already.
          entry: 'drop the transport',
          after: { 'the answer is overdue': tryAgain(noteOverdue) },
        },
        opening: {
          entry: ['drop the transport', 'open the transport'],
          on: {
            'server.connected': {
              target: '#connection.connected',
              actions: ['accept the token', takeDetails],
            },
            'server.failed': [
              {
                guard: 'another token is at hand',
                target: '#connection.disconnected',
                actions: [rejectToken, noteReason, 'go back to the token before'],
              },
              {
                guard: 'a new token would help',
                target: 'refused',
                actions: [reportRefusal, rejectToken, noteReason, 'forget the token'],
              },
              { target: '#connection.failed', actions: [rejectToken, noteReason] },
            ],
            'server.disconnected': [
              {
                guard: 'a new token would help',
                target: 'refused',
                actions: [reportRefusal, rejectToken, noteReason, 'forget the token'],
              },
              ...tryAgain(noteReason),
            ],
            'transport.lost': tryAgain(noteReason),
            'token.withdrawn': [
              {
                guard: 'a token is being tried, and another is at hand',
                target: 'opening',
                reenter: true,
                actions: 'go back to the token before',
              },
              {
                guard: 'a token is being tried',
                target: 'awaiting',
                actions: 'go back to the token before',
              },
            ],
          },
          after: { 'the answer is overdue': tryAgain(noteOverdue) },
        },
      },
    },

    connected: {
      on: {
        close: { target: 'closing', actions: 'tell that it was closed' },
        'server.asked': { actions: 'pass on the question' },
        'server.connected': { actions: [takeDetails, tellUpdate] },
        'server.disconnected': [
          {
            guard: 'a token is being tried',
            target: 'disconnected',
            actions: [noteReason],
          },
          {
            guard: 'a new token would help',
            target: 'connecting.refused',
            actions: [reportRefusal, noteReason, 'forget the token'],
          },
          { target: 'disconnected', actions: noteReason },
        ],
        'server.failed': [
          {
            guard: 'a new token would help',
            target: 'connecting.refused',
            actions: [reportRefusal, noteReason, 'forget the token'],
          },
          { target: 'failed', actions: noteReason },
        ],
        'transport.lost': { target: 'disconnected', actions: noteReason },
        'token.given': { target: '.authenticating', reenter: true, actions: takeToken },
        'token.replaced': replaceIt,
        'token.denied': giveUp,
      },
      initial: 'steady',
      states: {
        steady: {},
        authenticating: {
          entry: 'send the token',
          on: {
            'server.connected': {
              target: 'steady',
              actions: ['accept the token', takeDetails, tellUpdate],
            },
            'server.failed': [
              {
                guard: 'another token is at hand',
                target: '#connection.disconnected',
                actions: [rejectToken, noteReason, 'go back to the token before'],
              },
              {
                target: '#connection.failed',
                actions: [rejectToken, noteReason, 'go back to the token before'],
              },
            ],
            // A late answer is an update like any other.
            'token.withdrawn': { target: 'steady', actions: 'go back to the token before' },
          },
          after: {
            'the answer is overdue': {
              target: 'steady',
              actions: 'tell that it takes too long',
            },
          },
        },
      },
    },

    disconnected: {
      entry: ['drop the transport', 'note the loss'],
      on: {
        connect: 'connecting',
        close: { target: 'closed', actions: 'tell that it was closed' },
        'token.given': connectWithIt,
        'token.replaced': replaceIt,
        'token.denied': giveUp,
      },
      after: { 'the next try is due': 'connecting' },
    },

    suspended: {
      entry: ['drop the transport', 'forget the connection', 'tell that it takes too long'],
      on: {
        connect: 'connecting',
        close: { target: 'closed', actions: 'tell that it was closed' },
        'token.given': connectWithIt,
        'token.replaced': replaceIt,
        'token.denied': giveUp,
      },
      after: { 'the next slow try is due': 'connecting' },
    },

    closing: {
      entry: 'say goodbye',
      on: {
        connect: { target: 'connecting', actions: 'begin afresh' },
        'server.closed': 'closed',
        'transport.lost': 'closed',
        'token.given': { ...connectWithIt, actions: ['begin afresh', takeToken] },
        'token.replaced': replaceIt,
      },
      after: { 'the answer is overdue': 'closed' },
    },

    closed: {
      entry: ['drop the transport', 'forget the connection'],
      on: {
        connect: { target: 'connecting', actions: 'begin afresh' },
        'token.given': { ...connectWithIt, actions: ['begin afresh', takeToken] },
        'token.replaced': replaceIt,
      },
    },

    failed: {
      entry: ['drop the transport', 'forget the connection'],
      on: {
        connect: { target: 'connecting', actions: ['begin afresh', 'forget the token'] },
        'token.given': { ...connectWithIt, actions: ['begin afresh', 'forget the token', takeToken] },
        'token.replaced': replaceIt,
        close: 'closed',
      },
    },
  },
});
