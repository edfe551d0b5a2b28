import { systemClock, type TimerHandle } from '../clock.js';
import type { Auth, AuthCallback, AuthState, TokenDetails } from '../index.js';
import { fieldOf } from '../redaction/received.js';
import { expectSame } from './connection-contract-harness.js';
import { type FakeConnection, fakeConnection } from './fake-connection.js';
import { Scenario } from './scenario.js';
import { settle } from './virtual-clock.js';

/**
 * What a fault of a source leads to.
 *
 * - `retry`: the client tries again, later each time. The user stays signed in.
 * - `signin.required`: no user is signed in. The client emits this event, and tries seldom.
 * - `stop`: this user may have no token. The client stops trying.
 */
export type SourceOutcome = 'retry' | 'signin.required' | 'stop';

/** A source under test, and the provider behind it. */
export interface SourceHarness {
  readonly authCallback: AuthCallback;
  /** From now on the source is asked while this fault lasts. The name is one of those in the list of faults. */
  fail(fault: string): void | Promise<void>;
  /** From now on a user is signed in, and everything answers. This is the default. */
  recover(): void | Promise<void>;
  /** Frees the resources of the harness. */
  dispose?(): void | Promise<void>;
}

/** The lifetime of the tokens that the client gets from a source, ms. */
export const LIFE_MS = 600_000;

/** How long a source may take to answer, in real ms. */
const ANSWER_MS = 5_000;

/** A client of the source, whose time is virtual. The source works in real time. */
export class SourceTester {
  readonly harness: SourceHarness;
  readonly clock: Scenario['clock'];
  readonly connection: FakeConnection = fakeConnection();
  readonly auth: Auth;
  /** The names of the events, the oldest first. */
  readonly events: string[] = [];
  calls = 0;
  readonly #running = new Set<Promise<unknown>>();

  /** @param Client the class, which only those load who test a source */
  constructor(harness: SourceHarness, Client: typeof Auth) {
    this.harness = harness;
    const device = new Scenario();
    this.clock = device.clock;
    this.auth = new Client({
      ...device.options,
      logLevel: 'none',
      connection: this.connection,
      authCallback: (params, answer) => this.#ask(params, answer),
    });
    for (const name of ['signin.required', 'failed', 'expired', 'renewed', 'renewal.failed'] as const)
      this.auth.on(name, () => this.events.push(name));
  }

  /** Whatever the lifetime of a token at the provider, the client counts ten minutes from now. */
  async #ask(...[params, answer]: Parameters<AuthCallback>): Promise<TokenDetails> {
    this.calls += 1;
    const asking = answerOf(this.harness.authCallback, params, answer);
    this.#running.add(asking);
    try {
      const issued = this.clock.now();
      return { token: textOf(await asking), issued, expires: issued + LIFE_MS };
    } finally {
      this.#running.delete(asking);
    }
  }

  get state(): AuthState {
    return this.auth.state;
  }

  get token(): string | undefined {
    return this.auth.tokenDetails?.token;
  }

  count(name: string): number {
    return this.events.filter((one) => one === name).length;
  }

  /** Waits until the source has answered everything. */
  async settled(): Promise<void> {
    await settle();
    while (this.#running.size > 0) {
      let timer: TimerHandle;
      const late = new Promise<never>((_resolve, reject) => {
        const error = new Error(`the source must answer within ${ANSWER_MS} ms`);
        timer = systemClock.setTimeout(() => reject(error), ANSWER_MS);
      });
      const answered = Promise.race([Promise.allSettled(this.#running), late]);
      await answered.finally(() => systemClock.clearTimeout(timer));
      await settle();
    }
  }

  /** Advances the client's time, and waits for the source at each of its calls. */
  async advance(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    for (let left = ms; left > 0; left = end - this.clock.now()) {
      await this.clock.advance(Math.min(left, Math.max(1, this.clock.nextIn)));
      if (this.#running.size > 0) await this.settled();
    }
  }

  /** Asks for a token. @returns whether there is one */
  async hasToken(ask: (auth: Auth) => Promise<unknown> = (auth) => auth.getToken()): Promise<boolean> {
    const asked = ask(this.auth).then(
      () => true,
      () => false,
    );
    await this.settled();
    await this.clock.advance(0);
    return await asked;
  }

  /** Expects that a user is signed in, with a token. @param what the moment, as it follows "the state" */
  expectSignedIn(what: string): void {
    expectSame([this.state.value, this.token !== undefined], ['authorized', true], `the state ${what}`);
  }

  async dispose(): Promise<void> {
    this.auth.dispose();
    await this.harness.dispose?.();
  }
}

/** What a source answers, in each of the forms in which it may. */
function answerOf(source: AuthCallback, ...[params, answer]: Parameters<AuthCallback>): Promise<unknown> {
  const { signal, reason, attempt, isRefused } = answer;
  return new Promise((resolve, reject) => {
    const callBack = (error: unknown, result?: unknown) => (error ? reject(error) : resolve(result));
    const returned: unknown = source(params, Object.assign(callBack, { signal, reason, attempt, isRefused }));
    const isPromise = typeof fieldOf(returned, 'then') === 'function';
    const isToken =
      typeof returned === 'string' || ['token', 'keyName'].some((name) => fieldOf(returned, name));
    // A function that calls back may return anything.
    if (isPromise || isToken)
      Promise.resolve(returned).then((given) => given === undefined || resolve(given), reject);
  });
}

/** The token in an answer, or the nonce of a TokenRequest. */
function textOf(answer: unknown): string {
  const { token, nonce } = Object(answer) as { readonly token?: unknown; readonly nonce?: unknown };
  const text = [answer, token, nonce].find((one) => typeof one === 'string' && one !== '');
  if (text === undefined) throw new Error('the source must give a token or a TokenRequest');
  return String(text);
}
