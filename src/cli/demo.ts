import { RealtimeConnection } from '../connection/index.js';
import { Auth, type ClientOptions } from '../index.js';
import { createSandbox, type Sandbox } from '../sandbox/index.js';
import { Secret } from '../token/secret.js';
import { Device } from './device.js';
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
  /** The world's. */
  readonly clock: ShiftableClock;
  /** What the client runs on. */
  readonly device: Device;
  readonly tokenEndpoint: TokenEndpoint;
  readonly ttlMs: number;
  /** The key of the demo's app, boxed. */
  readonly key: Secret<string>;
  dispose(): Promise<void>;
}

/** Where time runs sixty times as fast, a busy machine must not look like a server that is down. */
const PATIENCE_MS = 60_000;

export async function startDemo({ ttlMs, latencyMs, renewal }: DemoOptions): Promise<Demo> {
  const clock = new ShiftableClock();
  const device = new Device(clock);
  const sandbox = createSandbox({ clock });
  const { port, host } = await sandbox.listen();
  const [key] = sandbox.createApp({ keys: [{ revocableTokens: true }] }).keys;
  if (key === undefined) throw new TypeError('the sandbox made an app without a key');
  const tokenEndpoint = await startTokenEndpoint({ key: key.keyStr, clock, latencyMs });
  const connection = new RealtimeConnection({
    endpoint: host,
    port,
    tls: false,
    clock: device.clock,
    autoConnect: false,
    realtimeRequestTimeout: PATIENCE_MS,
  });
  const auth = new Auth({
    authUrl: tokenEndpoint.url,
    // Who it is stands in the token alone, so that it can become somebody else.
    defaultTokenParams: { ttl: ttlMs, clientId: 'ada' },
    connection,
    // The studio shows what happens.
    logLevel: 'none',
    endpoint: host,
    port,
    tls: false,
    clock: device.clock,
    environment: device.environment,
    realtimeRequestTimeout: PATIENCE_MS,
    httpOpenTimeout: PATIENCE_MS,
    httpRequestTimeout: PATIENCE_MS,
    // There is one client only: nobody to spread its first renewal from.
    renewal: renewal ?? { spread: 0 },
  });
  return {
    auth,
    connection,
    sandbox,
    clock,
    device,
    tokenEndpoint,
    ttlMs,
    key: new Secret(key.keyStr, 'key'),
    async dispose() {
      auth.dispose();
      connection.close();
      await Promise.all([tokenEndpoint.close(), sandbox.dispose()]);
    },
  };
}
