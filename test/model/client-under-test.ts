import { Auth, type AuthOptions, ErrorInfo, type TokenDetails } from '../../src/index.js';
import { fakeConnection, Scenario, settle } from '../../src/testing/index.js';

const told = ['authorized', 'renewed', 'expiring', 'expired', 'failed', 'renewal.failed'] as const;

/** The names of the recorded events. */
export type Said = (typeof told)[number];

interface Fetch {
  readonly terms: string;
  readonly signal: AbortSignal;
  readonly resolve: (token: TokenDetails) => void;
  readonly reject: (error: ErrorInfo) => void;
  isOver: boolean;
}

/** A client as seen from outside. */
export interface View {
  readonly value: string;
  readonly final: boolean | undefined;
  /** The number of the current token. */
  readonly token: number | null;
  /** The tokens that token$ emitted. */
  readonly tokens: readonly number[];
  readonly said: readonly Said[];
  /** The parameters of each request to the source. */
  readonly fetches: readonly string[];
  /** The number of requests that were neither answered nor aborted. */
  readonly running: number;
  /** How the promises of its callers settled, in order: `token 1`, `error 40170`. */
  readonly outcomes: readonly string[];
  /** The number of pending callers. */
  readonly waiting: number;
}

/**
 * A real client whose source answers on demand, on a device whose time passes on demand. The source answers
 * even if no caller waits for the answer any more.
 */
export class ClientUnderTest {
  readonly device = new Scenario();
  readonly auth: Auth;
  readonly #connection = fakeConnection();
  readonly #fetches: Fetch[] = [];
  readonly #said: Said[] = [];
  readonly #tokens: number[] = [];
  readonly #outcomes: string[] = [];
  readonly #lifeMs: number;
  #waiting = 0;
  #isDisposed = false;

  /** @param lifeMs the lifetime of its tokens */
  constructor(lifeMs: number, inspect?: (event: unknown) => void) {
    this.#lifeMs = lifeMs;
    this.auth = new Auth({
      ...this.device.options,
      random: () => 0,
      realtimeRequestTimeout: 864_000_000,
      authCallback: (params, { signal }) =>
        new Promise<TokenDetails>((resolve, reject) => {
          const terms = /terms-(\w)/.exec(String(params.capability))?.[1] ?? 'A';
          this.#fetches.push({ terms, signal, resolve, reject, isOver: false });
        }),
      connection: this.#connection,
    });
    // The machine's own events: what the option `inspect` passes on has no transitions of the chart.
    if (inspect !== undefined) this.auth.actor.system.inspect(inspect);
    for (const name of told) this.auth.on(name, () => this.#said.push(name));
    // A subscriber needs a token: this one comes when there is the first, and hears it.
    const subscribe = () => {
      stopWaiting();
      this.auth.token$.subscribe(({ token }) => this.#tokens.push(Number(token.split(' ')[1])));
    };
    const stopWaiting = this.auth.on('authorized', subscribe);
  }

  get view(): View {
    const { value, final } = this.auth.state;
    return {
      value: this.#isDisposed ? 'disposed' : value,
      final: this.#isDisposed ? undefined : final,
      token: this.auth.tokenDetails === null ? null : Number(this.auth.tokenDetails.token.split(' ')[1]),
      tokens: [...this.#tokens],
      said: [...this.#said],
      fetches: this.#fetches.map(({ terms }) => terms),
      running: this.#fetches.filter(({ isOver, signal }) => !isOver && !signal.aborted).length,
      outcomes: [...this.#outcomes],
      waiting: this.#waiting,
    };
  }

  authorize(terms?: string, options: AuthOptions | null = null): Promise<void> {
    const params = terms === undefined ? null : { capability: { [`terms-${terms}`]: ['subscribe'] } };
    return this.#call(this.auth.authorize(params, options));
  }

  getToken(): Promise<void> {
    return this.#call(this.auth.getToken());
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    this.auth.dispose();
    await settle();
  }

  async forget(): Promise<void> {
    this.auth.forget();
    await settle();
  }

  /** Answers the request that a caller waits for. */
  answer(): Promise<void> {
    return this.#end(this.#asked(false));
  }

  fail(code: number, statusCode: number): Promise<void> {
    return this.#end(this.#asked(false), new ErrorInfo({ code, statusCode, message: 'by the test' }));
  }

  /** Answers the oldest request that no caller waits for any more, if there is one. */
  answerLate(error?: ErrorInfo): Promise<void> {
    return this.#end(this.#asked(true), error);
  }

  async refuse(): Promise<void> {
    this.#connection.report({
      type: 'token.refused',
      error: new ErrorInfo({ code: 40142, message: 'by the test' }),
    });
    await settle();
  }

  async ask(): Promise<void> {
    this.#connection.report({ type: 'token.asked' });
    await settle();
  }

  /** Lets time pass until the client acts by itself. The client checks its clocks meanwhile. */
  async untilSomethingHappens(): Promise<void> {
    const { clock } = this.device;
    const seen = () => JSON.stringify(this.view);
    const before = seen();
    while (seen() === before && clock.nextIn < Number.POSITIVE_INFINITY) await clock.advance(clock.nextIn);
  }

  /** Sleeps past the time of the next renewal, and not past the token's expiry. */
  async doze(): Promise<void> {
    await this.device.sleepFor((this.auth.explain().token?.renewInMs ?? 0) + 1);
  }

  async #call(outcome: Promise<TokenDetails>): Promise<void> {
    this.#waiting += 1;
    const over = (how: string) => {
      this.#waiting -= 1;
      this.#outcomes.push(how);
    };
    outcome.then(
      ({ token }) => over(token),
      ({ code }) => over(`error ${code}`),
    );
    await settle();
  }

  #asked(isStale: boolean): Fetch | undefined {
    return this.#fetches.find(({ isOver, signal }) => !isOver && signal.aborted === isStale);
  }

  async #end(fetch: Fetch | undefined, error?: ErrorInfo): Promise<void> {
    if (fetch === undefined) return;
    // Two things never happen at the same moment.
    await this.device.clock.advance(1);
    const issued = this.device.clock.now();
    const token = `token ${this.#fetches.indexOf(fetch) + 1}`;
    fetch.isOver = true;
    if (error === undefined) fetch.resolve({ token, issued, expires: issued + this.#lifeMs });
    else fetch.reject(error);
    await settle();
  }
}
