import type { SourceReason } from './acquisition.js';
import { currentFrom, noSleeps } from './auth-context.js';
import { authSetup } from './auth-setup.js';
import { inTime, plain } from './in-time.js';

const note = (reason: string) => ({ type: 'note', params: { reason } }) as const;

/** An acquisition with the stored parameters begins. */
const begin = (reason: string, { isInTurn = false, sourceReason }: Beginning = {}) =>
  [
    { type: 'ask by the stored arguments', params: { reason, isInTurn, sourceReason } },
    'start the acquisition',
  ] as const;

interface Beginning {
  /** Whether the renewal was due. */
  readonly isInTurn?: boolean;
  /** The reason for the source. Default: the reason before. */
  readonly sourceReason?: SourceReason;
}

const inTurn: Beginning = { isInTurn: true, sourceReason: 'renewal' };

/** An acquisition as the caller wants it, in place of the running one. */
const supersede = ['stop the acquisition', 'ask for the caller', 'start the acquisition'] as const;

/** The current token expired, or was refused. */
const lose = (reason: string) =>
  ['announce the loss of the current token', { type: 'lose the current token', params: { reason } }] as const;

/** An acquisition failed. */
const countTheTry = { type: 'count a failed try', params: { why: 'failure' } } as const;
const tryLater = [
  countTheTry,
  { type: 'announce the failed try', params: { isLast: false } },
  'announce that a sign-in is required',
] as const;
const tryNoMore = [countTheTry, { type: 'announce the failed try', params: { isLast: true } }] as const;

/** An acquisition succeeded. */
const accepted = {
  guard: 'it was accepted',
  target: '#auth.authorized',
  actions: ['announce the new token', 'commit'],
} as const;

/** The current token is lost while no acquisition runs. It is replaced at once, after a wait, or not at all. */
const replace = (reason: string) =>
  [
    {
      guard: 'it was unusable again',
      target: '#auth.failed.waiting',
      actions: [
        ...lose(`${reason} as soon as it came, again`),
        { type: 'count a failed try', params: { why: 'loss' } },
      ],
    },
    { guard: 'it can be renewed', target: '#auth.requesting', actions: [...lose(reason), ...begin(reason)] },
    { target: '#auth.failed.final', actions: [...lose(reason), 'have no means'] },
  ] as const;

/** The server asks for a new token and still accepts the current one. */
const serverAsks = <State extends string>(resting: State) =>
  [
    {
      guard: 'the server may ask',
      target: '#auth.renewing',
      actions: [
        'note that the server asked',
        ...begin('the server asked for a new token', { sourceReason: 'renewal' }),
      ],
    },
    {
      guard: 'the server may ask, but asked only now',
      target: resting,
      reenter: true,
      actions: ['answer the server as soon as it may ask', note('the server asked again, too soon')],
    },
  ] as const;

/** A token is requested, unless the user signed out: then only `authorize()` requests one. */
const unlessSignedOut = (reason: string) =>
  [
    { guard: 'the user signed out', actions: 'announce that there is no token for the call' },
    { target: 'requesting', actions: begin(reason) },
  ] as const;

/**
 * The events that end a wait. Without a network, and before the moment that the source named, the wait continues.
 */
const nextTry = <Waiting extends string, Trying extends string>(waiting: Waiting, trying: Trying) => {
  const rule = (reason: string, isDue = false) =>
    [
      {
        guard: { type: 'it must wait', params: { isDue } },
        target: waiting,
        reenter: true,
        actions: ['plan anew', { type: 'note why the try waits', params: { isDue } }],
      },
      { target: trying, actions: ['plan anew', ...begin(reason)] },
    ] as const;
  return {
    on: {
      'time.jumped': rule('the machine woke up'),
      'network.back': rule('the network is back'),
    },
    after: { 'the next try is due': rule('the next try is due', true) },
    userIsBack: [{ guard: 'no sign-in is awaited' }, ...rule('the user is back')],
  } as const;
};

const whileRenewing = nextTry('waiting', 'fetching');
const whileFailed = nextTry('waiting', '#auth.requesting');

/**
 * The states of a client's token.
 *
 * - `idle`: there is no token in use, and nothing runs.
 * - `requesting`: there is no current token, and one acquisition runs.
 * - `authorized`: there is a current token, and nothing runs.
 * - `renewing`: the current token stays in use while its successor is acquired, or while the next try waits.
 * - `failed`: no acquisition runs. There is no token; after a 403 there may be one, until it expires.
 *
 * Transitions start the acquisition, and the states at rest stop it. So it continues when the current token
 * expires during its renewal.
 */
export const authMachine = inTime(
  authSetup.createMachine({
    id: 'auth',
    context: ({ input, input: { given } }) => ({
      ...plain,
      ports: input.ports,
      terms: input.terms,
      renewable: input.renewable,
      clientId: input.clientId,
      deadlineMs: input.deadlineMs,
      renewal: input.renewal,
      seed: input.seed,
      current: given && currentFrom(given, input, 'first'),
      lifetimeMs: given?.lifetimeMs,
      request: null,
      generation: 0,
      wasAuthorized: given !== null,
      wanted: given === null ? 'not yet' : 'yes',
      attempts: 0,
      unusable: 0,
      signInTries: 0,
      cacheLeadMs: 0,
      sourceReason: given === null ? 'first' : 'renewal',
      error: null,
      retryAt: 0,
      notBefore: 0,
      sleeps: noSleeps,
      askedAt: null,
      reason: 'new',
      since: input.ports.expose().clock.monotonic(),
    }),
    initial: 'idle',
    on: {
      authorize: [
        { guard: 'an equal request is running' },
        { guard: 'the caller can join', actions: ['let the caller join', note('authorize() was called')] },
        { guard: 'there is a current token', target: '.renewing', actions: supersede },
        { target: '.requesting', actions: supersede },
      ],
      forget: { target: '.idle', actions: ['forget everything', 'announce the sign-out'] },
      'acquisition.overdue': { actions: 'end the try with an error' },
      'xstate.error.actor.acquisition': { actions: 'end the try with an error' },
    },
    states: {
      idle: {
        entry: 'stop the acquisition',
        always: {
          guard: 'there is a current token',
          target: 'authorized',
          actions: note('a token was received with the options'),
        },
        on: {
          'token.needed': unlessSignedOut('a token is needed'),
          'token.refused': unlessSignedOut('an earlier token was refused'),
        },
      },

      requesting: {
        on: {
          'token.needed': { actions: 'a token by the stored arguments is needed' },
          'time.jumped': { actions: 'remember the sleep' },
          'xstate.done.actor.acquisition': [
            accepted,
            { guard: 'no further try can succeed', target: 'failed.final', actions: tryNoMore },
            {
              guard: 'the call had its own arguments, and no other token is needed',
              target: 'idle',
              actions: tryNoMore,
            },
            { target: 'failed.waiting', actions: tryLater },
          ],
        },
      },

      authorized: {
        tags: 'usable',
        entry: 'stop the acquisition',
        on: {
          'token.needed': [
            {
              guard: 'the renewal was postponed',
              target: 'renewing',
              actions: ['offer the current token', ...begin('the token is in use again', inTurn)],
            },
            { actions: 'offer the current token' },
          ],
          'token.asked': serverAsks('authorized'),
          'token.refused': replace('the current token was refused'),
          'token.expired': [
            {
              guard: 'the client does not renew ahead of time',
              target: 'idle',
              actions: [
                ...lose('the token expired, and the client does not renew ahead of time'),
                'no token is needed at the moment',
              ],
            },
            {
              guard: 'the token was not in use',
              target: 'idle',
              actions: [...lose('the token expired, and was not in use'), 'no token is needed at the moment'],
            },
            ...replace('the token expired'),
          ],
          'time.jumped': { target: 'authorized', reenter: true, actions: 'plan anew' },
        },
        after: {
          'something is due': [
            {
              guard: 'the renewal is due, but the token is not in use',
              target: 'authorized',
              reenter: true,
              actions: ['postpone the renewal', note('the renewal is postponed: the token is not in use')],
            },
            {
              guard: 'the renewal is due',
              target: 'renewing',
              actions: begin('the renewal is due', inTurn),
            },
            { target: 'authorized', reenter: true, actions: 'announce a token that expires soon' },
          ],
        },
      },

      renewing: {
        tags: 'usable',
        on: { 'token.needed': { actions: 'offer the current token' } },
        initial: 'fetching',
        states: {
          fetching: {
            on: {
              'token.refused': {
                target: '#auth.requesting',
                actions: lose('the current token was refused during its renewal'),
              },
              'token.expired': {
                target: '#auth.requesting',
                actions: lose('the token expired during its renewal'),
              },
              'time.jumped': {
                target: 'fetching',
                reenter: true,
                actions: ['plan anew', 'remember the sleep'],
              },
              'xstate.done.actor.acquisition': [
                accepted,
                {
                  guard: 'no further try can succeed',
                  target: '#auth.failed.final.withToken',
                  actions: tryNoMore,
                },
                { guard: 'the caller asked', target: '#auth.authorized', actions: tryNoMore },
                { target: 'waiting', actions: tryLater },
              ],
            },
            after: {
              'the token nears its end': {
                target: 'fetching',
                reenter: true,
                actions: 'announce a token that expires soon',
              },
            },
          },
          waiting: {
            entry: 'stop the acquisition',
            on: {
              ...whileRenewing.on,
              'token.asked': serverAsks('waiting'),
              'token.refused': {
                target: '#auth.failed.waiting',
                actions: [
                  ...lose('the current token was refused before the next try'),
                  'plan the next try as without a token',
                ],
              },
              'token.expired': {
                target: '#auth.failed.waiting',
                actions: lose('the token expired before the next try'),
              },
            },
            after: {
              ...whileRenewing.after,
              'the token nears its end': {
                target: 'waiting',
                reenter: true,
                actions: 'announce a token that expires soon',
              },
            },
          },
        },
      },

      failed: {
        entry: 'stop the acquisition',
        initial: 'waiting',
        states: {
          waiting: {
            entry: { type: 'announce the failure', params: { final: false } },
            on: { ...whileFailed.on, 'user.back': whileFailed.userIsBack },
            after: whileFailed.after,
          },
          final: {
            entry: [
              'the stored arguments failed for good',
              { type: 'announce the failure', params: { final: true } },
            ],
            initial: 'withoutToken',
            states: {
              withoutToken: {
                on: {
                  'token.needed': {
                    actions: { type: 'announce the failure', params: { final: true } },
                  },
                },
              },
              // The source forbade the renewal. The client keeps the current token until it expires.
              withToken: {
                tags: 'usable',
                on: {
                  'token.needed': { actions: 'offer the current token' },
                  'token.refused': { target: 'withoutToken', actions: lose('the current token was refused') },
                  'token.expired': {
                    target: 'withoutToken',
                    actions: ['announce the loss of the current token', 'drop the current token'],
                  },
                  'time.jumped': { target: 'withToken', reenter: true, actions: 'plan anew' },
                },
                after: { 'the token expires': { target: 'withToken', reenter: true } },
              },
            },
          },
        },
      },
    },
  }),
);
