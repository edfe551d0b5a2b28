import { RealtimeConnection } from '../connection/index.js';
import { Auth, type ClientOptions } from '../index.js';
import { createSandbox, type Sandbox } from '../sandbox/index.js';
import { Secret } from '../token/secret.js';
import { Device } from './device.js';
import type { ServicePlace } from './service-place.js';
import { ShiftableClock } from './shiftable-clock.js';
import { startTokenEndpoint, type TokenEndpoint } from './token-endpoint.js';

export interface DemoOptions {
  /** The lifetime of tokens, ms. */
  readonly ttlMs: number;
  /** How long the token endpoint takes to answer, ms. */
  readonly latencyMs: number;
  /** Default: renewal by the client, ahead of expiry. */
  readonly renewal?: ClientOptions['renewal'];
}

/** A service, an application's token endpoint and a client, over real sockets on one clock. */
export interface Demo {
  readonly auth: Auth;
  readonly connection: RealtimeConnection;
  readonly sandbox: Sandbox;
  /** The clock of service and endpoint. */
  readonly clock: ShiftableClock;
  /** The device of the client. */
  readonly device: Device;
  readonly tokenEndpoint: TokenEndpoint;
  readonly ttlMs: number;
  /** Where the service is, with the key of the demo's app. */
  place(): ServicePlace;
  /** The key of the demo's app, as a secret. */
  readonly key: Secret<string>;
  dispose(): Promise<void>;
}

/** The timeouts, ms: long, so that a busy machine does not look like a failed server at 60 times the speed. */
const TIMEOUT_MS = 60_000;

export async function startDemo({ ttlMs, latencyMs, renewal }: DemoOptions): Promise<Demo> {
  const clock = new ShiftableClock();
  const device = new Device(clock);
  const sandbox = createSandbox({ clock });
  const { port, host } = await sandbox.listen();
  const { key } = sandbox.createApp({ keys: [{ revocableTokens: true }] });
  const tokenEndpoint = await startTokenEndpoint({ key, clock, latencyMs });
  const connection = new RealtimeConnection({
    endpoint: host,
    port,
    tls: false,
    clock: device.clock,
    autoConnect: false,
    realtimeRequestTimeout: TIMEOUT_MS,
  });
  const auth = new Auth({
    authUrl: tokenEndpoint.url,
    // The identity is only in the token, so that the user can be switched.
    defaultTokenParams: { ttl: ttlMs, clientId: 'ada' },
    connection,
    // The studio shows the events.
    logLevel: 'none',
    endpoint: host,
    port,
    tls: false,
    clock: device.clock,
    environment: device.environment,
    realtimeRequestTimeout: TIMEOUT_MS,
    httpOpenTimeout: TIMEOUT_MS,
    httpRequestTimeout: TIMEOUT_MS,
    // There is only one client, so its first renewal needs no spread.
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
    place: () => ({ endpoint: host, port, tls: false, key }),
    key: new Secret(key, 'key'),
    async dispose() {
      auth.dispose();
      connection.close();
      await Promise.all([tokenEndpoint.close(), sandbox.dispose()]);
    },
  };
}
