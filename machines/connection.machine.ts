import { tokenFailure } from './connection-context.js';
import {
  errorOf,
  machineSetup,
  noteNoToken,
  noteOverdue,
  noteReason,
  rejectToken,
  reportRefusal,
  takeDetails,
  takeToken,
  takeUpdate,
} from './connection-setup.js';

export type { TransportCommand, TransportInput } from './connection-setup.js';

/** A token comes: connect with it, whatever went on before (RTC8b, RTC8c). */
const connectWithIt = {
  target: '#connection.connecting.opening' as const,
  reenter: true,
  actions: takeToken,
};

/** The token accepted last is kept: should the new one be refused, the connection returns as it was. */
const replaceIt = {
  target: '#connection.connecting.opening' as const,
  reenter: true,
  actions: ['begin afresh' as const, takeToken],
};

/** There will be no token: RSA4d, RSA4c. */
const giveUp = {
  target: '#connection.failed' as const,
  actions: [rejectToken, machineSetup.assign({ errorReason: ({ event }) => tokenFailure(errorOf(event)) })],
};

/** A try that failed: again soon, or, when the server has forgotten the connection, slowly. */
const tryAgain = (note: typeof noteReason | typeof noteOverdue | typeof noteNoToken) => [
  {
    guard: 'the server has forgotten the connection' as const,
    target: '#connection.suspended' as const,
    actions: [note],
  },
  { target: '#connection.disconnected' as const, actions: [note, 'count the try' as const] },
];

/** No token to connect with is good: one more is asked for at once, the next after a wait (RTN14b, RTN15h2). */
const getAnotherToken = [
  {
    guard: 'another token is at hand' as const,
    target: '#connection.disconnected' as const,
    actions: [rejectToken, noteReason, 'go back to the token before' as const],
  },
  {
    guard: 'the new token was refused as well' as const,
    target: '#connection.disconnected' as const,
    actions: [reportRefusal, rejectToken, noteReason, 'forget the token' as const, 'count the try' as const],
  },
  {
    guard: 'a new token would help' as const,
    target: '#connection.connecting.refused' as const,
    actions: [
      reportRefusal,
      rejectToken,
      noteReason,
      'forget the token' as const,
      'count the refusal' as const,
    ],
  },
];

/** The token in use is not good any more: the next one resumes the connection (RTN15h2). */
const getNextToken = {
  guard: 'a new token would help' as const,
  target: '#connection.connecting.refused' as const,
  actions: [reportRefusal, noteReason, 'forget the token' as const, 'count the refusal' as const],
};

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
    refusals: 0,
    isServed: false,
    askedAt: 0,
    rushedAt: null,
    retryInMs: 0,
    lostAt: null,
    stateTtlMs: input.times.stateTtlMs,
  }),
  initial: 'initialized',
  on: {
    'token.withdrawn': { actions: 'go back to the token before' },
    'auth.attached': { actions: 'know that there is an Auth' },
    'auth.detached': { actions: 'know that there is no Auth' },
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
          on: {
            // Whoever was there before, if anybody, was asked in vain.
            'auth.attached': { target: 'awaiting', reenter: true, actions: 'know that there is an Auth' },
          },
          after: { 'the token is overdue': tryAgain(noteNoToken) },
        },
        refused: {
          // The refusal was reported, which asks for a token already.
          entry: 'drop the transport',
          on: {
            'auth.attached': { target: 'awaiting', actions: 'know that there is an Auth' },
          },
          after: { 'the token is overdue': tryAgain(noteNoToken) },
        },
        opening: {
          entry: ['drop the transport', 'open the transport'],
          on: {
            'server.connected': {
              target: '#connection.connected',
              actions: ['accept the token', takeDetails],
            },
            'server.failed': [
              ...getAnotherToken,
              { target: '#connection.failed', actions: [rejectToken, noteReason] },
            ],
            'server.disconnected': [...getAnotherToken, ...tryAgain(noteReason)],
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
            // RTN12f: the server is told goodbye if it still answers.
            close: { target: '#connection.closing.opening', actions: 'tell that it was closed' },
          },
          after: { 'the answer is overdue': tryAgain(noteOverdue) },
        },
      },
    },

    connected: {
      on: {
        close: { target: 'closing.leaving', actions: 'tell that it was closed' },
        'server.asked': { actions: 'pass on the question' },
        'server.connected': { actions: takeUpdate },
        'server.disconnected': [
          // It was the old one that died; the new one is tried on another transport.
          { guard: 'a token is being tried', target: 'disconnected', actions: noteReason },
          getNextToken,
          { target: 'disconnected', actions: noteReason },
        ],
        'server.failed': [getNextToken, { target: 'failed', actions: noteReason }],
        'transport.lost': { target: 'disconnected', actions: noteReason },
        'token.given': { target: '.authenticating', actions: takeToken },
        'token.replaced': replaceIt,
        'token.denied': giveUp,
      },
      initial: 'steady',
      states: {
        steady: {},
        authenticating: {
          entry: ['note the question', 'send the token'],
          on: {
            'server.connected': { target: 'steady', actions: ['accept the token', takeUpdate] },
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
            'token.given': { target: 'unanswered', actions: takeToken },
            'token.withdrawn': { target: 'unanswered', actions: 'go back to the token before' },
          },
          after: {
            'the answer is overdue': { target: 'unanswered', actions: 'tell that nobody answered' },
          },
        },
        // An answer is due to a token that nobody waits for any more. Answers bear no name, so the
        // next token is sent after it, or on another transport: never is one taken for the other's.
        unanswered: {
          on: {
            'server.connected': [
              { guard: 'a token is being tried', target: 'authenticating', actions: takeUpdate },
              { target: 'steady', actions: takeUpdate },
            ],
            'server.failed': [
              { guard: 'a token is being tried', target: '#connection.disconnected', actions: noteReason },
              {
                guard: 'the token before may still be good',
                target: '#connection.disconnected',
                actions: noteReason,
              },
              { target: '#connection.failed', actions: noteReason },
            ],
            'token.given': [
              { guard: 'the answer is overdue by now', ...connectWithIt },
              { actions: takeToken },
            ],
          },
          after: {
            'the older answer is overdue': {
              guard: 'a token is being tried',
              target: '#connection.connecting.opening',
            },
          },
        },
      },
    },

    disconnected: {
      entry: ['drop the transport', 'note the loss', 'plan the next try'],
      on: {
        connect: 'connecting',
        close: { target: 'closed', actions: 'tell that it was closed' },
        'token.given': connectWithIt,
        'token.replaced': replaceIt,
        'token.denied': giveUp,
      },
      after: { 'the next try is due': 'connecting', 'the server forgets the connection': 'suspended' },
    },

    suspended: {
      entry: [
        'drop the transport',
        'forget the connection',
        'tell that it takes too long',
        'plan the next slow try',
      ],
      on: {
        connect: 'connecting',
        close: { target: 'closed', actions: 'tell that it was closed' },
        'token.given': connectWithIt,
        'token.replaced': replaceIt,
        'token.denied': giveUp,
      },
      after: { 'the next try is due': 'connecting' },
    },

    closing: {
      entry: 'forget the connection',
      on: {
        connect: { target: 'connecting', actions: 'begin afresh' },
        'server.closed': 'closed',
        'server.disconnected': 'closed',
        'server.failed': 'closed',
        'transport.lost': 'closed',
        'token.given': { ...connectWithIt, actions: ['begin afresh', takeToken] },
        'token.replaced': replaceIt,
      },
      initial: 'leaving',
      states: {
        opening: {
          on: { 'server.connected': 'leaving' },
          after: { 'the answer is overdue': '#connection.closed' },
        },
        leaving: {
          entry: 'say goodbye',
          after: { 'the answer is overdue': '#connection.closed' },
        },
      },
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
      entry: ['drop the transport', 'forget the connection', 'forget the token'],
      on: {
        connect: { target: 'connecting', actions: 'begin afresh' },
        'token.given': { ...connectWithIt, actions: ['begin afresh', takeToken] },
        'token.replaced': replaceIt,
        close: 'closed',
      },
    },
  },
});
