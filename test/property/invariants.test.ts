import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Auth,
  type ConnectionAdapter,
  type ConnectionReport,
  type ConnectionState,
  ErrorInfo,
  type TokenDetails,
} from '../../src/index.js';
import { settle, VirtualClock } from '../../src/testing/virtual-clock.js';

const DEADLINE = 10_000;
const RUNS = Number(process.env.RUNS ?? 500);

/** One thing that happens to a client. */
type Step =
  | { readonly do: 'authorize'; readonly params: boolean; readonly literal: boolean }
  | { readonly do: 'getToken' | 'requestToken' | 'forget' | 'subscribe' }
  | { readonly do: 'answer'; readonly life: number; readonly clientId?: string }
  | { readonly do: 'fail'; readonly code: number; readonly status: number }
  | { readonly do: 'verdict'; readonly accepts: boolean }
  | { readonly do: 'report'; readonly type: 'token.needed' | 'token.asked' | 'token.refused' }
  | { readonly do: 'connection'; readonly state: ConnectionState }
  | { readonly do: 'wait' | 'skew'; readonly ms: number }
  | { readonly do: 'dispose' };

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('authorize' as const),
      params: fc.boolean(),
      literal: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('getToken' as const, 'requestToken' as const, 'subscribe' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      life: fc.constantFrom(0, 1, 1_000, 60_000, 3_600_000, 1e12),
    }),
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom([40170, 401], [40300, 403], [50000, 500], [40102, 401])
      .map(([code = 0, status = 0]) => ({ do: 'fail' as const, code, status })),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('verdict' as const), accepts: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('report' as const),
      type: fc.constantFrom('token.needed' as const, 'token.asked' as const, 'token.refused' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('connection' as const),
      state: fc.constantFrom<ConnectionState>('connected', 'connecting', 'disconnected', 'closed'),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(0, 1, 400, 5_000, 12_000, 3_600_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('skew' as const), ms: fc.constantFrom(-86_400_000, 86_400_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('dispose' as const) }) },
);

/** A client, with everything around it under control and watched. */
class World {
  readonly clock = new VirtualClock();
  readonly auth: Auth;
  readonly problems: string[] = [];
  readonly fetches: {
    settle(answer: TokenDetails | ErrorInfo): void;
    readonly signal: AbortSignal;
    isOver: boolean;
    readonly own: boolean;
  }[] = [];
  readonly pushes: { resolve(): void; reject(error: ErrorInfo): void }[] = [];
  readonly params = { capability: { 'a:*': ['subscribe'] }, ttl: 60_000 };
  readonly calls = new Set<{ readonly name: string; readonly dueAt: number }>();
  isDisposed = false;
  #count = 0;
  #inRequestToken = false;
  #report: (report: ConnectionReport) => void = () => {};
  readonly #adapter: { -readonly [K in keyof ConnectionAdapter]: ConnectionAdapter[K] };

  constructor() {
    this.#adapter = {
      state: 'initialized',
      push: (_event, signal) => {
        this.#after('a push');
        return new Promise((resolve, reject) => {
          this.pushes.push({ resolve, reject });
          signal.addEventListener('abort', () => reject(signal.reason));
        });
      },
      attach: (listener) => {
        this.#report = listener;
        return () => {
          this.#report = () => {};
        };
      },
    };
    this.auth = new Auth({
      clock: this.clock,
      random: () => 0.3,
      realtimeRequestTimeout: DEADLINE,
      connection: this.#adapter,
      authCallback: (params, { signal }) => {
        this.#after('a request');
        Object.assign(params, { clientId: 'changed by the callback' });
        const own = this.#inRequestToken;
        return new Promise<TokenDetails>((resolve, reject) => {
          const fetch = {
            signal,
            isOver: false,
            own,
            settle: (answer: TokenDetails | ErrorInfo) => {
              fetch.isOver = true;
              if (answer instanceof ErrorInfo) reject(answer);
              else resolve(answer);
            },
          };
          this.fetches.push(fetch);
        });
      },
    });
    for (const name of ['authorized', 'renewed', 'expired', 'failed', 'renewal.failed', 'state'] as const) {
      this.auth.on(name, () => this.#after(`event ${name}`));
    }
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'authorize':
        this.#authorize(step.params, step.literal);
        break;
      case 'getToken':
        this.#call('getToken', () => this.auth.getToken(), 0);
        break;
      case 'requestToken':
        this.#inRequestToken = true;
        this.#call('requestToken', () => this.auth.requestToken(this.params), 0);
        this.#inRequestToken = false;
        break;
      case 'subscribe':
        this.auth.token$.subscribe((token) => this.#seen(token));
        break;
      case 'answer':
        this.fetches.find((one) => !one.isOver)?.settle(this.token(step.life));
        break;
      case 'fail':
        this.fetches
          .find((one) => !one.isOver)
          ?.settle(new ErrorInfo({ code: step.code, statusCode: step.status, message: 'by the test' }));
        break;
      case 'verdict': {
        const push = this.pushes.shift();
        if (step.accepts) push?.resolve();
        else push?.reject(new ErrorInfo({ code: 40142, message: 'by the test' }));
        break;
      }
      case 'report':
        if (step.type === 'token.refused') {
          this.#report({ type: step.type, error: new ErrorInfo({ code: 40142, message: 'by the test' }) });
        } else this.#report({ type: step.type });
        break;
      case 'connection':
        this.#adapter.state = step.state;
        this.#report({ type: 'connection.changed', state: step.state });
        break;
      case 'wait':
        await this.clock.advance(step.ms);
        break;
      case 'skew':
        this.clock.skew(step.ms);
        break;
      case 'forget':
        this.auth.forget();
        break;
      case 'dispose':
        this.auth.dispose();
        this.isDisposed = true;
        break;
    }
    await settle();
    this.check();
  }

  token(life: number): TokenDetails {
    this.#count += 1;
    return { token: `token-${this.#count}`, issued: 1_000, expires: 1_000 + life };
  }

  check(): void {
    const running = this.fetches.filter((one) => !one.isOver && !one.signal.aborted && !one.own);
    if (running.length > 1) this.problems.push(`${running.length} acquisitions at once`);
    for (const call of this.calls) {
      if (this.clock.monotonic() > call.dueAt) this.problems.push(`${call.name} is late`);
    }
    if (this.isDisposed && this.clock.pending > 0) this.problems.push('a timer after dispose()');
    if (this.isDisposed && this.calls.size > 0) this.problems.push('a promise unsettled after dispose()');
    if (JSON.stringify(this.params) !== '{"capability":{"a:*":["subscribe"]},"ttl":60000}') {
      this.problems.push("the caller's object was changed");
    }
    const shown = JSON.stringify([this.auth, this.auth.state, this.auth.actor.getSnapshot()]);
    if (shown.includes('token-')) this.problems.push('a token was shown');
  }

  #authorize(params: boolean, literal: boolean): void {
    const { tokenDetails, actor } = this.auth;
    const before = { tokenDetails, terms: actor.getSnapshot().context.terms };
    const own = literal ? { token: this.token(0).token, authCallback: async () => 'never asked' } : undefined;
    // Opening a connection has a budget of its own.
    this.#call(
      'authorize',
      () => this.auth.authorize(params ? this.params : null, own),
      DEADLINE,
      () => {
        const { terms } = this.auth.actor.getSnapshot().context;
        const isSuperseded = this.auth.tokenDetails !== before.tokenDetails;
        if (!isSuperseded && terms !== before.terms)
          this.problems.push('a failed authorize() changed the terms');
      },
    );
  }

  #call(name: string, run: () => Promise<unknown>, extra: number, onFailure = () => {}): void {
    const call = { name, dueAt: this.clock.monotonic() + DEADLINE + extra };
    this.calls.add(call);
    const over = () => this.calls.delete(call);
    run().then(over, () => {
      over();
      onFailure();
    });
  }

  #seen(token: TokenDetails): void {
    this.#after('a token');
    const { held } = this.auth.actor.getSnapshot().context;
    if (held === null || held.token.open() !== token) this.problems.push('a token that is not in use');
    else if (this.clock.monotonic() >= held.diesAt) this.problems.push('a token known to be dead');
  }

  #after(what: string): void {
    if (this.isDisposed) this.problems.push(`${what} after dispose()`);
  }
}

describe('whatever happens to a client', () => {
  it('its invariants hold after every step', async () => {
    const seed = Number(process.env.SEED ?? 20_261_124);
    console.log(`invariants: ${RUNS} sequences, SEED=${seed}`);
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 40 }), async (sequence) => {
        const world = new World();
        for (const step of sequence) await world.take(step);
        world.auth.dispose();
        world.isDisposed = true;
        await settle();
        world.check();
        expect(world.problems).toEqual([]);
      }),
      { numRuns: RUNS, seed },
    );
  });
});
