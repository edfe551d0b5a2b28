import * as Ably from 'ably';
import { onTestFinished } from 'vitest';
import { type AblyAuthCallback, type AblyJsConnection, ablyJs } from '../../src/connection/ably-js/index.js';
import { Auth, type ClientOptions, type TokenParams } from '../../src/index.js';
import { createSandbox, type FaultPlan, type Happening, type Sandbox } from '../../src/sandbox/index.js';
import { VirtualClock } from '../../src/testing/index.js';

/** How long the Auth and the adapter wait for an answer by default, ms. */
export const TIMEOUT_MS = 10_000;

interface Setting extends Partial<ClientOptions> {
  /** The SDK's own options. */
  readonly sdk?: Ably.ClientOptions;
}

/**
 * The real SDK behind an Auth, and a sandbox on a real socket; everything ends with the test. The clocks of
 * the Auth, the adapter and the sandbox are virtual; the SDK's is real.
 */
export class AblyJsHarness {
  readonly clock: VirtualClock;
  readonly sandbox: Sandbox;
  readonly connection: AblyJsConnection<Ably.Realtime>;
  readonly auth: Auth;
  readonly issuer: Auth;
  /** The states that the SDK reports, and `update` for a change without a new state. */
  readonly states: string[] = [];
  /** The token of the Auth at each of these reports. */
  readonly tokens: (string | undefined)[] = [];
  readonly happenings: Happening['type'][] = [];

  private constructor(
    clock: VirtualClock,
    sandbox: Sandbox,
    { host, port, keyStr }: { host: string; port: number; keyStr: string },
    { sdk = {}, ...options }: Setting,
  ) {
    this.clock = clock;
    this.sandbox = sandbox;
    sandbox.subscribe(({ type }) => this.happenings.push(type));
    this.issuer = new Auth({ key: keyStr, fetch: sandbox.fetch, clock });
    this.connection = ablyJs(
      (authCallback: AblyAuthCallback) =>
        new Ably.Realtime({
          authCallback,
          endpoint: host,
          port,
          tls: false,
          useBinaryProtocol: false,
          logLevel: 0,
          ...sdk,
        }),
      { clock },
    );
    this.client.connection.on(({ current, previous }) => {
      this.states.push(current === previous ? 'update' : current);
      this.tokens.push(this.auth?.tokenDetails?.token);
    });
    this.auth = new Auth({
      authCallback: (params) => this.issuer.requestToken({ clientId: 'ada', ...params } as TokenParams),
      connection: this.connection,
      clock,
      ...options,
    });
  }

  static async start(setting: Setting = {}): Promise<AblyJsHarness> {
    const clock = new VirtualClock();
    const sandbox = createSandbox({ clock });
    const { host, port } = await sandbox.listen();
    const keyStr = sandbox.createApp().keys[0]?.keyStr ?? '';
    const harness = new AblyJsHarness(clock, sandbox, { host, port, keyStr }, setting);
    onTestFinished(async () => {
      harness.auth.dispose();
      harness.client.close();
      await sandbox.dispose();
    });
    return harness;
  }

  /** A connected harness with the first token. The records are empty. */
  static async connected(setting: Setting = {}): Promise<AblyJsHarness> {
    const harness = await AblyJsHarness.start(setting);
    await harness.client.connection.whenState('connected');
    await until(() => harness.auth.tokenDetails !== null);
    await harness.quiet();
    harness.states.length = 0;
    harness.happenings.length = 0;
    return harness;
  }

  get client(): Ably.Realtime {
    return this.connection.client;
  }

  get state(): string {
    return this.client.connection.state;
  }

  /** When the server's token of the connection expires. */
  get expiresAtServer(): number | undefined {
    return this.sandbox.connections[0]?.tokenExpires;
  }

  /** The code with which `authorize()` rejects; null if it resolves. */
  authorize(params?: TokenParams): Promise<number | null> {
    return this.auth.authorize(params).then(
      () => null,
      ({ code }) => code as number,
    );
  }

  /** The same for a server that does not answer, after the time limit. */
  async authorizeInVain(params?: TokenParams, timeoutMs = TIMEOUT_MS): Promise<number | null> {
    const { value: outcome } = await this.unanswered(() => this.authorize(params));
    await this.clock.advance(timeoutMs);
    return await outcome;
  }

  /** Does something that the server does not answer, and waits until it has arrived there. */
  async unanswered<T>(act: () => T): Promise<{ readonly value: T }> {
    const before = this.count('unanswered');
    const value = act();
    await until(() => this.count('unanswered') > before);
    return { value };
  }

  count(type: Happening['type']): number {
    return this.happenings.filter((one) => one === type).length;
  }

  fault(auth: FaultPlan['auth'] | null): void {
    this.sandbox.setFault(auth === null || auth === undefined ? null : { auth });
  }

  /** Resolves at the next event of this name. */
  told(what: 'connection.upgrade' | 'renewal.failed'): Promise<void> {
    return new Promise((resolve) => {
      this.auth.on(what, () => resolve());
    });
  }

  /** Waits until neither side does anything more. */
  async quiet(): Promise<void> {
    for (let turn = 0, seen = ''; turn < 8; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 4));
      await this.clock.advance(0);
      const now = [this.states.length, this.happenings.length, this.auth.state.value].join();
      if (now !== seen) turn = 0;
      seen = now;
    }
  }

  /** Advances the time, and waits for what it causes. */
  async pass(ms: number): Promise<void> {
    await this.quiet();
    await this.clock.advance(ms);
    await this.quiet();
  }
}

export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}
