import { RealtimeConnection } from '../connection/index.js';
import { Auth, type ClientOptions } from '../index.js';
import { createSandbox, type Sandbox } from '../sandbox/index.js';
import type { Action } from '../studio/messages.js';
import { StepListener } from '../studio/steps.js';
import { Sealed } from '../token/sealed.js';
import { ShiftableClock } from './shiftable-clock.js';
import { startTokenEndpoint, type TokenEndpoint } from './token-endpoint.js';

export interface DemoOptions {
  /** How long a token lives, ms. */
  readonly ttlMs: number;
  /** How long the token endpoint takes to answer, ms. */
  readonly latencyMs: number;
  /** Default: ahead of time, by the client. */
  readonly renewal?: ClientOptions['renewal'];
}

/** A service, an application's token endpoint and a client of both, over real sockets on one clock. */
export interface Demo {
  readonly auth: Auth;
  readonly connection: RealtimeConnection;
  readonly sandbox: Sandbox;
  readonly clock: ShiftableClock;
  readonly steps: StepListener;
  readonly tokenEndpoint: TokenEndpoint;
  /** The key of the demo's app, boxed. */
  readonly key: Sealed<string>;
  readonly controls: Readonly<Record<Action, () => Promise<void>>>;
  dispose(): Promise<void>;
}

const HOUR_MS = 3_600_000;

export async function startDemo({ ttlMs, latencyMs, renewal }: DemoOptions): Promise<Demo> {
  const clock = new ShiftableClock();
  const sandbox = createSandbox({ clock });
  const { port, host } = await sandbox.listen();
  const [key] = sandbox.createApp({ keys: [{ revocableTokens: true }] }).keys;
  if (key === undefined) throw new TypeError('the sandbox made an app without a key');
  const tokenEndpoint = await startTokenEndpoint({ key: key.keyStr, clock, latencyMs });
  const steps = new StepListener();
  const connection = new RealtimeConnection({ endpoint: host, port, tls: false, clock, autoConnect: false });
  const auth = new Auth({
    authUrl: tokenEndpoint.url,
    defaultTokenParams: { ttl: ttlMs },
    clientId: 'ada',
    connection,
    endpoint: host,
    port,
    tls: false,
    clock,
    inspect: steps.inspect,
    // There is one client only: nobody to spread its first renewal from.
    renewal: renewal ?? { spread: 0 },
  });
  return {
    auth,
    connection,
    sandbox,
    clock,
    steps,
    tokenEndpoint,
    key: new Sealed(key.keyStr, 'key'),
    controls: {
      // Its outcome is an event like any other.
      authorize: async () => void auth.authorize().catch(() => {}),
      expire: async () => sandbox.expireTokens(),
      revoke: async () => sandbox.revokeTokens(),
      cut: async () => sandbox.cutConnections(),
      source: async () => {
        tokenEndpoint.isUp = !tokenEndpoint.isUp;
      },
      clock: async () => clock.shift(HOUR_MS),
    },
    async dispose() {
      auth.dispose();
      connection.close();
      await Promise.all([tokenEndpoint.close(), sandbox.dispose()]);
    },
  };
}
