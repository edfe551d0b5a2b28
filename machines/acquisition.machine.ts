import { assign, type DoneActorEvent, fromPromise, setup } from 'xstate';
import { ErrorInfo, toErrorInfo } from '../src/errors.js';
import { identityFits, misfit, type Who } from '../src/token/identity.js';
import type { Sealed } from '../src/token/sealed.js';
import type { TokenDetails } from '../src/token/token-details.js';
import type { TokenRequest } from '../src/token/token-request.js';
import type { Ask } from './ask.js';
import { type Accepted, type MachinePorts, type Outcome, type SourceAnswer, unprovided } from './ports.js';

/** What an acquisition begins with. */
export interface AcquisitionInput {
  readonly ask: Ask;
  readonly ports: Sealed<MachinePorts>;
  /** The clientId the client was made with. */
  readonly clientId: string | undefined;
  /** The one budget for getting the token and, on a live connection, having it accepted. */
  readonly deadlineMs: number;
}

/** What a running acquisition knows. */
export interface AcquisitionContext extends AcquisitionInput {
  readonly startedAt: number;
  readonly request: Sealed<TokenRequest> | null;
  readonly token: Sealed<TokenDetails> | null;
  readonly outcome: Outcome | null;
}

/** What each working actor is given. */
export interface StageInput {
  readonly ask: Ask;
  readonly ports: Sealed<MachinePorts>;
}

const timedOut = (what: string, code: number, deadlineMs: number): ErrorInfo =>
  new ErrorInfo({ code, statusCode: 401, message: `${what} within ${deadlineMs} ms` });

/** A thrown value or a child's error, as what the caller is told (RSA4e). */
const told = (thrown: unknown): Outcome => ({
  ok: false,
  error: toErrorInfo(thrown, { code: 40170, message: 'the token could not be obtained' }),
});

function misfitting(own: string | undefined, inToken: Who): Outcome | null {
  const error = misfit(own, inToken);
  return error === null ? null : { ok: false, error };
}

/**
 * One acquisition, from the source to the connection: ask the source, exchange a TokenRequest if
 * that is what came, check who it is for, present the token. It always ends with an {@link Outcome}
 * as output; stopping it aborts whatever runs.
 */
export const acquisitionMachine = setup({
  types: {
    input: {} as AcquisitionInput,
    context: {} as AcquisitionContext,
    output: {} as Outcome,
  },
  actors: {
    'ask the source': fromPromise<SourceAnswer, StageInput>(unprovided('ask the source')),
    'exchange the request': fromPromise<SourceAnswer, StageInput & { request: Sealed<TokenRequest> }>(
      unprovided('exchange the request'),
    ),
    'present the token': fromPromise<Accepted, StageInput & { token: Sealed<TokenDetails> }>(
      unprovided('present the token'),
    ),
  },
  guards: {
    'it is for somebody else': ({ context, event }) =>
      !identityFits(context.clientId, (event as DoneActorEvent<SourceAnswer>).output.clientId),
    'a TokenRequest came': ({ event }) => (event as DoneActorEvent<SourceAnswer>).output.kind === 'request',
  },
  delays: {
    'the deadline has passed': ({ context }) => context.deadlineMs,
    'the connection took too long': ({ context }) => {
      const { ask, deadlineMs, startedAt } = context;
      const ports = context.ports.open();
      return ports.opensTransport(ask) ? deadlineMs : startedAt + deadlineMs - ports.clock.monotonic();
    },
  },
}).createMachine({
  id: 'acquisition',
  context: ({ input }) => ({
    ...input,
    startedAt: input.ports.open().clock.monotonic(),
    request: null,
    token: null,
    outcome: null,
  }),
  initial: 'obtaining',
  states: {
    obtaining: {
      initial: 'asking',
      after: {
        'the deadline has passed': {
          target: 'over',
          actions: assign({
            outcome: ({ context }) =>
              ({ ok: false, error: timedOut('no token came', 40170, context.deadlineMs) }) as const,
          }),
        },
      },
      states: {
        asking: {
          invoke: {
            src: 'ask the source',
            id: 'source',
            systemId: 'source',
            input: ({ context }) => ({ ask: context.ask, ports: context.ports }),
            onDone: [
              {
                guard: 'it is for somebody else',
                target: '#acquisition.over',
                actions: assign({
                  outcome: ({ context, event }) => misfitting(context.clientId, event.output.clientId),
                }),
              },
              {
                guard: 'a TokenRequest came',
                target: 'exchanging',
                actions: assign({
                  request: ({ event }) => (event.output.kind === 'request' ? event.output.request : null),
                }),
              },
              {
                target: '#acquisition.presenting',
                actions: assign({
                  token: ({ event }) => (event.output.kind === 'token' ? event.output.token : null),
                }),
              },
            ],
            onError: {
              target: '#acquisition.over',
              actions: assign({ outcome: ({ event }) => told(event.error) }),
            },
          },
        },
        exchanging: {
          invoke: {
            src: 'exchange the request',
            id: 'exchange',
            systemId: 'exchange',
            input: ({ context }) => ({
              ask: context.ask,
              ports: context.ports,
              request: context.request as Sealed<TokenRequest>,
            }),
            onDone: [
              {
                guard: 'it is for somebody else',
                target: '#acquisition.over',
                actions: assign({
                  outcome: ({ context, event }) => misfitting(context.clientId, event.output.clientId),
                }),
              },
              {
                target: '#acquisition.presenting',
                actions: assign({
                  token: ({ event }) => (event.output.kind === 'token' ? event.output.token : null),
                }),
              },
            ],
            onError: {
              target: '#acquisition.over',
              actions: assign({ outcome: ({ event }) => told(event.error) }),
            },
          },
        },
      },
    },
    presenting: {
      after: {
        'the connection took too long': {
          target: 'over',
          actions: assign({
            outcome: ({ context }) =>
              ({
                ok: false,
                error: timedOut('the connection did not answer', 80014, context.deadlineMs),
              }) as const,
          }),
        },
      },
      invoke: {
        src: 'present the token',
        id: 'presentation',
        systemId: 'presentation',
        input: ({ context }) => ({
          ask: context.ask,
          ports: context.ports,
          token: context.token as Sealed<TokenDetails>,
        }),
        onDone: { target: 'over', actions: assign({ outcome: ({ event }) => event.output }) },
        onError: { target: 'over', actions: assign({ outcome: ({ event }) => told(event.error) }) },
      },
    },
    over: { type: 'final' },
  },
  output: ({ context }) => context.outcome ?? told(new Error('the acquisition ended without an outcome')),
});
