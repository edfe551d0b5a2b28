import { type Actor, createActor } from 'xstate';
import { connectionMachine } from '../../../machines/connection.machine.js';
import type { ConnectionEvent } from '../../../machines/connection-context.js';
import { sharing } from '../../../machines/in-time.js';
import { type Late, late } from '../../async/late.js';
import type { Clock, ClockReading } from '../../clock.js';
import { ErrorInfo } from '../../errors/error-info.js';
import { lateInspector } from '../../inspection/late-inspector.js';
import type { Log } from '../../log/log.js';
import { isDevice } from '../../platform/globals.js';
import type { SecretStore } from '../../redaction/secret-store.js';
import { Secret } from '../../token/secret.js';
import type { AttachedClient } from '../port.js';
import type { ParsedConnectionOptions } from './options.js';
import { connectionParts } from './parts.js';
import type { Pings } from './pings.js';
import type { ProtocolMessage } from './protocol.js';
import type { Recovery } from './recovery.js';
import type { RecoveryOption } from './recovery-option.js';
import type { ConnectionSubscribers } from './subscribers.js';
import {
  checkTheNetwork,
  type PassedMessage,
  pageWasFrozen,
  type TransportPorts,
  transport,
} from './transport.js';
import { connectionUrl } from './url.js';
import type { WebSocketLike } from './websocket.js';

/** What a connection and its transports share. */
export class ConnectionTransportPorts implements TransportPorts {
  /** The socket of the current transport. */
  socket: WebSocketLike | null = null;
  /** The Auth that the connection is attached to. */
  attached: AttachedClient | undefined;
  /** When the token was received. */
  tokenAt: ClockReading | undefined;
  /** Most connections never send a ping, so this is made at the first one. */
  pings: Pings | undefined;
  /** What listens to the traffic. undefined: nothing did so far. */
  traffic: Set<PassedMessage> | undefined;
  /** What another client needs to continue the connection. */
  readonly recovery: Late<Recovery>;
  readonly #options: ParsedConnectionOptions;
  readonly #subscribers: ConnectionSubscribers;

  constructor(
    options: ParsedConnectionOptions,
    subscribers: ConnectionSubscribers,
    recovery: RecoveryOption,
  ) {
    this.recovery = late(connectionParts.failures, ({ Recovery }) => new Recovery(recovery, options.log));
    this.#options = options;
    this.#subscribers = subscribers;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  get log(): Log {
    return this.#options.log;
  }

  get secrets(): SecretStore {
    return this.#options.secrets;
  }

  get graceMs(): number {
    return this.#options.times.requestTimeoutMs;
  }

  random(): number {
    return this.#options.random();
  }

  open({ token, ...opening }: Parameters<TransportPorts['open']>[0]): WebSocketLike {
    // Loads its code, with that for failures.
    this.recovery.run(() => {});
    const { WebSocket, key, url } = this.#options;
    const credentials =
      token === null && key !== undefined ? { key: key.expose() } : { accessToken: token ?? '' };
    // The connection's own options come first.
    const heartbeats = WebSocket.seesPings ? 'false' : isDevice() ? 'bounce' : 'true';
    return new WebSocket(
      connectionUrl({ ...this.attached, ...url }, { ...opening, credentials, heartbeats }),
    );
  }

  opened(socket: WebSocketLike | null): void {
    this.socket = socket;
  }

  passOn(message: ProtocolMessage): void {
    this.recovery.now?.received(message);
    if (!this.pings?.take(message)) this.#subscribers.received(message);
  }

  passed(...message: Parameters<PassedMessage>): void {
    this.traffic?.forEach((listener) => {
      listener(...message);
    });
  }

  hasSlept(): boolean {
    return (this.tokenAt?.sleptMs ?? 0) > 0;
  }

  isReachable(signal: AbortSignal): Promise<boolean> {
    const { clock, connectivityCheckUrl: url, fetch, times } = this.#options;
    // Without the code nothing is known of the network: then the next host is tried.
    return connectionParts.failures.load().then(
      ({ isReachable }) => isReachable({ url, fetch, clock, timeoutMs: times.requestTimeoutMs }, signal),
      () => true,
    );
  }
}

/** One machine for all connections. */
const machine = sharing(
  connectionMachine.provide({ actors: { transport, 'check the network': checkTheNetwork } }),
);

/** The actor of one connection. */
export type ConnectionActor = Actor<typeof machine>;

/** Makes the actor, without starting it. */
export function connectionActor(
  { clock, fallbackHosts, inspect, key, log, times, url }: ParsedConnectionOptions,
  ports: TransportPorts,
  recover?: string,
): ConnectionActor {
  return createActor(machine, {
    id: 'connection',
    systemId: 'connection',
    clock,
    input: {
      ports: new Secret(ports, 'ports'),
      times,
      usesKey: key !== undefined,
      clientId: url.clientId ?? undefined,
      fallbackHosts,
      recover,
    },
    ...(inspect === undefined
      ? {}
      : { inspect: lateInspector(connectionParts.inspection, inspect, () => false, log) }),
  });
}

/**
 * RTN20: passes the platform's reports about the network and the page to the machine, until the returned function is
 * called.
 */
export function watchNetwork(
  { environment }: ParsedConnectionOptions,
  send: (event: ConnectionEvent) => void,
): () => void {
  return environment.watch((what) => {
    if (what === 'online') send({ type: 'network.back' });
    if (what === 'awake') send({ type: 'page.shown' });
    if (what === 'frozen') send({ type: 'page.frozen', error: pageWasFrozen() });
    if (what !== 'offline') return;
    send({ type: 'network.lost', error: new ErrorInfo({ code: 80003, message: 'the network is gone' }) });
  });
}
