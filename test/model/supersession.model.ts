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

/** The arguments of a call: A is what the client was made with. */
type Terms = 'A' | 'B' | 'C';

export interface Supersession extends Expected {
  /** The arguments of the running acquisition; undefined: no call asked for it, a token is needed. */
  readonly wanted: Terms | undefined;
  /** The arguments that were accepted last. */
  readonly stored: Terms;
  /** Whether a caller relies on the stored arguments. */
  readonly reliesOnThem: boolean;
  /** The user signed out, and nobody called authorize() since, or in vain. */
  readonly signedOut: boolean;
  /** The number of requests that were replaced and not answered. */
  readonly stale: number;
}

export const supersessionEvents = [
  'authorize',
  'authorize as B',
  'authorize as C',
  'need a token',
  'the server asks',
  'the source answers',
  'the source fails',
  'an old question is answered',
  'an old question fails',
  'forget',
  'dispose',
] as const;

type SupersessionEvent = (typeof supersessionEvents)[number];

const modelSetup = setup({
  types: {
    context: {} as Supersession,
    events: {} as { [T in SupersessionEvent]: { type: T } }[SupersessionEvent],
  },
});

const changes = (...all: Change<Supersession>[]) => modelSetup.assign(({ context }) => inTurn(context, all));
const set = (some: Partial<Supersession>) => () => some;

const isLive = ({ context }: { context: Supersession }) => context.token !== null;
const isCalledFor = ({ context }: { context: Supersession }) => context.wanted !== undefined;
const isStale = ({ context }: { context: Supersession }) => context.stale > 0;
/** The call had its own arguments, and nothing needs the stored ones. */
const isForNothing = ({ context }: { context: Supersession }) => !context.reliesOnThem;
const isSignedOut = ({ context }: { context: Supersession }) => context.signedOut;

const asked = (terms?: Terms) => (context: Supersession) => {
  const wanted = terms ?? context.stored;
  const isByStored = terms === undefined;
  return {
    ...fetches(wanted)(context),
    wanted,
    reliesOnThem: context.reliesOnThem || isByStored,
    signedOut: context.signedOut && !isByStored,
  };
};
/** A call without arguments joins what runs by itself. */
const joins = ({ stored }: Supersession) => ({ wanted: stored, reliesOnThem: true });
const relies = ({ reliesOnThem, signedOut }: Supersession) => ({ reliesOnThem: reliesOnThem || !signedOut });
const askedByItself = (context: Supersession) => ({
  ...fetches(context.stored)(context),
  wanted: undefined,
  reliesOnThem: true,
});
const superseded = ({ stale }: Supersession) => ({ stale: stale + 1 });
const oneLess = ({ stale }: Supersession) => ({ stale: stale - 1 });

/** authorize() while nothing runs. */
const begin = (terms?: Terms) => [
  { guard: isLive, target: 'renewing', actions: changes(calls, asked(terms)) },
  { target: 'requesting', actions: changes(calls, asked(terms)) },
];
/** authorize() during an acquisition: equal arguments join, others replace it. */
const joinOrSupersede = (terms?: Terms) => [
  {
    guard: ({ context }: { context: Supersession }) => context.wanted === (terms ?? context.stored),
    actions: changes(calls),
  },
  { actions: changes(superseded, calls, asked(terms)) },
];

const atRest = {
  authorize: begin(),
  'authorize as B': begin('B'),
  'authorize as C': begin('C'),
};
const isByItself = ({ context }: { context: Supersession }) => context.wanted === undefined;
const whileItRuns = {
  authorize: joinOrSupersede(),
  'authorize as B': joinOrSupersede('B'),
  'authorize as C': joinOrSupersede('C'),
};
/** No caller waits for the answer to an old request. */
const old = {
  'an old question is answered': { guard: isStale, actions: changes(oneLess) },
  'an old question fails': { guard: isStale, actions: changes(oneLess) },
};
const commits = (word: 'authorized' | 'renewed') => ({
  target: 'authorized',
  actions: changes(takes, says(word), ({ stored, wanted }) => ({
    stored: wanted ?? stored,
    wanted: undefined,
    reliesOnThem: true,
    signedOut: false,
  })),
});
const fails = [settle('error 40170'), set({ wanted: undefined })];
const leaves = (target: string, isRunning: boolean) => ({
  target,
  actions: changes(
    settle('error 80017'),
    loses,
    set({ wanted: undefined, stored: 'A', reliesOnThem: false, signedOut: true }),
    ...(isRunning ? [superseded] : []),
  ),
});
const ends = (isRunning: boolean) => ({
  forget: leaves('idle', isRunning),
  dispose: leaves('disposed', isRunning),
});
const hearsToken = changes((context) => hears(`token ${context.token}`)(context));

/** The results of several calls at once, with equal and with different arguments. */
export const supersessionModel = modelSetup.createMachine({
  context: { ...nothingYet, wanted: undefined, stored: 'A', reliesOnThem: false, signedOut: false, stale: 0 },
  initial: 'idle',
  states: {
    idle: {
      on: {
        ...atRest,
        ...old,
        'need a token': [
          { guard: isSignedOut, actions: changes(hears('error 80017')) },
          { target: 'requesting', actions: changes(calls, askedByItself) },
        ],
        ...ends(false),
      },
    },
    requesting: {
      on: {
        ...whileItRuns,
        authorize: [{ guard: isByItself, actions: changes(calls, joins) }, ...joinOrSupersede()],
        ...old,
        'need a token': { actions: changes(calls, relies) },
        'the source answers': commits('authorized'),
        'the source fails': [
          { guard: isForNothing, target: 'idle', actions: changes(...fails) },
          { target: 'coolingOff', actions: changes(...fails, says('failed')) },
        ],
        ...ends(true),
      },
    },
    authorized: {
      on: {
        ...atRest,
        ...old,
        'need a token': { actions: hearsToken },
        'the server asks': { target: 'renewing', actions: changes(askedByItself) },
        ...ends(false),
      },
    },
    renewing: {
      on: {
        ...whileItRuns,
        ...old,
        'need a token': { actions: hearsToken },
        'the server asks': {},
        'the source answers': commits('renewed'),
        'the source fails': [
          {
            guard: isCalledFor,
            target: 'authorized',
            actions: changes(...fails, says('renewal.failed')),
          },
          { target: 'waiting', actions: changes(...fails, says('renewal.failed')) },
        ],
        ...ends(true),
      },
    },
    waiting: {
      on: { ...atRest, ...old, 'need a token': { actions: hearsToken }, ...ends(false) },
    },
    coolingOff: {
      on: { ...atRest, ...old, 'need a token': { actions: changes(hears('error 40170')) }, ...ends(false) },
    },
    disposed: {
      on: {
        ...old,
        authorize: { actions: changes(hears('error 80017')) },
        'authorize as B': { actions: changes(hears('error 80017')) },
        'need a token': { actions: changes(hears('error 80017')) },
        'the server asks': {},
        forget: {},
        dispose: {},
      },
    },
  },
});
