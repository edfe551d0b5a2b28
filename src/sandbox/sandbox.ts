import { method, record } from '../checks/option-checks.js';
import type { Clock } from '../clock.js';
import { appRoutes, createApp } from './app-routes.js';
import { type AppInfo, type AppInit, Apps } from './apps.js';
import { channelRoutes } from './channel-routes.js';
import { control, isControl } from './control-route.js';
import { controlsOf, type SandboxSizes, tellRevoked } from './controls.js';
import { Credentials } from './credentials.js';
import type { FaultPlan } from './fault-plan.js';
import { Dropped, Faults } from './faults.js';
import { keyRoutes } from './key-routes.js';
import { type Listening, listen } from './listen.js';
import { type Happening, Log, type RequestFacts } from './log.js';
import { type MemorySocketClass, memorySocketClass } from './memory-socket.js';
import { parseOptions, type SandboxOptions } from './options.js';
import { type ConnectionFacts, Realtime } from './realtime.js';
import { restApi } from './routes.js';
import { TokenRequests } from './token-requests.js';
import { Tokens } from './tokens.js';

/** An embedded, Ably-compatible auth and realtime service. State is in memory, one a sandbox. */
export interface Sandbox {
  /** For an `Auth`'s option `fetch`: every address is this service, and no port is used. */
  readonly fetch: typeof fetch;
  /** For a connection's option `WebSocket`, likewise. */
  readonly WebSocket: MemorySocketClass;
  /** What was asked over REST, the oldest first; the last 10,000. */
  readonly requests: readonly RequestFacts[];
  /** The connections that are up or can be resumed. */
  readonly connections: readonly ConnectionFacts[];
  /** On a port of its own: 0, the default, for any free one. Rejects with the system's error when it is taken. */
  listen(options?: { readonly port?: number; readonly host?: string }): Promise<Listening>;
  /** What `POST /apps` does. Throws with code 40000 or 40001 when `init` is no app. */
  createApp(init?: AppInit): AppInfo;
  /** Every token there is expires now; live connections are disconnected with 40142. */
  expireTokens(): void;
  /** Tokens, of one client or all, are revoked; their live connections are disconnected with 40141. */
  revokeTokens(clientId?: string): void;
  /** Asks every live connection for a new token (RTN22). */
  askForReauth(): void;
  /** Breaks every transport without a word; connections can be resumed. */
  cutConnections(): void;
  /** A key, and every token it issued, is good for nothing any more (40131); its connections fail. */
  revokeKey(keyName: string): void;
  /** What goes wrong now. */
  readonly fault: FaultPlan;
  /**
   * What goes wrong from now on, instead of what did; null: nothing. Throws with code 40003 for what is no
   * fault, and changes nothing then.
   */
  setFault(plan: FaultPlan | null): void;
  /** How many of what is held in memory. All of it has an upper bound. */
  readonly sizes: SandboxSizes;
  /**
   * Calls `listener` at each happening, until the returned function is called. What a listener throws is
   * an uncaught error, and no concern of the service.
   */
  subscribe(listener: (happening: Happening) => void): () => void;
  /** Breaks every connection, fails what waits for an answer, frees its ports and timers. For good. */
  dispose(): Promise<void>;
}

/**
 * Makes a service of its own: nothing is shared with another one.
 *
 * @throws {ErrorInfo} 40003 an option that is unknown or cannot be used, by its name; so do the methods for their
 * arguments
 *
 * @example
 * ```ts
 * import { Auth } from 'latchkey';
 * import { createSandbox } from 'latchkey/sandbox';
 *
 * const sandbox = createSandbox();
 * const [key] = sandbox.createApp().keys;
 * const auth = new Auth({ key: key?.keyStr ?? '', fetch: sandbox.fetch });
 * const { expires } = await auth.authorize();
 * console.log(expires);
 * auth.dispose();
 * ```
 */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const { clock: wallClock, random, basicNeedsTls, reauthByAnyKey } = parseOptions(options);
  const faults = new Faults(wallClock, random);
  const clock = skewed(wallClock, () => faults.clockSkewMs);
  const now = () => clock.now();
  const apps = new Apps();
  const tokens = new Tokens(apps, now);
  const requests = new TokenRequests(tokens, now);
  const credentials = new Credentials(apps, tokens, basicNeedsTls);
  const log = new Log();
  const ports: Listening[] = [];
  let isOver = false;
  const realtime = new Realtime({
    clock,
    credentials,
    tokens,
    faults,
    reauthByAnyKey,
    happened: (type, { connectionId, clientId }, error) =>
      log.tell({ type, connectionId, clientId, ...(error === undefined ? {} : { error }) }),
    refused: (error) => log.tell({ type: 'refused', connectionId: null, clientId: null, error }),
  });
  const { channels } = realtime;
  const controls = controlsOf({ apps, tokens, requests, faults, realtime });
  const handle = restApi(
    [
      ...channelRoutes({ credentials, channels, now }),
      ...keyRoutes({
        apps,
        credentials,
        requests,
        revocations: tokens.revocations,
        revoked: (all) => tellRevoked(all, realtime, now()),
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
    ],
    { faults, clock },
  );
  const handleAndTell = async (request: Request) => {
    if (isOver) throw new Dropped('the sandbox was disposed of');
    const response = await handle(request);
    const { method } = request;
    const path = new URL(request.url).pathname;
    log.tell({ type: 'request', method, path, status: response.status, at: now() });
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
      const response = await handleAndTell(request);
      request.signal.throwIfAborted();
      return response;
    },
    WebSocket: memorySocketClass(realtime),
    requests: log.requests,
    async listen(options = {}) {
      if (isOver) throw new TypeError('the sandbox was disposed of');
      const listening = await listen(
        (request, from) =>
          isControl(request, from) ? control(request, controls, clock) : handleAndTell(request),
        realtime,
        options,
      );
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

/** The same clock, showing another time. */
function skewed(clock: Clock, skewMs: () => number): Clock {
  return {
    now: () => clock.now() + skewMs(),
    monotonic: () => clock.monotonic(),
    setTimeout: (fn, ms) => clock.setTimeout(fn, ms),
    clearTimeout: (handle) => clock.clearTimeout(handle),
  };
}
