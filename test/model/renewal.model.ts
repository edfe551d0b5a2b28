import { setup } from 'xstate';

/** What the client is expected to say, in order. */
type Said = 'authorized' | 'renewed' | 'expired' | 'failed' | 'renewal.failed';

export interface Expected {
  /** A token is in use. */
  readonly live: boolean;
  /** It came no longer than a moment ago. */
  readonly fresh: boolean;
  /** The token before it was of no use as soon as it came. */
  readonly dud: boolean;
  /** authorize() asked for what runs. */
  readonly explicit: boolean;
  /** Promises of callers that have not settled. */
  readonly waiting: number;
  /** How often the source was asked in all. */
  readonly fetches: number;
  readonly said: readonly Said[];
}

export const modelEvents = [
  'authorize',
  'need a token',
  'the source answers',
  'the source fails',
  'the source forbids',
  'the server refuses',
  'the next timer fires',
  'forget',
] as const;

export interface ModelEvent {
  readonly type: (typeof modelEvents)[number];
}

type Change = Partial<Expected> | ((context: Expected) => Partial<Expected>);

const modelSetup = setup({
  types: {
    context: {} as Expected,
    events: {} as { [T in ModelEvent['type']]: { type: T } }[ModelEvent['type']],
  },
});

const changes = (...all: Change[]) =>
  modelSetup.assign(({ context }) => {
    const next = { ...context };
    for (const change of all) Object.assign(next, typeof change === 'function' ? change(next) : change);
    return next;
  });

const says = (word: Said) => (context: Expected) => ({ said: [...context.said, word] });
const fetches = (context: Expected) => ({ fetches: context.fetches + 1 });
const calls = (context: Expected) => ({ waiting: context.waiting + 1 });
const settled = { waiting: 0, explicit: false };
const lost = { live: false, fresh: false };

const isLive = ({ context }: { context: Expected }) => context.live;
const isExplicit = ({ context }: { context: Expected }) => context.explicit;
const isDudAgain = ({ context }: { context: Expected }) => context.dud && context.fresh;

const authorize = [
  { guard: isLive, target: 'renewing', actions: changes(calls, fetches, { explicit: true, dud: false }) },
  { target: 'requesting', actions: changes(calls, fetches, { explicit: true, dud: false }) },
];
const joinOrAuthorize = (state: string) => [
  { guard: isExplicit, actions: changes(calls) },
  { target: state, actions: changes(calls, fetches, { explicit: true, dud: false }) },
];
const forget = { target: 'idle', actions: changes(settled, lost, { dud: false }) };
const countDud = (context: Expected) => ({ dud: context.fresh });

/**
 * What a client does, told independently of how it does it: no timers, no actors, only what can
 * happen and what one then sees from outside.
 */
export const renewalModel = modelSetup.createMachine({
  context: { live: false, fresh: false, dud: false, explicit: false, waiting: 0, fetches: 0, said: [] },
  initial: 'idle',
  states: {
    idle: {
      on: {
        authorize,
        'need a token': { target: 'requesting', actions: changes(calls, fetches) },
        'the server refuses': { target: 'requesting', actions: changes(fetches) },
        forget,
      },
    },
    requesting: {
      on: {
        authorize: joinOrAuthorize('requesting'),
        'need a token': { actions: changes(calls) },
        'the source answers': {
          target: 'authorized',
          actions: changes(settled, { live: true, fresh: true }, says('authorized')),
        },
        'the source fails': { target: 'coolingOff', actions: changes(settled, says('failed')) },
        'the source forbids': { target: 'givenUp', actions: changes(settled, says('failed')) },
        'the server refuses': {},
        forget,
      },
    },
    authorized: {
      on: {
        authorize,
        'need a token': {},
        'the server refuses': [
          {
            guard: isDudAgain,
            target: 'coolingOff',
            actions: changes(says('expired'), says('failed'), lost, { dud: true }),
          },
          { target: 'requesting', actions: changes(says('expired'), countDud, lost, fetches) },
        ],
        'the next timer fires': {
          target: 'renewing',
          actions: changes(fetches, { fresh: false, dud: false }),
        },
        forget,
      },
    },
    renewing: {
      on: {
        authorize: joinOrAuthorize('renewing'),
        'need a token': {},
        'the source answers': {
          target: 'authorized',
          actions: changes(settled, { live: true, fresh: true }, says('renewed')),
        },
        'the source fails': [
          { guard: isExplicit, target: 'authorized', actions: changes(settled, says('renewal.failed')) },
          { target: 'waiting', actions: changes(settled, says('renewal.failed')) },
        ],
        'the source forbids': {
          target: 'givenUp',
          actions: changes(settled, says('renewal.failed'), says('failed')),
        },
        'the server refuses': { target: 'requesting', actions: changes(says('expired'), countDud, lost) },
        'the next timer fires': { target: 'requesting', actions: changes(says('expired'), countDud, lost) },
        forget,
      },
    },
    waiting: {
      on: {
        authorize,
        'need a token': {},
        'the server refuses': {
          target: 'coolingOff',
          actions: changes(says('expired'), says('failed'), countDud, lost),
        },
        'the next timer fires': { target: 'renewing', actions: changes(fetches) },
        forget,
      },
    },
    coolingOff: {
      on: {
        authorize,
        'need a token': {},
        'the server refuses': {},
        'the next timer fires': { target: 'requesting', actions: changes(fetches) },
        forget,
      },
    },
    givenUp: {
      on: {
        authorize,
        'need a token': {},
        'the server refuses': [{ guard: isLive, actions: changes(says('expired'), countDud, lost) }, {}],
        'the next timer fires': { guard: isLive, actions: changes(says('expired'), lost) },
        forget,
      },
    },
  },
});

/** What one sees from outside in each of the model's states. */
export const publicState: Readonly<
  Record<string, { value: string; final?: boolean; live: boolean | 'either' }>
> = {
  idle: { value: 'idle', live: false },
  requesting: { value: 'requesting', live: false },
  authorized: { value: 'authorized', live: true },
  renewing: { value: 'renewing', live: true },
  waiting: { value: 'renewing', live: true },
  coolingOff: { value: 'failed', final: false, live: false },
  givenUp: { value: 'failed', final: true, live: 'either' },
};
