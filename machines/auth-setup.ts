import {
  assign,
  type DoneActorEvent,
  emit,
  enqueueActions,
  fromPromise,
  raise,
  setup,
  spawnChild,
  stopChild,
} from 'xstate';
import { ErrorInfo, toErrorInfo } from '../src/errors/error-info.js';
import { tokenMetadata } from '../src/token/token-details.js';
import {
  type AcquisitionInput,
  type AcquisitionRequest,
  acquire,
  answers,
  joins,
  type SourceReason,
} from './acquisition.js';
import {
  type AuthContext,
  type AuthEmitted,
  type AuthInput,
  type AuthMachineEvent,
  answerAt,
  type CurrentToken,
  changeBy,
  commit,
  endAt,
  endsTheWait,
  isInUse,
  isPutOff,
  isTooLate,
  justCame,
  moveOn,
  noSleeps,
  OFFLINE_CHECK_MS,
  renewalAt,
  retrySooner,
  setBack,
} from './auth-context.js';
import { momentOf } from './in-time.js';
import type { Accepted, Outcome } from './ports.js';
import { isFinal } from './retry.js';

type Arguments = { readonly context: AuthContext; readonly event: AuthMachineEvent };

const outcomeOf = (event: AuthMachineEvent): Outcome => (event as DoneActorEvent<Outcome>).output;

const isOffline = ({ ports }: AuthContext): boolean => !ports.expose().isOnline();

const sleptMs = (event: AuthMachineEvent): number => (event.type === 'time.jumped' ? event.ms : 0);

const until = (moment: number, { context, event }: Arguments): number =>
  Math.max(0, moment - momentOf(context, event));

const retryInMs = (args: Arguments): number => {
  const { retryAt, since } = args.context;
  return until(isOffline(args.context) ? Math.max(retryAt, since + OFFLINE_CHECK_MS) : retryAt, args);
};

/** The last step, for `explain()` and for the state. */
const step = ({ context, event }: Arguments, reason: string) => ({
  reason,
  since: momentOf(context, event),
});

const expired = (message = 'the token expired'): ErrorInfo => new ErrorInfo({ code: 40142, message });

const errorOf = ({ error }: AuthContext): ErrorInfo => error ?? expired();

/** Why an acquisition failed. It also failed if its token expired before it was accepted. */
function failureIn(event: AuthMachineEvent): ErrorInfo {
  const outcome = outcomeOf(event);
  return outcome.ok ? expired('the token expired before it was accepted') : outcome.error;
}

const lossOf = (event: AuthMachineEvent): ErrorInfo =>
  event.type === 'token.refused' ? event.error : expired();

const byItself = ({ terms, attempts }: AuthContext, reason: SourceReason): AcquisitionRequest => ({
  byCaller: false,
  overrides: false,
  terms,
  reason,
  attempt: attempts + 1,
});

/** The parts of the auth machine by name: its chart puts them together. */
export const authSetup = setup({
  types: {} as {
    input: AuthInput;
    context: AuthContext;
    events: AuthMachineEvent;
    emitted: AuthEmitted;
    tags: 'usable';
  },
  actors: {
    acquisition: fromPromise<Outcome, AcquisitionInput>(({ input, signal }) => acquire(input, signal)),
  },
  guards: {
    'there is a current token': ({ context }) => context.current !== null,
    'an equal request is running': ({ context, event }) =>
      event.type === 'authorize' && answers(context.request, event.request),
    'the caller can join': ({ context, event }) =>
      event.type === 'authorize' && context.current === null && joins(context.request, event.request),
    'the user signed out': ({ context }) => context.wanted === 'signed out',
    'no sign-in is awaited': ({ context }) => context.signInTries === 0,
    'it was accepted': ({ context, event }) => {
      const outcome = outcomeOf(event);
      return outcome.ok && !isTooLate(context, outcome, momentOf(context, event));
    },
    'no further try can succeed': ({ context, event }) => {
      const { request, current, wanted } = context;
      const error = failureIn(event);
      if (error.statusCode === 403) return true;
      if (request?.overrides === true) return wanted === 'no more';
      // A caller's request failed. The current token is still good.
      return isFinal(error) && (request?.byCaller !== true || current === null);
    },
    'the caller asked': ({ context }) => context.request?.byCaller === true,
    'the call had its own arguments, and no other token is needed': ({ context }) =>
      context.request?.overrides === true &&
      (context.wanted === 'not yet' || context.wanted === 'signed out'),
    'the renewal is due': ({ context, event }) => momentOf(context, event) >= renewalAt(context),
    'the renewal is due, but the token is not in use': ({ context, event }) =>
      momentOf(context, event) >= renewalAt(context) && !isInUse(context),
    'the renewal was postponed': ({ context }) => isPutOff(context) && context.renewable,
    'the client does not renew ahead of time': ({ context }) => context.renewal.by !== 'client',
    'the token was not in use': ({ context }) => !isInUse(context),
    'it can be renewed': ({ context }) => context.renewable,
    'the server may ask': ({ context, event }) =>
      context.renewable && context.renewal.by !== 'nobody' && momentOf(context, event) >= answerAt(context),
    'the server may ask, but asked only now': ({ context }) =>
      context.renewable && context.renewal.by !== 'nobody',
    'it was unusable again': ({ context, event }) =>
      context.unusable > 0 && justCame(context, momentOf(context, event)),
    'it must wait': ({ context, event }, { isDue }: { isDue: boolean }) => {
      const at = momentOf(context, event);
      // A due try waits only so long for the network, because the platform may be wrong.
      if (isOffline(context) && !(isDue && at - context.since >= OFFLINE_CHECK_MS)) return true;
      const ms = sleptMs(event);
      return at < context.notBefore - ms || (ms > 0 && !endsTheWait(context, ms, at));
    },
  },
  delays: {
    // One timer for everything that can be due: most clients are at rest, and each timer costs memory.
    'something is due': (args) => until(Math.min(renewalAt(args.context), endAt(args.context)), args),
    'the token nears its end': (args) => until(endAt(args.context), args),
    'the token expires': (args) => until(args.context.current?.expiresAt ?? Number.POSITIVE_INFINITY, args),
    'the next try is due': retryInMs,
  },
  actions: {
    note: assign((args, { reason }: { reason: string }) => step(args, reason)),
    // Only a due try begins a new wait for the network: events that repeat must not put it off.
    'note why the try waits': assign((args, { isDue }: { isDue: boolean }) => {
      const { reason, since, notBefore } = args.context;
      const at = momentOf(args.context, args.event);
      const why = at < notBefore ? 'the source asked for a wait' : reason;
      return {
        reason: isOffline(args.context) ? 'the network is offline' : why,
        since: isDue ? at : since,
      };
    }),

    'ask by the stored arguments': assign(
      (
        { context, event },
        params: { reason: string; isInTurn: boolean; sourceReason: SourceReason | undefined },
      ) => ({
        wanted: 'yes' as const,
        request: byItself(context, params.sourceReason ?? context.sourceReason),
        sourceReason: params.sourceReason ?? context.sourceReason,
        generation: context.generation + 1,
        sleeps: noSleeps,
        unusable: params.isInTurn ? 0 : context.unusable,
        reason: params.reason,
        since: momentOf(context, event),
      }),
    ),
    'ask for the caller': assign((args) => {
      const { context, event } = args;
      if (event.type !== 'authorize') return {};
      return {
        wanted: event.request.overrides ? context.wanted : ('yes' as const),
        request: { ...event.request, attempt: context.attempts + 1 },
        sourceReason: event.request.reason ?? 'authorize',
        generation: context.generation + 1,
        sleeps: noSleeps,
        unusable: 0,
        ...step(args, 'authorize() was called'),
      };
    }),
    'let the caller join': assign(({ event }) =>
      event.type === 'authorize' ? { request: event.request, wanted: 'yes' as const, unusable: 0 } : {},
    ),
    'start the acquisition': spawnChild('acquisition', {
      id: 'acquisition',
      systemId: 'acquisition',
      input: ({ context, self }): AcquisitionInput => ({
        request: context.request as AcquisitionRequest,
        requestNow: () => self.getSnapshot().context.request ?? (context.request as AcquisitionRequest),
        ports: context.ports,
        clientId: context.clientId,
        deadlineMs: context.deadlineMs,
        generation: context.generation,
        report: self.send,
      }),
    }),
    'stop the acquisition': stopChild('acquisition'),
    'end the try with an error': raise(({ context, event }) => ({
      type: 'xstate.done.actor.acquisition' as const,
      actorId: 'acquisition',
      output: {
        ok: false as const,
        error: toErrorInfo('error' in event ? event.error : undefined, {
          code: 40170,
          message: 'the acquisition broke',
        }),
      },
      at: momentOf(context, event),
    })),

    'announce the new token': emit(({ context, event }): AuthEmitted => {
      const accepted = outcomeOf(event) as Accepted;
      const { token, stepsMs = {} } = accepted;
      const facts = tokenMetadata(token.expose());
      const acquired = { reason: context.sourceReason, attempt: context.attempts + 1, stepsMs };
      return { type: 'token.committed', token, facts, change: changeBy(context, accepted), acquired };
    }),
    commit: assign(({ context, event }) =>
      commit(context, outcomeOf(event) as Accepted, momentOf(context, event)),
    ),

    'count a failed try': assign(({ context, event }, { why }: { why: 'failure' | 'loss' }) =>
      setBack(context, why === 'loss' ? lossOf(event) : failureIn(event), momentOf(context, event)),
    ),
    'announce the failed try': emit((args, { isLast }: { isLast: boolean }): AuthEmitted => {
      const { attempts } = args.context;
      const error = errorOf(args.context);
      return { type: 'acquisition.failed', error, attempts, retryInMs: isLast ? null : retryInMs(args) };
    }),
    'announce the failure': emit((args, { final }: { final: boolean }): AuthEmitted => {
      const { attempts } = args.context;
      const error = errorOf(args.context);
      return { type: 'failed', error, final, attempts, retryInMs: final ? null : retryInMs(args) };
    }),
    'announce that a sign-in is required': enqueueActions(({ context, event, enqueue }) => {
      const { signInTries, error, retryAt } = context;
      if (signInTries !== 1 || error === null) return;
      const retryInMs = Math.max(0, retryAt - momentOf(context, event));
      enqueue.emit({ type: 'signin.required', error, retryInMs });
    }),
    'announce that there is no token for the call': emit({ type: 'token.denied' }),
    'have no means': assign({
      error: ({ event }) =>
        new ErrorInfo({
          code: 40171,
          message: 'the client has no way to renew the token',
          cause: lossOf(event),
        }),
    }),

    'offer the current token': emit(
      ({ context }): AuthEmitted => ({
        type: 'token.offered',
        token: (context.current as CurrentToken).token,
      }),
    ),
    'announce a token that expires soon': enqueueActions(({ context, event, enqueue }) => {
      const { current } = context;
      const at = momentOf(context, event);
      if (current === null || current.isExpiring || at < endAt(context)) return;
      enqueue.assign({ current: { ...current, isExpiring: true } });
      const facts = tokenMetadata(current.token.expose());
      enqueue.emit({ type: 'token.expiring', facts, inMs: current.expiresAt - at });
    }),
    'announce the loss of the current token': emit(({ context, event }): AuthEmitted => {
      const facts = context.current === null ? {} : tokenMetadata(context.current.token.expose());
      return { type: 'token.dropped', facts, error: lossOf(event) };
    }),
    'lose the current token': assign((args, { reason }: { reason: string }) => ({
      current: null,
      unusable: justCame(args.context, momentOf(args.context, args.event)) ? args.context.unusable + 1 : 0,
      error: lossOf(args.event),
      sourceReason: args.event.type === 'token.refused' ? ('refused' as const) : ('renewal' as const),
      ...step(args, reason),
    })),
    'plan the next try as without a token': assign(({ context, event }) =>
      retrySooner(context, momentOf(context, event)),
    ),
    'drop the current token': assign({ current: null }),
    'postpone the renewal': assign(({ context: { current } }) => ({
      current: current && { ...current, renewAt: current.expiresAt },
    })),

    'remember the sleep': assign(({ context, event }) => ({
      sleeps: [...context.sleeps, { at: momentOf(context, event), ms: sleptMs(event) }],
    })),
    // Time that was slept has passed. After other events only the source can delay the next try.
    'plan anew': assign(({ context, event }) =>
      event.type === 'time.jumped'
        ? moveOn(context, event.ms, momentOf(context, event))
        : { retryAt: context.notBefore },
    ),
    'note that the server asked': assign({ askedAt: ({ context, event }) => momentOf(context, event) }),
    'answer the server as soon as it may ask': assign(({ context }) => {
      const { current, retryAt } = context;
      const at = answerAt(context);
      if (Math.max(current?.renewAt ?? 0, retryAt) <= at) return {};
      return { askedAt: at, retryAt: Math.min(retryAt, at), current: current && { ...current, renewAt: at } };
    }),

    'a token by the stored arguments is needed': assign({
      wanted: ({ context: { wanted } }) => (wanted === 'not yet' ? 'yes' : wanted),
    }),
    'no token is needed at the moment': assign({ wanted: 'not yet' }),
    'the stored arguments failed for good': assign({ wanted: 'no more' }),
    'forget everything': assign((args) => ({
      current: null,
      request: null,
      wanted: 'signed out' as const,
      attempts: 0,
      unusable: 0,
      signInTries: 0,
      cacheLeadMs: 0,
      sourceReason: 'first' as const,
      lifetimeMs: undefined,
      error: null,
      askedAt: null,
      retryAt: 0,
      notBefore: 0,
      ...(args.event.type === 'forget' ? args.event.stored : {}),
      ...step(args, 'signed out'),
    })),
    'announce the sign-out': emit({ type: 'forgotten' }),
  },
});
