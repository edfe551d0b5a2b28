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

export interface Sleeper extends Expected {
  readonly online: boolean;
  /** Whether there was a network when the next try was planned. */
  readonly plannedOnline: boolean;
  /** The event that the token is about to expire was emitted. */
  readonly expiring: boolean;
  /** The code of the last failure. */
  readonly code: number;
}

export const sleepEvents = [
  'need a token',
  'the source answers',
  'the source fails',
  'the source forbids',
  'a nap',
  'a sleep past the renewal',
  'a sleep past the death',
  'a sleep past the expiry that is not reported',
  'the network goes',
  'the network is back',
  'the next timer fires',
] as const;

type SleepEvent = (typeof sleepEvents)[number];

const modelSetup = setup({
  types: {
    context: {} as Sleeper,
    events: {} as { [T in SleepEvent]: { type: T } }[SleepEvent],
  },
});

type Guarded = { readonly context: Sleeper };
const changes = (...all: Change<Sleeper>[]) => modelSetup.assign(({ context }) => inTurn(context, all));
const set = (some: Partial<Sleeper>) => () => some;
const isLive = ({ context }: Guarded) => context.token !== null;
const isOnline = ({ context }: Guarded) => context.online;
const isOffline = ({ context }: Guarded) => !context.online;
const wentSince = ({ context }: Guarded) => !context.online && context.plannedOnline;
const isNotTold = ({ context }: Guarded) => !context.expiring;

// A nap is longer than the rest of a token that was reported to expire soon.
const isEnding = ({ context }: Guarded) => context.expiring;
const isEndingOnline = ({ context }: Guarded) => context.expiring && context.online;
const isEndingLive = ({ context }: Guarded) => context.expiring && context.token !== null;

const plans = ({ online }: Sleeper) => ({ plannedOnline: online });
const hearsToken = { actions: changes((context) => hears(`token ${context.token}`)(context)) };
const hearsError = { actions: changes((context) => hears(`error ${context.code}`)(context)) };
const fails = (code: number) => [settle(`error ${code}`), set({ code }), plans];
const comes = (word: 'authorized' | 'renewed') => ({
  target: 'authorized',
  actions: changes(takes, says(word), set({ expiring: false })),
});
const dies = [says('expired'), loses, set({ code: 40142 })];
const network = {
  'the network goes': { actions: changes(set({ online: false })) },
  'the network is back': { actions: changes(set({ online: true })) },
};
/** Without a token: the client tries at once, if there is a network. */
const wakes = [
  { guard: isOnline, target: 'requesting', actions: changes(fetches()) },
  { actions: changes(says('failed'), plans) },
];
const nothing = {
  'a nap': {},
  'a sleep past the death': {},
  'a sleep past the expiry that is not reported': {},
};

/**
 * A device that sleeps, and a network that is lost and returns, in each state of a client. Tokens are renewed
 * by themselves, and authorize() is never called.
 */
export const sleepModel = modelSetup.createMachine({
  context: { ...nothingYet, online: true, plannedOnline: true, expiring: false, code: 0 },
  initial: 'idle',
  states: {
    idle: {
      on: {
        'need a token': { target: 'requesting', actions: changes(calls, fetches()) },
        ...nothing,
        ...network,
      },
    },
    requesting: {
      on: {
        'need a token': { actions: changes(calls) },
        'the source answers': comes('authorized'),
        'the source fails': { target: 'coolingOff', actions: changes(...fails(40170), says('failed')) },
        'the source forbids': { target: 'givenUp', actions: changes(...fails(40300), says('failed')) },
        ...nothing,
        ...network,
      },
    },
    authorized: {
      on: {
        'need a token': hearsToken,
        'a nap': {},
        'a sleep past the renewal': { target: 'renewing', actions: changes(fetches()) },
        'a sleep past the death': { target: 'requesting', actions: changes(...dies, fetches()) },
        'a sleep past the expiry that is not reported': {
          target: 'requesting',
          actions: changes(...dies, fetches()),
        },
        'the next timer fires': { target: 'renewing', actions: changes(fetches()) },
        ...network,
      },
    },
    renewing: {
      on: {
        'need a token': hearsToken,
        'the source answers': comes('renewed'),
        'the source fails': {
          target: 'waiting',
          actions: changes(...fails(40170), says('renewal.failed')),
        },
        'the source forbids': {
          target: 'givenUp',
          actions: changes(...fails(40300), says('renewal.failed', 'failed')),
        },
        'a nap': [{ guard: isEnding, target: 'requesting', actions: changes(...dies) }, {}],
        // The request continues.
        'a sleep past the death': { target: 'requesting', actions: changes(...dies) },
        'a sleep past the expiry that is not reported': { target: 'requesting', actions: changes(...dies) },
        'the next timer fires': [
          { guard: isNotTold, actions: changes(says('expiring'), set({ expiring: true })) },
          { target: 'requesting', actions: changes(...dies) },
        ],
        ...network,
      },
    },
    waiting: {
      on: {
        'need a token': hearsToken,
        // The network may have been lost for any time: the client tries at once, if there is one.
        'a nap': [
          { guard: isEndingOnline, target: 'requesting', actions: changes(...dies, fetches()) },
          { guard: isEnding, target: 'coolingOff', actions: changes(...dies, says('failed'), plans) },
          { guard: isOnline, target: 'renewing', actions: changes(fetches()) },
          { actions: changes(plans) },
        ],
        'a sleep past the death': [
          { guard: isOnline, target: 'requesting', actions: changes(...dies, fetches()) },
          { target: 'coolingOff', actions: changes(...dies, says('failed'), plans) },
        ],
        'the next timer fires': [
          {
            // The wait for a network is longer than the lifetime of a token that is about to expire.
            guard: ({ context }) => context.expiring && !context.online,
            target: 'coolingOff',
            actions: changes(...dies, says('failed'), plans),
          },
          { target: 'renewing', actions: changes(fetches()) },
        ],
        'the network goes': { actions: changes(set({ online: false })) },
        'the network is back': {
          guard: isOffline,
          target: 'renewing',
          actions: changes(set({ online: true }), fetches()),
        },
      },
    },
    coolingOff: {
      on: {
        'need a token': hearsError,
        'a nap': wakes,
        'a sleep past the death': wakes,
        'the next timer fires': [
          { guard: wentSince, actions: changes(says('failed'), plans) },
          { target: 'requesting', actions: changes(fetches()) },
        ],
        'the network goes': { actions: changes(set({ online: false })) },
        'the network is back': {
          guard: isOffline,
          target: 'requesting',
          actions: changes(set({ online: true }), fetches()),
        },
      },
    },
    givenUp: {
      on: {
        'need a token': [{ guard: isLive, ...hearsToken }, hearsError],
        'a nap': { guard: isEndingLive, actions: changes(says('expired'), loses) },
        'a sleep past the death': { guard: isLive, actions: changes(says('expired'), loses) },
        'a sleep past the expiry that is not reported': {
          guard: isLive,
          actions: changes(says('expired'), loses),
        },
        'the next timer fires': { guard: isLive, actions: changes(says('expired'), loses) },
        ...network,
      },
    },
  },
});
