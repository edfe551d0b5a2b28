import { listen } from '#sandbox-listen';
import { method, record } from '../checks/option-checks.js';
import type { Clock } from '../clock.js';
import { appRoutes, createApp } from './app-routes.js';
import { type AppInfo, type AppInit, Apps } from './apps.js';
import { batchRoutes } from './batch-routes.js';
import { channelRoutes } from './channel-routes.js';
import { controlsOf, endRevoked, type SandboxSizes } from './controls.js';
import { Credentials } from './credentials.js';
import type { FaultPlan } from './fault-plan.js';
import { Dropped, Faults } from './faults.js';
import { keyRoutes } from './key-routes.js';
import type { Listening, ListenOptions } from './listening.js';
import { type Happening, Log, type RequestFacts } from './log.js';
import { type MemorySocketClass, memorySocketClass } from './memory-socket.js';
import { parseOptions, type SandboxOptions } from './options.js';
import { type ConnectionFacts, Realtime } from './realtime.js';
import { restApi } from './routes.js';
import { TokenRequests } from './token-requests.js';
import { Tokens } from './tokens.js';
import { unofferedRoutes } from './unoffered-routes.js';

/** An embedded, Ably-compatible auth and realtime service. Each sandbox has its own state, in memory. */
export interface Sandbox {
  /** For the option `fetch` of an `Auth`: requests to every address go to this sandbox, without a port. */
  readonly fetch: typeof fetch;
  /** For the option `WebSocket` of a connection: connections to every address go to this sandbox. */
  readonly WebSocket: MemorySocketClass;
  /** The REST requests, the oldest first; the last 10,000. */
  readonly requests: readonly RequestFacts[];
  /** The connections that are connected or can be resumed. */
  readonly connections: readonly ConnectionFacts[];
  /**
   * Listens on a port; 0, the default, means any free port. Rejects with the system's error if the port is
   * taken, and with code 40003 outside of Node: a page cannot listen.
   */
  listen(options?: ListenOptions): Promise<Listening>;
  /** Creates an app, like `POST /apps`. Throws an error with code 40000 or 40001 if `init` is invalid. */
  createApp(init?: AppInit): AppInfo;
  /** Makes every token expire now; live connections are disconnected with 40142. */
  expireTokens(): void;
  /** Revokes the tokens of one client or all tokens; live connections are disconnected with 40141. */
  revokeTokens(clientId?: string): void;
  /** Asks every live connection for a new token (RTN22). */
  askForReauth(): void;
  /** Breaks every transport; the connections can be resumed. */
  cutConnections(): void;
  /** Revokes a key and every token that it issued (40131); its connections fail. */
  revokeKey(keyName: string): void;
  /** The current faults. */
  readonly fault: FaultPlan;
  /**
   * Replaces the faults; null removes them. Throws an error with code 40003 if the plan is invalid; then
   * nothing changes.
   */
  setFault(plan: FaultPlan | null): void;
  /** The number of things in memory. Each has an upper limit. */
  readonly sizes: SandboxSizes;
  /**
   * Calls `listener` for each event, until the returned function is called. An error that a listener throws
   * is reported as uncaught, and does not affect the service.
   */
  subscribe(listener: (happening: Happening) => void): () => void;
  /** Breaks every connection, fails the requests without an answer, and frees ports and timers. */
  dispose(): Promise<void>;
}

/**
 * Creates a sandbox, which shares nothing with other sandboxes.
 *
 * @throws {ErrorInfo} 40003 names the option that is unknown or invalid; so do the methods for their arguments
 *
 * @example
 * ```ts
 * import { Auth } from 'latchkey';
 * import { createSandbox } from 'latchkey/sandbox';
 *
 * const sandbox = createSandbox();
 * const { key } = sandbox.createApp();
 * const auth = new Auth({ key, fetch: sandbox.fetch });
 * const { expires } = await auth.authorize();
 * console.log(expires);
 * auth.dispose();
 * ```
 */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const { clock: wallClock, random, basicNeedsTls, reauthByAnyKey, pricing } = parseOptions(options);
  const isMau = pricing === 'mau';
  const faults = new Faults(wallClock, random);
  const clock = skewed(wallClock, () => faults.clockSkewMs);
  const now = () => clock.now();
  const apps = new Apps();
  const tokens = new Tokens(apps, now);
  const requests = new TokenRequests(tokens, now);
  const credentials = new Credentials(apps, tokens, basicNeedsTls, isMau);
  const log = new Log();
  const ports: Listening[] = [];
  let isOver = false;
  const realtime = new Realtime({
    clock,
    credentials,
    tokens,
    faults,
    reauthByAnyKey,
    isMau,
    happened: (type, { connectionId, clientId }, error) =>
      log.report({ type, connectionId, clientId, ...(error === undefined ? {} : { error }) }),
    refused: (error) => log.report({ type: 'refused', connectionId: null, clientId: null, error }),
  });
  const { channels } = realtime;
  const controls = controlsOf({ apps, tokens, requests, faults, realtime });
  const onChannels = { credentials, channels, now, connectionOf: (key: string) => realtime.find(key) };
  const handle = restApi(
    [
      ...channelRoutes(onChannels),
      ...batchRoutes(onChannels),
      ...keyRoutes({
        apps,
        credentials,
        requests,
        revocations: tokens.revocations,
        revoked: (all) => endRevoked(all, realtime, now()),
      }),
      ...appRoutes({
        apps,
        credentials,
        channels,
        deleted: (appId) => {
          for (const session of realtime.sessions)
            if (session.grant.appId === appId) session.refuse('no such app');
        },
        now,
      }),
      ...unofferedRoutes(credentials),
    ],
    { faults, clock },
  );
  const handleAndReport = async (request: Request) => {
    if (isOver) throw new Dropped('the sandbox was disposed of');
    const response = await handle(request);
    const { method } = request;
    const path = new URL(request.url).pathname;
    log.report({ type: 'request', method, path, status: response.status, at: now() });
    return response;
  };
  return {
    ...controls,
    get fault() {
      return controls.fault;
    },
    get sizes() {
      return controls.sizes;
    },
    get connections() {
      return controls.connections;
    },
    fetch: async (input, init) => {
      const request = new Request(input, init);
      request.signal.throwIfAborted();
      const response = await handleAndReport(request);
      request.signal.throwIfAborted();
      return response;
    },
    WebSocket: memorySocketClass(realtime),
    requests: log.requests,
    async listen(options = {}) {
      if (isOver) throw new TypeError('the sandbox was disposed of');
      const listening = await listen({ handle: handleAndReport, realtime, controls, clock }, options);
      ports.push(listening);
      return listening;
    },
    createApp: (init) => createApp({ apps, channels }, record('init', init ?? {})),
    subscribe(listener) {
      method('listener', listener ?? (null as never));
      return log.subscribe(listener);
    },
    async dispose() {
      isOver = true;
      realtime.dispose();
      faults.dispose();
      await Promise.all(ports.splice(0).map((port) => port.close()));
      log.dispose();
    },
  };
}

/** The same clock with an offset to its wall time. */
function skewed(clock: Clock, skewMs: () => number): Clock {
  return {
    now: () => clock.now() + skewMs(),
    monotonic: () => clock.monotonic(),
    setTimeout: (fn, ms) => clock.setTimeout(fn, ms),
    clearTimeout: (handle) => clock.clearTimeout(handle),
  };
}
