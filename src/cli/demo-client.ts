import { RealtimeConnection, type RealtimeConnectionOptions } from '../connection/index.js';
import { Auth, type ClientOptions } from '../index.js';
import type { Sandbox } from '../sandbox/index.js';
import { Secret } from '../token/secret.js';
import { Device } from './device.js';
import type { ServicePlace } from './service-place.js';
import type { ShiftableClock } from './shiftable-clock.js';
import type { TokenEndpoint } from './token-endpoint.js';

/** What can be set about a demo. */
export interface DemoOptions {
  /** The lifetime of tokens, ms. */
  readonly ttlMs: number;
  /** How long the token endpoint takes to answer, ms. */
  readonly latencyMs: number;
  /** Default: renewal by the client, ahead of expiry. */
  readonly renewal?: ClientOptions['renewal'];
}

/**
 * The demo of `npm start` and of the playground. The lifetime of tokens is short enough to see a renewal soon, and under
 * 30 s, so that the client renews before the service asks.
 */
export const usual: DemoOptions = { ttlMs: 25_000, latencyMs: 700 };

/** Where the client of a demo finds its service and its endpoint. */
export interface DemoParts {
  readonly clock: ShiftableClock;
  readonly sandbox: Sandbox;
  /** The key of the demo's app. */
  readonly key: string;
  readonly tokenEndpoint: TokenEndpoint;
  /** Where the service is. */
  readonly address: Pick<ServicePlace, 'endpoint' | 'port' | 'tls'>;
  /** The ways to reach both. Default: the network. */
  readonly fetch?: typeof fetch;
  readonly WebSocket?: RealtimeConnectionOptions['WebSocket'];
}

/** A service, an application's token endpoint and a client, on one clock. */
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

/** Adds a client to a service and an endpoint. */
export function demoOf(parts: DemoParts, { ttlMs, renewal }: DemoOptions): Demo {
  const { clock, sandbox, key, tokenEndpoint, address, fetch, WebSocket } = parts;
  const device = new Device(clock);
  const connection = new RealtimeConnection({
    ...address,
    clock: device.clock,
    autoConnect: false,
    realtimeRequestTimeout: TIMEOUT_MS,
    ...(WebSocket === undefined ? {} : { WebSocket }),
  });
  const auth = new Auth({
    authUrl: tokenEndpoint.url,
    // The identity is only in the token, so that the user can be switched.
    defaultTokenParams: { ttl: ttlMs, clientId: 'ada' },
    connection,
    // The studio shows the events.
    logLevel: 'none',
    ...address,
    clock: device.clock,
    environment: device.environment,
    realtimeRequestTimeout: TIMEOUT_MS,
    httpOpenTimeout: TIMEOUT_MS,
    httpRequestTimeout: TIMEOUT_MS,
    // There is only one client, so its first renewal needs no spread.
    renewal: renewal ?? { spread: 0 },
    ...(fetch === undefined ? {} : { fetch }),
  });
  return {
    auth,
    connection,
    sandbox,
    clock,
    device,
    tokenEndpoint,
    ttlMs,
    place: () => ({ ...address, key }),
    key: new Secret(key, 'key'),
    async dispose() {
      auth.dispose();
      connection.close();
      await Promise.all([tokenEndpoint.close(), sandbox.dispose()]);
    },
  };
}
