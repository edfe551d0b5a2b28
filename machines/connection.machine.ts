import { tokenFailure } from './connection-context.js';
import {
  errorOf,
  machineSetup,
  noteDelay,
  noteNoToken,
  noteNothing,
  noteOverdue,
  noteReason,
  rejectMistake,
  rejectToken,
  reportRefusal,
  takeDetails,
  takeToken,
  takeUpdate,
} from './connection-setup.js';

export type { CheckInput, TransportCommand, TransportInput } from './connection-setup.js';

/** A token comes: connect with it, whatever went on before (RTC8b, RTC8c). */
const connectWithIt = {
  target: '#connection.connecting.choosing' as const,
  reenter: true,
  actions: takeToken,
};

/** The token accepted last is kept: should the new one be refused, the connection returns as it was. */
const replaceIt = {
  target: '#connection.connecting.choosing' as const,
  reenter: true,
  actions: ['begin afresh' as const, takeToken],
};

/** What the next one who connects must not find here. */
const dropAll = ['forget the connection' as const, 'forget the token' as const];

/** The user signed out: a close, and nothing is left. */
const forgetAll = (
  target: '#connection.closed' | '#connection.closing.opening' | '#connection.closing.leaving',
) => ({
  target,
  actions: ['tell that it was closed' as const, ...dropAll],
});

/** There will be no token: RSA4d, RSA4c. */
const giveUp = {
  target: '#connection.failed' as const,
  actions: [rejectToken, machineSetup.assign({ errorReason: ({ event }) => tokenFailure(errorOf(event)) })],
};

type Note =
  | typeof noteReason
  | typeof noteOverdue
  | typeof noteNoToken
  | typeof noteDelay
  | typeof noteNothing;

/** A try that failed: again soon, or, when the server has forgotten the connection, slowly. */
const tryAgain = (note: Note) => [
  {
    guard: 'the server has forgotten the connection' as const,
    target: '#connection.suspended' as const,
    actions: [note],
  },
  { target: '#connection.disconnected' as const, actions: [note, 'count the try' as const] },
];

/** A host that failed: others first, once it is clear that there is a network (RTN17j). */
const tryElsewhere = (note: typeof noteReason | typeof noteOverdue) => [
  {
    guard: 'the host may be at fault, and others are left' as const,
    target: '#connection.connecting.checking' as const,
    actions: [note],
  },
  {
    guard: 'this host may be at fault as well, and others are left' as const,
    target: '#connection.connecting.opening' as const,
    reenter: true,
    actions: [note, 'go to the next host' as const],
  },
  ...tryAgain(note),
];

/** Nobody waits for the token that is being tried: because it took too long, or for a reason of theirs. */
const withdrawIt = [
  {
    guard: 'the answer is overdue, and the connection forgotten' as const,
    target: '#connection.suspended' as const,
    actions: [noteOverdue, 'go back to the token before' as const],
  },
  {
    guard: 'the answer is overdue by now' as const,
    target: '#connection.disconnected' as const,
    actions: [noteOverdue, 'count the try' as const, 'go back to the token before' as const],
  },
  {
    guard: 'a token is being tried, and another is at hand' as const,
    target: '#connection.connecting.choosing' as const,
    actions: 'go back to the token before' as const,
  },
  {
    guard: 'a token is being tried' as const,
    target: '#connection.connecting.awaiting' as const,
    actions: 'go back to the token before' as const,
  },
];

/** RSA15c: the server takes us for somebody else. */
const beMistaken = {
  guard: 'it takes us for somebody else' as const,
  target: '#connection.failed' as const,
  actions: [rejectMistake],
};

/** RTN20a */
const loseTheNetwork = { target: '#connection.disconnected' as const, actions: [noteReason] };

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
    host: null,
    hostsLeft: [],
    id: null,
    key: null,
    errorReason: null,
    retries: 0,
    brief: 0,
    refusals: 0,
    isServed: false,
    askedAt: 0,
    connectedAt: 0,
    rushedAt: null,
    retryInMs: 0,
    lostAt: null,
    stateTtlMs: input.times.stateTtlMs,
  }),
  initial: 'initialized',
  on: {
    'token.withdrawn': { actions: 'go back to the token before' },
    'token.forgotten': { actions: dropAll },
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
        'token.forgotten': forgetAll('#connection.closed'),
        'token.given': connectWithIt,
        'token.replaced': replaceIt,
        'token.denied': giveUp,
        'network.lost': loseTheNetwork,
      },
      initial: 'choosing',
      states: {
        choosing: {
          entry: 'begin with the primary host',
          always: [
            { guard: 'there is something to connect with', target: 'opening' },
            { target: 'awaiting' },
          ],
        },
        awaiting: {
          entry: ['drop the transport', 'ask for a token'],
          on: {
            // Whoever was there before, if anybody, was asked in vain.
            'auth.attached': { target: 'awaiting', reenter: true, actions: 'know that there is an Auth' },
            'token.delayed': tryAgain(noteDelay),
          },
          after: { 'the token is overdue': tryAgain(noteNoToken) },
        },
        refused: {
          // The refusal was reported, which asks for a token already.
          entry: 'drop the transport',
          on: {
            'auth.attached': { target: 'awaiting', actions: 'know that there is an Auth' },
            'token.delayed': tryAgain(noteDelay),
          },
          after: { 'the token is overdue': tryAgain(noteNoToken) },
        },
        halted: {
          // Auth ends this, by a token or by the news that there is none.
          entry: 'drop the transport',
          on: { 'token.delayed': tryAgain(noteDelay) },
          after: { 'the newer token is overdue': tryAgain(noteNoToken) },
        },
        checking: {
          entry: 'drop the transport',
          invoke: {
            src: 'check the network',
            input: ({ context }) => ({ ports: context.ports }),
            onDone: [
              { guard: 'there is a network', target: 'opening', actions: 'go to the next host' },
              ...tryAgain(noteNothing),
            ],
            onError: tryAgain(noteNothing),
          },
          on: {
            'token.withdrawn': withdrawIt,
            'attempt.halted': 'halted',
            'network.back': 'choosing',
          },
          after: { 'the answer is overdue': tryAgain(noteNothing) },
        },
        opening: {
          entry: ['drop the transport', 'note the question', 'open the transport'],
          on: {
            'server.connected': [
              beMistaken,
              { target: '#connection.connected', actions: ['accept the token', takeDetails] },
            ],
            'server.failed': [
              ...getAnotherToken,
              { target: '#connection.failed', actions: [rejectToken, noteReason] },
            ],
            'server.disconnected': [...getAnotherToken, ...tryElsewhere(noteReason)],
            'transport.lost': tryElsewhere(noteReason),
            'token.withdrawn': withdrawIt,
            'attempt.halted': 'halted',
            // RTN20c
            'network.back': 'choosing',
            // RTN12f: the server is told goodbye if it still answers.
            close: { target: '#connection.closing.opening', actions: 'tell that it was closed' },
            'token.forgotten': forgetAll('#connection.closing.opening'),
          },
          after: { 'the answer is overdue': tryElsewhere(noteOverdue) },
        },
      },
    },

    connected: {
      exit: 'count how it lasted',
      on: {
        close: { target: 'closing.leaving', actions: 'tell that it was closed' },
        'token.forgotten': forgetAll('#connection.closing.leaving'),
        'server.asked': { actions: 'pass on the question' },
        'server.connected': [beMistaken, { actions: takeUpdate }],
        'network.lost': loseTheNetwork,
        'server.disconnected': [
          // It was the old one that died; the new one is tried on another transport.
          { guard: 'a token is being tried', target: 'disconnected', actions: noteReason },
          getNextToken,
          { target: 'disconnected', actions: noteReason },
        ],
        'server.failed': [getNextToken, { target: 'failed', actions: noteReason }],
        'transport.lost': { target: 'disconnected', actions: noteReason },
        'token.given': { target: '.authenticating', actions: takeToken },
        'answer.urgent': { guard: 'a token is being tried', target: 'connecting' },
        'token.replaced': replaceIt,
        'token.denied': giveUp,
      },
      initial: 'steady',
      states: {
        steady: {},
        authenticating: {
          entry: ['note the question', 'send the token'],
          on: {
            'server.connected': [beMistaken, { target: 'steady', actions: ['accept the token', takeUpdate] }],
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
              beMistaken,
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
              target: '#connection.connecting.choosing',
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
        'token.forgotten': forgetAll('#connection.closed'),
        'token.given': connectWithIt,
        'token.replaced': replaceIt,
        'token.denied': giveUp,
        // RTN20b
        'network.back': 'connecting',
      },
      after: { 'the next try is due': 'connecting', 'the server forgets the connection': 'suspended' },
    },

    suspended: {
      // RTN14h: the key is kept. Whether there is still something to resume, the server knows.
      entry: ['drop the transport', 'tell that it takes too long', 'plan the next slow try'],
      on: {
        connect: 'connecting',
        close: { target: 'closed', actions: 'tell that it was closed' },
        'token.forgotten': forgetAll('#connection.closed'),
        'token.given': connectWithIt,
        'token.replaced': replaceIt,
        'token.denied': giveUp,
        'network.back': 'connecting',
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
