import { assign, type DoneActorEvent, emit, enqueueActions, setup } from 'xstate';
import { ErrorInfo, toErrorInfo } from '../src/errors.js';
import { factsOf } from '../src/token/token-details.js';
import { acquisitionMachine } from './acquisition.machine.js';
import { type Ask, answers } from './ask.js';
import {
  type AuthContext,
  type AuthEmitted,
  type AuthEvent,
  type AuthInput,
  deathAt,
  isAlive,
  isTooEarly,
  isTooLate,
  justCame,
  moveOn,
  now,
  OFFLINE_CHECK_MS,
  pauseEndsAt,
  renewalAt,
  retrySooner,
  setBack,
  step,
  tellingAt,
} from './auth-context.js';
import type { Outcome } from './ports.js';
import { isFinal } from './retry.js';

const outcomeOf = (event: unknown): Outcome => (event as DoneActorEvent<Outcome>).output;

export const expired = (): ErrorInfo => new ErrorInfo({ code: 40142, message: 'the token expired' });

const tooLate = (): ErrorInfo =>
  new ErrorInfo({ code: 40142, message: 'the token expired before it was accepted' });

export const notRenewable = (cause: ErrorInfo): ErrorInfo =>
  new ErrorInfo({ code: 40171, message: 'there is no means to renew the token', cause });

const dropped = (context: AuthContext, error: ErrorInfo): AuthEmitted => ({
  type: 'token.dropped',
  facts: context.held === null ? {} : factsOf(context.held.token.open()),
  error,
});

const retryIn = (context: AuthContext): number => {
  const wait = Math.max(0, context.retryAt - now(context));
  return context.ports.open().isOnline() ? wait : Math.max(wait, OFFLINE_CHECK_MS);
};

const untilThen = (context: AuthContext, moment: number): number => Math.max(0, moment - now(context));

const errorOf = (context: AuthContext): ErrorInfo => context.error ?? expired();

const itIsOver = (context: AuthContext): AuthEmitted => ({
  type: 'failed',
  error: errorOf(context),
  final: true,
  attempts: context.attempts,
  retryInMs: null,
});

/** The failed outcome as an error; a child that broke has none, so its own error is used. */
function errorIn(event: unknown): ErrorInfo {
  const outcome = outcomeOf(event);
  if (outcome?.ok === true) return tooLate();
  return outcome !== undefined
    ? outcome.error
    : toErrorInfo((event as { error?: unknown }).error, { code: 40170, message: 'the acquisition broke' });
}

export const machineSetup = setup({
  types: {
    input: {} as AuthInput,
    context: {} as AuthContext,
    events: {} as AuthEvent,
    emitted: {} as AuthEmitted,
    tags: {} as 'usable',
  },
  actors: { acquisition: acquisitionMachine },
  guards: {
    'a token is in use': ({ context }) => isAlive(context),
    'a token is at hand': ({ context }) => context.held !== null,
    'it can be renewed': ({ context }) => context.renewable,
    'it may be renewed when the server asks': ({ context }) =>
      context.renewable && context.renewal.by !== 'nobody',
    'it may be renewed, but the server asked only now': ({ context }) =>
      context.renewable && context.renewal.by !== 'nobody' && now(context) < pauseEndsAt(context),
    'nobody renews ahead of time': ({ context }) => context.renewal.by !== 'client',
    'the renewal is due': ({ context }) => isAlive(context) && now(context) >= renewalAt(context),
    'it is about to die': ({ context }) => isAlive(context) && now(context) >= tellingAt(context),
    'the token lives on': ({ context }) => isAlive(context),
    'the same is being asked': ({ context, event }) =>
      event.type === 'authorize' && answers(context.ask, event.ask),
    'it was accepted': ({ context, event }) => {
      const outcome = outcomeOf(event);
      return outcome.ok && !isTooLate(context, outcome);
    },
    'the source forbids it': ({ event }) => errorIn(event).statusCode === 403,
    'trying again is of no use': ({ context, event }) =>
      isFinal(errorIn(event)) &&
      !(context.ask?.explicit === true && isAlive(context)) &&
      context.ask?.own !== true,
    'the caller asked, and a token is still in use': ({ context }) =>
      context.ask?.explicit === true && isAlive(context),
    'it was for terms that are not kept, and nobody relies on others': ({ context }) =>
      context.ask?.own === true && !context.isNeeded,
    'the source does not want to be asked yet': ({ context }) => isTooEarly(context),
    'the source does not want to be asked yet, for all the sleep': ({ context, event }) =>
      event.type === 'time.jumped' && isTooEarly({ ...context, notBefore: context.notBefore - event.ms }),
    'the network went since': ({ context }) =>
      !context.ports.open().isOnline() && now(context) - context.since < OFFLINE_CHECK_MS,
    'it was a dud, again': ({ context }) => context.duds > 0 && justCame(context),
  },
  delays: {
    // One timer for all that can fall due: most clients are at rest, and a timer each adds up.
    'something is due': ({ context }) =>
      untilThen(context, Math.min(renewalAt(context), tellingAt(context), deathAt(context))),
    'the token dies': ({ context }) => untilThen(context, deathAt(context)),
    'the next try is due': ({ context }) => retryIn(context),
    'the token is about to die': ({ context }) => untilThen(context, tellingAt(context)),
  },
  actions: {
    'ask by the stored terms': assign({
      isNeeded: true,
      ask: ({ context }): Ask => ({ explicit: false, own: false, terms: context.terms }),
    }),
    'count the acquisition': assign({ generation: ({ context }) => context.generation + 1, sleeps: [] }),
    'count a dud': assign({ duds: ({ context }) => (justCame(context) ? context.duds + 1 : 0) }),
    'no dud so far': assign({ duds: 0 }),
    'note that the server asked': assign({ askedAt: ({ context }) => now(context) }),
    'renew it when the pause is over': assign({
      held: ({ context }) =>
        context.held && {
          ...context.held,
          renewAt: Math.min(context.held.renewAt, pauseEndsAt(context)),
        },
    }),
    'tell that the token is about to die': enqueueActions(({ context, enqueue }) => {
      const { held } = context;
      if (held === null || held.isExpiring || !isAlive(context)) return;
      enqueue.assign({ held: { ...held, isExpiring: true } });
      enqueue.emit({
        type: 'token.expiring',
        facts: factsOf(held.token.open()),
        inMs: Math.max(0, held.diesAt - now(context)),
      });
    }),
    'try again as soon as those who have no token': assign(({ context }) => retrySooner(context)),
    'let the token go': assign({ held: null }),
    'let a dead token go': enqueueActions(({ context, enqueue }) => {
      if (context.held === null) return;
      enqueue.emit(dropped(context, expired()));
      enqueue.assign({ held: null });
    }),
    'tell that the token died': emit(({ context }) => dropped(context, expired())),
    'offer the token in use': enqueueActions(({ context, enqueue }) => {
      if (context.held !== null) enqueue.emit({ type: 'token.offered', token: context.held.token });
    }),
    'tell that the try failed': emit(
      ({ context }): AuthEmitted => ({
        type: 'acquisition.failed',
        error: errorOf(context),
        attempts: context.attempts,
        retryInMs: retryIn(context),
      }),
    ),
    'tell that the try failed, and no other follows': emit(
      ({ context }): AuthEmitted => ({
        type: 'acquisition.failed',
        error: errorOf(context),
        attempts: context.attempts,
        retryInMs: null,
      }),
    ),
    'tell when the next try is': emit(
      ({ context }): AuthEmitted => ({
        type: 'failed',
        error: errorOf(context),
        final: false,
        attempts: context.attempts,
        retryInMs: retryIn(context),
      }),
    ),
    'tell that it is over': emit(({ context }) => itIsOver(context)),
    'tell that it is over, unless it was told': enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'time.jumped') enqueue.emit(itIsOver(context));
    }),
    'wait no longer than the source asks for': assign({ retryAt: ({ context }) => context.notBefore }),
    'somebody relies on the stored terms': assign({ isNeeded: true }),
    'nobody relies on the stored terms': assign({ isNeeded: false }),
    'forget everything held': assign(({ context }) => ({
      held: null,
      ask: null,
      isNeeded: false,
      attempts: 0,
      duds: 0,
      error: null,
      retryAt: 0,
      notBefore: 0,
      ...step(context, 'forgotten'),
    })),
  },
});

export const because = (reason: string) => machineSetup.assign(({ context }) => step(context, reason));

export const takeTheAsk = machineSetup.assign(({ context, event }) => ({
  ask: event.type === 'authorize' ? event.ask : context.ask,
  isNeeded: context.isNeeded || (event.type === 'authorize' && !event.ask.own),
  duds: 0,
  ...step(context, 'authorize() was called'),
}));

/** The machine slept: what it did not count has passed all the same. */
export const countTheSleep = machineSetup.assign(({ context, event }) =>
  event.type === 'time.jumped' ? moveOn(context, event.ms) : {},
);

/** It slept while a token is on its way, which may have been here already and waited for the connection. */
export const rememberTheSleep = machineSetup.assign(({ context, event }) =>
  event.type === 'time.jumped' ? { sleeps: [...context.sleeps, { at: now(context), ms: event.ms }] } : {},
);

/** Every failed outcome changes only this. */
export const noteTheFailure = machineSetup.assign(({ context, event }) => setBack(context, errorIn(event)));

/** The token in use is refused: it goes, and the error stands until the next is accepted. */
export const refused = (reason: string) => [
  machineSetup.emit(({ context, event }) =>
    dropped(context, event.type === 'token.refused' ? event.error : expired()),
  ),
  'count a dud' as const,
  machineSetup.assign(({ context, event }) => ({
    held: null,
    error: event.type === 'token.refused' ? event.error : expired(),
    ...step(context, reason),
  })),
];

/** The token in use dies unreplaced. */
export const died = (reason: string) => [
  'tell that the token died' as const,
  'count a dud' as const,
  machineSetup.assign(({ context }) => ({ held: null, error: expired(), ...step(context, reason) })),
];
