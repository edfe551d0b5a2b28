import { Auth, type AuthOptions, ErrorInfo, type TokenDetails } from '../../src/index.js';
import { fakeConnection, Scenario, settle } from '../../src/testing/index.js';

const told = ['authorized', 'renewed', 'expiring', 'expired', 'failed', 'renewal.failed'] as const;

/** What a client says, by the names of its events. */
export type Said = (typeof told)[number];

interface Fetch {
  readonly terms: string;
  readonly signal: AbortSignal;
  readonly resolve: (token: TokenDetails) => void;
  readonly reject: (error: ErrorInfo) => void;
  isOver: boolean;
}

/** What one sees of a client from outside. */
export interface View {
  readonly value: string;
  readonly final: boolean | undefined;
  /** The number of the token in use. */
  readonly token: number | null;
  /** What token$ gave. */
  readonly tokens: readonly number[];
  readonly said: readonly Said[];
  /** The terms of each question to the source. */
  readonly fetches: readonly string[];
  /** How many questions were neither answered nor aborted. */
  readonly running: number;
  /** How the promises of its callers ended, in order: `token 1`, `error 40170`. */
  readonly outcomes: readonly string[];
  /** Callers whose promises did not settle. */
  readonly waiting: number;
}

/**
 * A real client whose source answers when told to, on a device whose time passes when told to. The
 * source does not care whether anybody still waits for its answers.
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

  /** @param lifeMs how long its tokens live */
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
    // The machine's own events: what the option `inspect` shows has no transitions of the chart.
    if (inspect !== undefined) this.auth.actor.system.inspect(inspect);
    for (const name of told) this.auth.on(name, () => this.#said.push(name));
    this.auth.token$.subscribe(({ token }) => this.#tokens.push(Number(token.split(' ')[1])));
    // To listen is to need a token; what follows begins with nothing.
    this.auth.forget();
    for (const list of [this.#fetches, this.#said, this.#tokens]) list.length = 0;
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

  /** The question that somebody waits for is answered. */
  answer(): Promise<void> {
    return this.#end(this.#asked(false));
  }

  fail(code: number, statusCode: number): Promise<void> {
    return this.#end(this.#asked(false), new ErrorInfo({ code, statusCode, message: 'by the test' }));
  }

  /** The oldest question that nobody waits for any more, if there is one, is answered all the same. */
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

  /** Lets time pass until the client does something by itself; it looks at its clocks meanwhile. */
  async untilSomethingHappens(): Promise<void> {
    const { clock } = this.device;
    const seen = () => JSON.stringify(this.view);
    const before = seen();
    while (seen() === before && clock.nextIn < Number.POSITIVE_INFINITY) await clock.advance(clock.nextIn);
  }

  /** It sleeps past the moment at which it would have renewed, and not past the token's death. */
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
    // No two things happen at the very same moment.
    await this.device.clock.advance(1);
    const issued = this.device.clock.now();
    const token = `token ${this.#fetches.indexOf(fetch) + 1}`;
    fetch.isOver = true;
    if (error === undefined) fetch.resolve({ token, issued, expires: issued + this.#lifeMs });
    else fetch.reject(error);
    await settle();
  }
}
