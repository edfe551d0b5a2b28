import { setup } from 'xstate';
import {
  type Change,
  calls,
  type Expected,
  fetches,
  hears,
  inTurn,
  loses,
  nothingYet,
  says,
  settle,
  takes,
} from './changes.js';

export interface Renewal extends Expected {
  /** The token was received a moment ago. */
  readonly fresh: boolean;
  /** The previous token was unusable right after its receipt. */
  readonly unusable: boolean;
  /** authorize() asked for the running acquisition. */
  readonly explicit: boolean;
  /** The event that the token is about to expire was emitted. */
  readonly expiring: boolean;
  /** The user signed out, and nobody called authorize() since. */
  readonly signedOut: boolean;
  /** The code of the last failure. */
  readonly code: number;
  /** The server asked a moment ago, and was answered. */
  readonly asked: boolean;
  /** The next answer is a matter of milliseconds, which the tests of the machine cover. */
  readonly blurred: boolean;
}

export const renewalEvents = [
  'authorize',
  'need a token',
  'the source answers',
  'the source fails',
  'the source forbids',
  'the server refuses',
  'the server asks',
  'the next timer fires',
  'forget',
] as const;

type RenewalEvent = (typeof renewalEvents)[number];

const modelSetup = setup({
  types: {
    context: {} as Renewal,
    events: {} as { [T in RenewalEvent]: { type: T } }[RenewalEvent],
  },
});

const changes = (...all: Change<Renewal>[]) => modelSetup.assign(({ context }) => inTurn(context, all));
const set = (some: Partial<Renewal>) => () => some;

const isLive = ({ context }: { context: Renewal }) => context.token !== null;
const isExplicit = ({ context }: { context: Renewal }) => context.explicit;
const isUnusableAgain = ({ context }: { context: Renewal }) => context.unusable && context.fresh;
const isAsked = ({ context }: { context: Renewal }) => context.asked;
const wasTold = ({ context }: { context: Renewal }) => context.expiring;

const isSignedOut = ({ context }: { context: Renewal }) => context.signedOut;

const asksFor = set({ explicit: true, unusable: false, signedOut: false });
const authorize = [
  { guard: isLive, target: 'renewing', actions: changes(calls, fetches(), asksFor) },
  { target: 'requesting', actions: changes(calls, fetches(), asksFor) },
];
/** A call without arguments joins a request for the same, unless a token was handed out. */
const join = { actions: changes(calls, asksFor) };
const joinOrAuthorize = [
  { guard: isExplicit, actions: changes(calls) },
  { target: 'renewing', actions: changes(calls, fetches(), asksFor) },
];
const forget = {
  target: 'idle',
  actions: changes(
    settle('error 80017'),
    loses,
    set({ fresh: false, unusable: false, explicit: false, asked: false, signedOut: true }),
  ),
};
const countUnusable = ({ fresh }: Renewal) => ({ unusable: fresh, fresh: false });
/** The server is answered at once, but not twice in a moment. */
const answers = [
  { guard: isAsked, actions: changes(set({ blurred: true })) },
  { target: 'renewing', actions: changes(fetches(), set({ asked: true })) },
];
const blurs = ({ asked }: Renewal) => ({ blurred: asked });
const hearsToken = changes((context) => hears(`token ${context.token}`)(context));
const hearsError = changes((context) => hears(`error ${context.code}`)(context));
const comes = (word: 'authorized' | 'renewed') => ({
  target: 'authorized',
  actions: changes(takes, says(word), set({ fresh: true, explicit: false, expiring: false })),
});
const fails = (code: number) => [settle(`error ${code}`), set({ code, explicit: false })];
const isToldFirst = {
  guard: ({ context }: { context: Renewal }) => !context.expiring,
  actions: changes(says('expiring'), set({ expiring: true, asked: false })),
};

/**
 * What a client does, described independently of its implementation: without timers and actors, only what can
 * happen and what is then visible from outside.
 */
export const renewalModel = modelSetup.createMachine({
  context: {
    ...nothingYet,
    ...{
      fresh: false,
      unusable: false,
      explicit: false,
      expiring: false,
      code: 0,
      asked: false,
      blurred: false,
    },
    signedOut: false,
  },
  initial: 'idle',
  states: {
    idle: {
      on: {
        authorize,
        'need a token': [
          { guard: isSignedOut, actions: changes(hears('error 80017')) },
          { target: 'requesting', actions: changes(calls, fetches()) },
        ],
        'the server refuses': [{ guard: isSignedOut }, { target: 'requesting', actions: changes(fetches()) }],
        'the server asks': {},
        forget,
      },
    },
    requesting: {
      on: {
        authorize: join,
        'need a token': { actions: changes(calls) },
        'the source answers': comes('authorized'),
        'the source fails': { target: 'coolingOff', actions: changes(...fails(40170), says('failed')) },
        'the source forbids': { target: 'givenUp', actions: changes(...fails(40300), says('failed')) },
        'the server refuses': {},
        'the server asks': {},
        forget,
      },
    },
    authorized: {
      on: {
        authorize,
        'need a token': { actions: hearsToken },
        'the server refuses': [
          {
            guard: isUnusableAgain,
            target: 'coolingOff',
            actions: changes(
              says('expired', 'failed'),
              loses,
              set({ unusable: true, fresh: false, code: 40142 }),
            ),
          },
          { target: 'requesting', actions: changes(says('expired'), countUnusable, loses, fetches()) },
        ],
        'the server asks': answers,
        'the next timer fires': {
          target: 'renewing',
          actions: changes(fetches(), set({ fresh: false, unusable: false, asked: false })),
        },
        forget,
      },
    },
    renewing: {
      on: {
        authorize: joinOrAuthorize,
        'need a token': { actions: hearsToken },
        'the source answers': comes('renewed'),
        'the source fails': [
          {
            guard: isExplicit,
            target: 'authorized',
            actions: changes(...fails(40170), says('renewal.failed')),
          },
          { target: 'waiting', actions: changes(...fails(40170), says('renewal.failed')) },
        ],
        'the source forbids': {
          target: 'givenUp',
          actions: changes(...fails(40300), says('renewal.failed', 'failed')),
        },
        'the server refuses': {
          target: 'requesting',
          actions: changes(says('expired'), countUnusable, loses, set({ code: 40142 })),
        },
        'the server asks': {},
        'the next timer fires': [
          isToldFirst,
          {
            guard: wasTold,
            target: 'requesting',
            actions: changes(says('expired'), countUnusable, loses, set({ code: 40142, asked: false })),
          },
        ],
        forget,
      },
    },
    waiting: {
      on: {
        authorize,
        'need a token': { actions: hearsToken },
        'the server refuses': {
          target: 'coolingOff',
          actions: changes(says('expired', 'failed'), countUnusable, loses, set({ code: 40142 })),
        },
        'the server asks': answers,
        'the next timer fires': { target: 'renewing', actions: changes(fetches(), blurs) },
        forget,
      },
    },
    coolingOff: {
      on: {
        authorize,
        'need a token': { actions: hearsError },
        'the server refuses': {},
        'the server asks': {},
        'the next timer fires': { target: 'requesting', actions: changes(fetches(), blurs) },
        forget,
      },
    },
    givenUp: {
      on: {
        authorize,
        'need a token': [{ guard: isLive, actions: hearsToken }, { actions: hearsError }],
        'the server refuses': [
          { guard: isLive, actions: changes(says('expired'), countUnusable, loses, set({ code: 40142 })) },
          {},
        ],
        'the server asks': {},
        'the next timer fires': { guard: isLive, actions: changes(says('expired'), loses) },
        forget,
      },
    },
  },
});
