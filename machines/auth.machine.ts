import { assign, emit, raise } from 'xstate';
import { factsOf } from '../src/token/token-details.js';
import { type AuthEmitted, changeBy, commit, hold, setBack } from './auth-context.js';
import {
  because,
  countTheSleep,
  died,
  expired,
  machineSetup,
  noteTheFailure,
  notRenewable,
  refused,
  rememberTheSleep,
  takeTheAsk,
} from './auth-setup.js';
import type { Accepted } from './ports.js';

/** How the death of a token in the middle of its renewal goes on: the renewal does. */
const deathWhileFetching = {
  target: '#auth.acquiring.requesting' as const,
  actions: died('the token died during its renewal'),
};

const deathWhileWaiting = {
  target: '#auth.failed.waiting' as const,
  actions: died('the token died before the next try'),
};

/** The network is back, but the source named a time: what is left of the wait is that. */
const notYet = {
  guard: 'the source does not want to be asked yet' as const,
  reenter: true,
  actions: [
    'wait no longer than the source asks for' as const,
    because('there is a network again, but the source named a time'),
  ],
};

/** A token that is dead is replaced at once, or cannot be. */
const deathAtRest = [
  {
    guard: 'it was a dud, again' as const,
    target: '#auth.failed.waiting' as const,
    actions: [
      ...died('the token died as soon as it came, again'),
      machineSetup.assign(({ context }) => setBack(context, expired())),
    ],
  },
  {
    guard: 'it can be renewed' as const,
    target: '#auth.acquiring.requesting' as const,
    actions: [...died('the token died'), 'ask by the stored terms' as const],
  },
  {
    target: '#auth.failed.final' as const,
    actions: [...died('the token died'), machineSetup.assign(() => ({ error: notRenewable(expired()) }))],
  },
];

const aboutToDie = { actions: 'tell that the token is about to die' as const };

/** Whoever needs a token gets the one in use; timers can be late, so it may be dead. */
const offer = { guard: 'a token is in use' as const, actions: 'offer the token in use' as const };

/** authorize(): from any state, at once, whatever runs. */
const authorize = [
  {
    guard: 'a token is in use' as const,
    target: '#auth.acquiring.renewing' as const,
    reenter: true,
    actions: takeTheAsk,
  },
  { target: '#auth.acquiring.requesting' as const, reenter: true, actions: takeTheAsk },
];

const tryAgainLater = [noteTheFailure, 'tell that the try failed' as const];
const leaveItAtThat = [noteTheFailure, 'tell that the try failed, and no other follows' as const];

/** How an acquisition that failed goes on; the first that fits. */
const afterFailure = [
  {
    guard: 'the caller asked, and a token is still in use' as const,
    target: '#auth.authorized' as const,
    actions: leaveItAtThat,
  },
  {
    guard: 'a token is in use' as const,
    target: '#auth.acquiring.renewing.waiting' as const,
    actions: tryAgainLater,
  },
  {
    guard: 'it was for terms that are not kept, and nobody relies on others' as const,
    target: '#auth.idle' as const,
    actions: leaveItAtThat,
  },
  { target: '#auth.failed.waiting' as const, actions: tryAgainLater },
];

/**
 * When a token is fetched, used, renewed and given up.
 *
 * `requesting`: no usable token, one acquisition runs. `renewing`: a usable token stays in use while
 * its successor is fetched and accepted. Both stand under `acquiring`, which owns the acquisition: a
 * token that dies in the middle of its renewal moves the chart to `requesting` and the fetch goes on.
 */
export const authMachine = machineSetup.createMachine({
  id: 'auth',
  context: ({ input: { given, ...input } }) => ({
    ...input,
    held: given && hold(given, input, 'first'),
    lifetimeMs: given?.lifetimeMs,
    ask: null,
    generation: 0,
    wasAuthorized: given !== null,
    isNeeded: given !== null,
    attempts: 0,
    duds: 0,
    error: null,
    retryAt: 0,
    notBefore: 0,
    sleeps: [],
    askedAt: null,
    reason: 'new',
    since: input.ports.open().clock.monotonic(),
  }),
  initial: 'idle',
  on: {
    forget: { target: '.idle', actions: ['forget everything held', emit({ type: 'forgotten' })] },
  },
  states: {
    idle: {
      always: { guard: 'a token is at hand', target: 'authorized', actions: because('a token was given') },
      on: {
        authorize: { target: 'acquiring.requesting', actions: takeTheAsk },
        'token.needed': {
          target: 'acquiring.requesting',
          actions: ['ask by the stored terms', because('a token is needed')],
        },
        'token.refused': {
          target: 'acquiring.requesting',
          actions: ['ask by the stored terms', because('a token from before was refused')],
        },
      },
    },

    acquiring: {
      entry: 'count the acquisition',
      on: {
        authorize: [{ guard: 'the same is being asked' }, ...authorize],
        'time.jumped': { actions: rememberTheSleep },
        // Only a transition of this state's own starts its acquisition anew.
        retry: { target: '.renewing', reenter: true },
      },
      invoke: {
        id: 'acquisition',
        systemId: 'acquisition',
        src: 'acquisition',
        input: ({ context }) => ({
          ask: context.ask ?? { explicit: false, own: false, terms: context.terms },
          ports: context.ports,
          clientId: context.clientId,
          deadlineMs: context.deadlineMs,
        }),
        onDone: [
          {
            guard: 'it was accepted',
            target: 'authorized',
            actions: [
              emit(({ context, event }): AuthEmitted => {
                const accepted = event.output as Accepted;
                const { token } = accepted;
                const facts = factsOf(token.open());
                return { type: 'token.committed', token, facts, change: changeBy(context, accepted) };
              }),
              assign(({ context, event }) => commit(context, event.output as Accepted)),
            ],
          },
          { guard: 'the source forbids it', target: 'failed.final', actions: leaveItAtThat },
          { guard: 'trying again is of no use', target: 'failed.final', actions: leaveItAtThat },
          ...afterFailure,
        ],
        onError: afterFailure,
      },
      initial: 'requesting',
      states: {
        requesting: {
          entry: 'let a dead token go',
          on: { 'token.needed': { actions: 'somebody relies on the stored terms' } },
        },
        renewing: {
          tags: 'usable',
          initial: 'fetching',
          states: {
            fetching: {
              on: {
                'token.needed': [offer, deathWhileFetching],
                'time.jumped': {
                  target: 'fetching',
                  reenter: true,
                  actions: [countTheSleep, rememberTheSleep],
                },
                'token.refused': {
                  target: '#auth.acquiring.requesting',
                  actions: refused('the token in use was refused during its renewal'),
                },
              },
              after: { 'the token dies': deathWhileFetching, 'the token is about to die': aboutToDie },
            },
            waiting: {
              on: {
                'token.needed': [offer, deathWhileWaiting],
                'time.jumped': { target: 'waiting', reenter: true, actions: countTheSleep },
                'network.back': [
                  { ...notYet, target: 'waiting' },
                  {
                    actions: [
                      'ask by the stored terms',
                      because('there is a network again'),
                      raise({ type: 'retry' }),
                    ],
                  },
                ],
                'token.refused': {
                  target: '#auth.failed.waiting',
                  actions: [
                    ...refused('the token in use was refused before the next try'),
                    'try again as soon as those who have no token',
                  ],
                },
              },
              after: {
                'the next try is due': [
                  { guard: 'the network went since', target: 'waiting', reenter: true },
                  {
                    guard: 'a token is in use',
                    actions: [
                      'ask by the stored terms',
                      because('the next try is due'),
                      raise({ type: 'retry' }),
                    ],
                  },
                  deathWhileWaiting,
                ],
                'the token dies': deathWhileWaiting,
                'the token is about to die': aboutToDie,
              },
            },
          },
        },
      },
    },

    authorized: {
      tags: 'usable',
      on: {
        authorize,
        'token.needed': [offer, ...deathAtRest],
        'time.jumped': { target: 'authorized', reenter: true, actions: countTheSleep },
        'token.asked': [
          {
            guard: 'it may be renewed, but the server asked only now',
            target: 'authorized',
            reenter: true,
            actions: ['renew it when the pause is over', because('the server asked again, too soon')],
          },
          {
            guard: 'it may be renewed when the server asks',
            target: 'acquiring.renewing',
            actions: [
              'note that the server asked',
              'ask by the stored terms',
              because('the server asked for a new token'),
            ],
          },
        ],
        'token.refused': [
          {
            guard: 'it was a dud, again',
            target: 'failed.waiting',
            actions: [
              ...refused('the token was refused as soon as it came, again'),
              assign(({ context, event }) => setBack(context, event.error)),
            ],
          },
          {
            guard: 'it can be renewed',
            target: 'acquiring.requesting',
            actions: [...refused('the token in use was refused'), 'ask by the stored terms'],
          },
          {
            target: 'failed.final',
            actions: [
              ...refused('the token in use was refused'),
              assign(({ event }) => ({ error: notRenewable(event.error) })),
            ],
          },
        ],
      },
      after: {
        'something is due': [
          {
            guard: 'the renewal is due',
            target: 'acquiring.renewing',
            actions: ['no dud so far', 'ask by the stored terms', because('the renewal is due')],
          },
          { guard: 'it is about to die', target: 'authorized', reenter: true, ...aboutToDie },
          // Platform timers may fire a moment early.
          { guard: 'the token lives on', target: 'authorized', reenter: true },
          {
            guard: 'nobody renews ahead of time',
            target: 'idle',
            actions: [
              ...died('the token died, and nobody renews it ahead of time'),
              'nobody relies on the stored terms',
            ],
          },
          ...deathAtRest,
        ],
      },
    },

    failed: {
      on: { authorize },
      initial: 'waiting',
      states: {
        waiting: {
          entry: 'tell when the next try is',
          on: {
            'time.jumped': [
              {
                guard: 'the source does not want to be asked yet, for all the sleep',
                target: 'waiting',
                reenter: true,
                actions: countTheSleep,
              },
              {
                target: '#auth.acquiring.requesting',
                actions: [countTheSleep, 'ask by the stored terms', because('the machine woke up')],
              },
            ],
            'network.back': [
              { ...notYet, target: 'waiting' },
              {
                target: '#auth.acquiring.requesting',
                actions: ['ask by the stored terms', because('there is a network again')],
              },
            ],
          },
          after: {
            'the next try is due': [
              { guard: 'the network went since', target: 'waiting', reenter: true },
              {
                target: '#auth.acquiring.requesting',
                actions: ['ask by the stored terms', because('the next try is due')],
              },
            ],
          },
        },
        final: {
          entry: ['nobody relies on the stored terms', 'tell that it is over, unless it was told'],
          on: {
            'time.jumped': {
              guard: 'a token is at hand',
              target: 'final',
              reenter: true,
              actions: countTheSleep,
            },
            'token.needed': [offer, { actions: 'tell that it is over' }],
            'token.refused': {
              guard: 'a token is at hand',
              actions: refused('the token in use was refused'),
            },
          },
          after: {
            'the token dies': {
              guard: 'a token is at hand',
              actions: ['tell that the token died', 'let the token go'],
            },
          },
        },
      },
    },
  },
});
