import type { Clock } from '../../clock.js';
import type { Log } from '../../log/log.js';
import type { SecretStore } from '../../redaction/secret-store.js';
import type { ParsedConnectionOptions } from './options.js';
import { connectionParts } from './parts.js';
import type { ProtocolMessage } from './protocol.js';
import type { TransportPorts } from './transport.js';
import { connectionUrl } from './url.js';
import type { WebSocketLike } from './websocket.js';

/** What a transport needs to know about its connection, and tells it. */
export interface TransportOwner extends Pick<TransportPorts, 'opened' | 'passOn' | 'hasSlept'> {
  /** The Auth that the connection is attached to. */
  attachedId(): string | undefined;
}

/** The ports of the transports of a connection. */
export class ConnectionTransportPorts implements TransportPorts {
  readonly #options: ParsedConnectionOptions;
  readonly #owner: TransportOwner;

  constructor(options: ParsedConnectionOptions, owner: TransportOwner) {
    this.#options = options;
    this.#owner = owner;
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

  open({ token, resume, host }: Parameters<TransportPorts['open']>[0]): WebSocketLike {
    const { failures } = connectionParts;
    if (failures.loaded === undefined) failures.load().catch(() => {});
    const { WebSocket, key, url } = this.#options;
    const credentials =
      token === null && key !== undefined ? { key: key.expose() } : { accessToken: token ?? '' };
    const clientId = url.clientId ?? this.#owner.attachedId() ?? null;
    return new WebSocket(connectionUrl({ ...url, clientId }, { credentials, resume, host }));
  }

  opened(socket: WebSocketLike | null): void {
    this.#owner.opened(socket);
  }

  passOn(message: ProtocolMessage): void {
    this.#owner.passOn(message);
  }

  hasSlept(): boolean {
    return this.#owner.hasSlept();
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
