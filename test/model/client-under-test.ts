import { Auth, type ConnectionReport, ErrorInfo, type TokenDetails } from '../../src/index.js';
import { settle, VirtualClock } from '../../src/testing/virtual-clock.js';

const LIFE = 60_000;

interface Fetch {
  readonly signal: AbortSignal;
  readonly resolve: (token: TokenDetails) => void;
  readonly reject: (error: ErrorInfo) => void;
  isOver: boolean;
}

/** A real client whose source answers when told to, on a clock that moves when told to. */
export class ClientUnderTest {
  readonly clock = new VirtualClock();
  readonly fetches: Fetch[] = [];
  readonly said: string[] = [];
  readonly tokens: string[] = [];
  readonly auth: Auth;
  pending = 0;
  #report: (report: ConnectionReport) => void = () => {};

  constructor() {
    this.auth = new Auth({
      clock: this.clock,
      random: () => 0,
      realtimeRequestTimeout: 86_400_000,
      authCallback: (_params, { signal }) =>
        new Promise<TokenDetails>((resolve, reject) => {
          this.fetches.push({ signal, resolve, reject, isOver: false });
        }),
      connection: {
        state: 'initialized',
        push: async () => {},
        attach: (listener) => {
          this.#report = listener;
          return () => {
            this.#report = () => {};
          };
        },
      },
    });
    for (const name of ['authorized', 'renewed', 'expired', 'failed', 'renewal.failed'] as const) {
      this.auth.on(name, () => this.said.push(name));
    }
  }

  /** Acquisitions that were neither answered nor aborted. */
  get live(): Fetch[] {
    return this.fetches.filter((one) => !one.isOver && !one.signal.aborted);
  }

  watchTokens(): void {
    this.auth.token$.subscribe(({ token }) => this.tokens.push(token));
  }

  async call(run: () => Promise<unknown>): Promise<void> {
    this.pending += 1;
    const over = () => {
      this.pending -= 1;
    };
    run().then(over, over);
    await settle();
  }

  /** Lets time pass until the client does something by itself; it looks at its clocks meanwhile. */
  async untilSomethingHappens(): Promise<void> {
    const seen = () => `${this.fetches.length} ${this.said.length} ${this.auth.state.value}`;
    const before = seen();
    while (seen() === before && this.clock.nextIn < LIFE) await this.clock.advance(this.clock.nextIn);
  }

  async answer(): Promise<void> {
    const issued = this.clock.now();
    this.#last().resolve({ token: `token ${this.fetches.length}`, issued, expires: issued + LIFE });
    await settle();
  }

  async fail(code: number, statusCode: number): Promise<void> {
    this.#last().reject(new ErrorInfo({ code, statusCode, message: 'by the test' }));
    await settle();
  }

  async refuse(): Promise<void> {
    this.#report({ type: 'token.refused', error: new ErrorInfo({ code: 40142, message: 'by the test' }) });
    await settle();
  }

  #last(): Fetch {
    const last = this.live.at(-1);
    if (last === undefined) throw new Error('the source was not asked');
    last.isOver = true;
    return last;
  }
}
