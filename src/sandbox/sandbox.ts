import { type Clock, systemClock } from '../clock.js';
import { type AppInfo, type AppInit, Apps } from './apps.js';
import { Credentials } from './credentials.js';
import { type FaultPlan, Faults } from './faults.js';
import { type Listening, listen } from './listen.js';
import { type Happening, Log, type RequestFacts } from './log.js';
import { type MemorySocketClass, memorySocketClass } from './memory-socket.js';
import { type ConnectionFacts, Realtime } from './realtime.js';
import { matches } from './revocations.js';
import { routes } from './routes.js';
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
  /** What goes wrong from now on; null: nothing. Throws a TypeError for what is no fault. */
  setFault(plan: FaultPlan | null): void;
  /**
   * Calls `listener` at each happening, until the returned function is called. What a listener throws is
   * an uncaught error, and no concern of the service.
   */
  subscribe(listener: (happening: Happening) => void): () => void;
  /** Breaks every connection, fails what waits for an answer, frees its ports and timers. For good. */
  dispose(): Promise<void>;
}

/**
 * @param options.clock time, also the service's: tokens expire by it
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
export function createSandbox({ clock = systemClock }: { readonly clock?: Clock } = {}): Sandbox {
  const now = () => clock.now();
  const apps = new Apps();
  const tokens = new Tokens(apps, now);
  const credentials = new Credentials(apps, tokens);
  const faults = new Faults(clock);
  const log = new Log();
  const ports: Listening[] = [];
  let isOver = false;
  const realtime = new Realtime({
    clock,
    credentials,
    tokens,
    faults,
    happened: (type, { connectionId, clientId }, error) =>
      log.tell({ type, connectionId, clientId, ...(error === undefined ? {} : { error }) }),
    refused: (error) => log.tell({ type: 'refused', connectionId: null, clientId: null, error }),
  });
  const live = () => realtime.sessions.filter((session) => session.isConnected);
  const handle = routes({
    apps,
    credentials,
    requests: new TokenRequests(tokens, now),
    channels: realtime.channels,
    faults,
    revocations: tokens.revocations,
    revoked: (all) => {
      for (const one of all) {
        for (const session of live().filter(({ grant }) => matches(one, grant))) {
          if (one.appliesAt <= now()) session.disconnect(40141);
          else {
            session.ask();
            session.armEnd();
          }
        }
      }
    },
    deleted: (appId) => {
      for (const session of live()) if (session.grant.appId === appId) session.refuse(40400);
    },
    now,
  });
  const handleAndTell = async (request: Request) => {
    if (isOver) throw new TypeError('fetch failed: the sandbox was disposed of');
    const response = await handle(request);
    const { method } = request;
    const path = new URL(request.url).pathname;
    log.tell({ type: 'request', method, path, status: response.status, at: now() });
    return response;
  };
  return {
    fetch: async (input, init) => {
      const request = new Request(input, init);
      request.signal.throwIfAborted();
      const response = await handleAndTell(request);
      request.signal.throwIfAborted();
      return response;
    },
    WebSocket: memorySocketClass(realtime),
    requests: log.requests,
    get connections() {
      return realtime.connections;
    },
    async listen(options = {}) {
      if (isOver) throw new TypeError('the sandbox was disposed of');
      const listening = await listen(handleAndTell, realtime, options);
      ports.push(listening);
      return listening;
    },
    createApp: (init = {}) => apps.create(init),
    expireTokens() {
      tokens.expireAll();
      for (const session of live()) if (Number.isFinite(session.grant.expires)) session.disconnect(40142);
    },
    revokeTokens(clientId) {
      tokens.revoke(clientId);
      for (const session of live()) {
        const { grant } = session;
        if (!Number.isFinite(grant.expires) || (clientId !== undefined && grant.clientId !== clientId))
          continue;
        session.disconnect(40141);
      }
    },
    askForReauth() {
      for (const session of live()) session.ask();
    },
    cutConnections() {
      for (const session of live()) session.cut();
    },
    setFault(plan) {
      faults.plan = plan ?? {};
    },
    subscribe: (listener) => log.subscribe(listener),
    async dispose() {
      isOver = true;
      realtime.dispose();
      faults.dispose();
      await Promise.all(ports.splice(0).map((port) => port.close()));
      log.dispose();
    },
  };
}
