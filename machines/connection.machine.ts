import { newConnection } from './connection-context.js';
import { connectionSetup, type Reason } from './connection-setup.js';

export type { CheckInput, TransportCommand, TransportInput } from './connection-setup.js';

const note = (of: Reason) => ({ type: 'note the reason', params: { of } }) as const;

const rejectAsClosed = { type: 'reject the token on trial', params: { why: 'closed' } } as const;

/** Drops everything that the next user must not find. */
const dropAll = ['forget the connection', 'forget the token'] as const;

/** The user signed out: the connection closes and drops everything. */
const forgetAll = <Target extends string>(target: Target) =>
  ({ target, actions: [rejectAsClosed, ...dropAll] }) as const;

/** A token after the end: nothing of the earlier connection is left. */
const beginAfresh = {
  target: '#connection.connecting.choosing',
  actions: ['begin afresh', 'take the token'],
} as const;

/** A failed try. The next one follows soon, or slowly after the server has forgotten the connection. */
const tryAgain = (reason: Reason) =>
  ({ target: '#connection.disconnected', actions: [note(reason), 'count the try'] }) as const;

/** A host failed. Other hosts are tried after a check has shown that there is a network (RTN17j). */
const tryElsewhere = (reason: Reason) =>
  [
    {
      guard: 'the host may be at fault, and others are left',
      target: 'checking',
      actions: note(reason),
    },
    {
      guard: 'this host may be at fault as well, and others are left',
      target: 'opening',
      reenter: true,
      actions: [note(reason), 'go to the next host'],
    },
    tryAgain(reason),
  ] as const;

/** Nothing is heard or tried until the page is shown again. */
const stop = {
  target: '#connection.disconnected',
  actions: [note('event'), 'note that the page is frozen'],
} as const;

/** It waits until it is to connect again. */
const whileAway = <State extends string>(state: State) =>
  ({
    connect: 'connecting',
    'token.next': { actions: 'use the token next' },
    // Connecting, it asks again, and hears of it in the state that waits for a token (RSA4c2).
    'token.delayed': { actions: 'forget the refusals' },
    'token.forgotten': forgetAll('#connection.closed'),
    // RTN20b
    'network.back': 'connecting',
    'page.frozen': { target: state, reenter: true, actions: 'note that the page is frozen' },
    'page.shown': { guard: 'the page is frozen', target: 'connecting' },
  }) as const;

/** RSA15c: the server confirmed another identity. */
const beMistaken = {
  guard: 'the server confirms another identity',
  target: '#connection.failed',
  actions: [{ type: 'reject the token on trial', params: { why: 'mistaken' } }, note('mistaken identity')],
} as const;

/**
 * The token of a live connection is not good any more: as after each loss, the connection is disconnected first
 * (RTN15h2i). The next token resumes it (RTN15h2); where there is none, it fails (RTN15h1).
 */
const loseTheToken = {
  target: '#connection.disconnected',
  actions: ['report the refusal', note('event'), 'forget the token', 'count the refusal'],
} as const;

/**
 * The tokens are refused one after the other. One more is requested at once, and the next after a wait (RTN14b,
 * RTN15h2).
 */
const getAnotherToken = [
  {
    guard: 'another token is available',
    target: '#connection.disconnected',
    actions: ['reject the token', note('event'), 'go back to the token before'],
  },
  {
    guard: 'the new token was refused as well',
    target: '#connection.disconnected',
    actions: ['report the refusal', 'reject the token', note('event'), 'forget the token', 'count the try'],
  },
  {
    guard: 'a new token would help',
    target: '#connection.connecting.awaiting.refused',
    actions: [
      'report the refusal',
      'reject the token',
      note('event'),
      'forget the token',
      'count the refusal',
    ],
  },
] as const;

/**
 * A realtime connection with Ably's states (RTN4). It covers authentication and staying connected. Tokens and the
 * resume key are in boxes. The transport is a child actor.
 */
export const connectionMachine = connectionSetup.createMachine({
  id: 'connection',
  context: ({ input }) => newConnection(input),
  initial: 'initialized',
  // The rules of every state, unless the state has a rule of its own.
  on: {
    connect: { target: '.connecting', actions: 'begin afresh' },
    close: { target: '.closed', actions: rejectAsClosed },
    // Connects with the token, whatever happened before (RTC8b, RTC8c).
    'token.given': { target: '.connecting.choosing', actions: 'take the token' },
    // The token accepted last is kept. If the new one is refused, the connection returns to it.
    'token.replaced': { target: '.connecting.choosing', actions: ['begin afresh', 'take the token'] },
    // RSA4d, RSA4c
    'token.denied': { target: '.failed', actions: ['reject the token', note('token denied')] },
    'token.withdrawn': { actions: 'go back to the token before' },
    'token.forgotten': { actions: dropAll },
    'auth.attached': { actions: ['know that there is an Auth', 'forget the refusals'] },
    'auth.detached': { actions: 'note that there is no Auth' },
  },
  states: {
    // What is to be recovered is kept.
    initialized: { on: { connect: 'connecting' } },

    connecting: {
      entry: ['note the loss', 'note that the page is shown'],
      on: {
        connect: {},
        'token.forgotten': forgetAll('#connection.closed'),
        // RTN20a
        'network.lost': { target: 'disconnected', actions: note('event') },
        'page.frozen': stop,
      },
      initial: 'choosing',
      states: {
        choosing: {
          entry: 'begin with the primary host',
          always: [
            { guard: 'its token may have expired unnoticed', target: 'awaiting' },
            { guard: 'there is something to connect with', target: 'trying.opening' },
            { guard: 'the refusal was the last thing reported', target: 'awaiting.refused' },
            { target: 'awaiting' },
          ],
        },

        awaiting: {
          entry: 'drop the transport',
          on: { 'token.delayed': tryAgain('token delayed') },
          initial: 'asked',
          states: {
            asked: {
              entry: 'ask for a token',
              on: {
                // An earlier Auth, if there was one, was asked without an answer.
                'auth.attached': { target: 'asked', reenter: true, actions: 'know that there is an Auth' },
              },
              after: { 'the token is overdue': tryAgain('no token') },
            },
            refused: {
              // The refusal was reported, and the report asks for a token.
              on: { 'auth.attached': { target: 'asked', actions: 'know that there is an Auth' } },
              after: { 'the token is overdue': tryAgain('no token') },
            },
            halted: {
              // Auth ends this state, with a token or with the information that there is none.
              after: { 'the newer token is overdue': tryAgain('no token') },
            },
          },
        },

        trying: {
          on: {
            'attempt.halted': 'awaiting.halted',
            // RTN20c
            'network.back': 'choosing',
            // No caller waits for the token on trial: it took too long, or the caller stopped waiting.
            'token.withdrawn': [
              {
                guard: 'the answer is already overdue',
                target: '#connection.disconnected',
                actions: [note('no answer'), 'count the try', 'go back to the token before'],
              },
              {
                guard: 'a token is on trial',
                target: 'choosing',
                actions: 'go back to the token before',
              },
            ],
          },
          initial: 'opening',
          states: {
            checking: {
              entry: 'drop the transport',
              invoke: {
                src: 'check the network',
                input: ({ context }) => ({ ports: context.ports }),
                onDone: [
                  { guard: 'there is a network', target: 'opening', actions: 'go to the next host' },
                  { target: '#connection.disconnected', actions: 'count the try' },
                ],
                onError: { target: '#connection.disconnected', actions: 'count the try' },
              },
              after: {
                'the answer is overdue': { target: '#connection.disconnected', actions: 'count the try' },
              },
            },
            opening: {
              entry: ['drop the transport', 'note the question', 'open the transport'],
              on: {
                'server.connected': [
                  beMistaken,
                  { target: '#connection.connected', actions: ['accept the token', 'take the details'] },
                ],
                'server.failed': [
                  ...getAnotherToken,
                  { target: '#connection.failed', actions: ['reject the token', note('event')] },
                ],
                'server.disconnected': [...getAnotherToken, ...tryElsewhere('event')],
                'transport.lost': tryElsewhere('event'),
                // RTN12f: the server gets a CLOSE if it still answers.
                close: { target: '#connection.closing.opening', actions: rejectAsClosed },
                'token.forgotten': forgetAll('#connection.closing.opening'),
              },
              after: { 'the answer is overdue': tryElsewhere('no answer') },
            },
          },
        },
      },
    },

    connected: {
      exit: 'count how it lasted',
      on: {
        connect: {},
        close: { target: 'closing.leaving', actions: rejectAsClosed },
        'token.forgotten': forgetAll('#connection.closing.leaving'),
        'token.given': { target: '.authenticating', actions: 'take the token' },
        // The user before leaves at once: nothing resumes this connection.
        'token.replaced': {
          target: 'connecting.choosing',
          actions: ['say goodbye', 'begin afresh', 'take the token'],
        },
        'answer.urgent': { guard: 'a token is on trial', target: 'connecting' },
        'network.lost': { target: 'disconnected', actions: note('event') },
        'page.frozen': stop,
        'server.asked': { actions: 'pass on the question' },
        'server.connected': [beMistaken, { actions: 'take the update' }],
        'server.disconnected': [
          // If a token is on trial, the older one has expired. The new one is tried on another transport.
          { guard: 'a new token would help, and none is on trial', ...loseTheToken },
          { target: 'disconnected', actions: note('event') },
        ],
        'server.failed': [
          { guard: 'a new token would help', ...loseTheToken },
          { target: 'failed', actions: note('event') },
        ],
        'transport.lost': {
          target: 'disconnected',
          actions: [note('event'), 'note whether the page was frozen'],
        },
      },
      initial: 'steady',
      states: {
        steady: {},
        authenticating: {
          entry: ['note the question', 'send the token'],
          on: {
            'server.connected': [
              beMistaken,
              { target: 'steady', actions: ['accept the token', 'take the update'] },
            ],
            'server.failed': [
              {
                guard: 'another token is available',
                target: '#connection.disconnected',
                actions: ['reject the token', note('event'), 'go back to the token before'],
              },
              {
                target: '#connection.failed',
                actions: ['reject the token', note('event'), 'go back to the token before'],
              },
            ],
            'token.given': { target: 'unanswered', actions: 'take the token' },
            'token.withdrawn': { target: 'unanswered', actions: 'go back to the token before' },
          },
          after: {
            'the answer is overdue': {
              target: 'unanswered',
              actions: { type: 'reject the token on trial', params: { why: 'unanswered' } },
            },
          },
        },
        // The server still has to answer a token that no caller waits for. Answers have no id, so the next token
        // is sent after that answer, or on another transport. Otherwise one answer could be taken for the other.
        unanswered: {
          on: {
            'server.connected': [
              beMistaken,
              { guard: 'a token is on trial', target: 'authenticating', actions: 'take the update' },
              { target: 'steady', actions: 'take the update' },
            ],
            'server.failed': [
              {
                guard: 'another token may be good',
                target: '#connection.disconnected',
                actions: note('event'),
              },
              { target: '#connection.failed', actions: note('event') },
            ],
            'token.given': [
              {
                guard: 'the answer is already overdue',
                target: '#connection.connecting.choosing',
                actions: 'take the token',
              },
              { actions: 'take the token' },
            ],
          },
          after: {
            'the older answer is overdue': {
              guard: 'a token is on trial',
              target: '#connection.connecting.choosing',
            },
          },
        },
      },
    },

    disconnected: {
      entry: ['drop the transport', 'note the loss', 'plan the next try'],
      always: { guard: 'the server has forgotten the connection', target: 'suspended' },
      on: whileAway('disconnected'),
      after: { 'the next try is due': 'connecting', 'the server forgets the connection': 'suspended' },
    },

    suspended: {
      // RTN14h: the key is kept. The server knows whether the connection can still be resumed.
      entry: [{ type: 'reject the token on trial', params: { why: 'suspended' } }, 'plan the next slow try'],
      on: whileAway('suspended'),
      after: { 'the next try is due': 'connecting' },
    },

    closing: {
      entry: 'forget the connection',
      on: {
        close: {},
        'token.given': beginAfresh,
        'token.denied': {},
        'server.closed': 'closed',
        'server.disconnected': 'closed',
        'server.failed': 'closed',
        'transport.lost': 'closed',
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
      on: { close: {}, 'token.given': beginAfresh, 'token.denied': {} },
    },

    failed: {
      entry: ['drop the transport', 'forget the connection', 'forget the token'],
      on: { 'token.given': beginAfresh, 'token.denied': {} },
    },
  },
});
