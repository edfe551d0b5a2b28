import fc from 'fast-check';
import type { ConnectionState } from '../../src/index.js';

/** The options of a client, and its device. */
export interface Setting {
  /** The source of tokens: a callback that returns tokens or TokenRequests, or the client's own key. */
  readonly source: 'tokens' | 'requests' | 'key';
  /** A literal token; with `only` there is no other source. */
  readonly literal: 'none' | 'first' | 'only';
  readonly connection: ConnectionState | 'none';
  readonly renewal: 'client' | 'server' | 'off';
  readonly clientId: 'ada' | undefined;
  /** The platform's own timers, made virtual; or a virtual clock in their place. */
  readonly time: 'platform' | 'virtual';
  /** Whether the monotonic clock continues while the device sleeps. */
  readonly countsSleep: boolean;
  readonly inspector: 'none' | 'listens' | 'throws';
  /** What the application does as soon as a token or a try is lost. */
  readonly reaction: 'none' | 'authorize' | 'getToken' | 'forget' | 'dispose';
  readonly chance: number;
}

/** The arguments of an application; 0: none. */
export type TermsNumber = 0 | 1 | 2;

/** One event for a client. Times are ms. */
export type Step =
  | {
      readonly do: 'authorize';
      readonly terms: TermsNumber;
      readonly means: 'stored' | 'other' | 'literal' | 'none';
    }
  | { readonly do: 'requestToken'; readonly terms: TermsNumber }
  | {
      readonly do: 'getToken' | 'createTokenRequest' | 'fetch' | 'forget' | 'dispose' | 'subscribe' | 'look';
    }
  /** From now on the source answers at once, fails at once, or waits. */
  | { readonly do: 'source'; readonly is: 'up' | 'down' | 'silent' }
  | { readonly do: 'answer'; readonly life: number | undefined; readonly who: string | null | undefined }
  /** Answers the oldest request that no caller waits for any more. */
  | { readonly do: 'answer late' }
  | { readonly do: 'answer the same' | 'answer nonsense' }
  | { readonly do: 'fail'; readonly code: number; readonly status: number; readonly retryAfterMs?: number }
  | { readonly do: 'respond'; readonly accepts: boolean }
  | { readonly do: 'judge'; readonly code: number | null }
  | { readonly do: 'report'; readonly type: 'token.needed' | 'token.asked' | 'token.refused' }
  | { readonly do: 'connection'; readonly state: ConnectionState }
  | { readonly do: 'wait'; readonly ms: number }
  /** Until the next timer. */
  | { readonly do: 'next' }
  | { readonly do: 'sleep'; readonly ms: number; readonly noticed: boolean }
  | { readonly do: 'skew'; readonly ms: number }
  | { readonly do: 'network'; readonly is: 'online' | 'offline' };

export const settings: fc.Arbitrary<Setting> = fc.record({
  source: fc.constantFrom('tokens', 'tokens', 'requests', 'key'),
  literal: fc.constantFrom('none', 'none', 'none', 'first', 'only'),
  connection: fc.constantFrom<Setting['connection']>('none', 'initialized', 'connected', 'connected'),
  renewal: fc.constantFrom('client', 'client', 'client', 'server', 'off'),
  clientId: fc.constantFrom(undefined, undefined, 'ada' as const),
  time: fc.constantFrom('virtual', 'virtual', 'platform'),
  countsSleep: fc.constantFrom(false, false, false, true),
  inspector: fc.constantFrom('none', 'none', 'none', 'none', 'none', 'none', 'listens', 'throws'),
  reaction: fc.constantFrom('none', 'none', 'none', 'authorize', 'getToken', 'forget', 'dispose'),
  chance: fc.constantFrom(0, 0.3, 0.999),
});

const named = <const T extends Step['do']>(...names: T[]) =>
  fc.constantFrom(...names).map((name) => ({ do: name }) as Step);

const terms = fc.constantFrom<TermsNumber>(0, 1, 2);

const weighted: readonly [weight: number, arbitrary: fc.Arbitrary<Step>][] = [
  [
    4,
    fc.record({
      do: fc.constant('authorize' as const),
      terms,
      means: fc.constantFrom('stored', 'stored', 'stored', 'other', 'literal', 'none'),
    }),
  ],
  [1, fc.record({ do: fc.constant('requestToken' as const), terms })],
  [3, named('getToken', 'subscribe', 'look', 'createTokenRequest', 'fetch')],
  [1, named('forget', 'answer late', 'answer the same', 'answer nonsense')],
  [1, fc.constant({ do: 'dispose' as const })],
  [2, fc.record({ do: fc.constant('source' as const), is: fc.constantFrom('up', 'up', 'down', 'silent') })],
  [
    5,
    fc.record({
      do: fc.constant('answer' as const),
      life: fc.constantFrom(0, 1, 1_000, 20_000, 60_000, 60_000, 3_600_000, 1e12, undefined),
      who: fc.constantFrom(undefined, undefined, 'ada', 'bob', '*', null),
    }),
  ],
  [
    3,
    fc
      .constantFrom([40170, 401], [40300, 403], [50000, 500], [40102, 401], [42910, 429, 20_000])
      .map(([code = 0, status = 0, retryAfterMs]) => ({
        do: 'fail' as const,
        code,
        status,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      })),
  ],
  [1, fc.record({ do: fc.constant('respond' as const), accepts: fc.boolean() })],
  [
    3,
    fc.record({
      do: fc.constant('judge' as const),
      code: fc.constantFrom(null, null, null, 40142, 40101),
    }),
  ],
  [
    2,
    fc.record({
      do: fc.constant('report' as const),
      type: fc.constantFrom('token.needed', 'token.asked', 'token.refused'),
    }),
  ],
  [
    2,
    fc.record({
      do: fc.constant('connection' as const),
      state: fc.constantFrom<ConnectionState>('connected', 'connecting', 'disconnected', 'closed'),
    }),
  ],
  [
    5,
    fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(0, 1, 400, 5_000, 12_000, 70_000, 300_000),
    }),
  ],
  [2, named('next')],
  [
    1,
    fc.record({
      do: fc.constant('sleep' as const),
      ms: fc.constantFrom(3_000, 50_000, 7_200_000),
      noticed: fc.boolean(),
    }),
  ],
  [1, fc.record({ do: fc.constant('skew' as const), ms: fc.constantFrom(-86_400_000, 86_400_000) })],
  [1, fc.record({ do: fc.constant('network' as const), is: fc.constantFrom('online', 'offline') })],
];

const steps = fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** Whole sessions of clients. */
export const sequences: fc.Arbitrary<Step[]> = fc.array(steps, {
  minLength: 1,
  maxLength: 24,
  size: 'large',
});

/** Events that do not delay a renewal. */
export const CALM_STEPS: ReadonlySet<Step['do']> = new Set([
  'wait',
  'next',
  'getToken',
  'createTokenRequest',
  'subscribe',
  'look',
  'source',
]);
