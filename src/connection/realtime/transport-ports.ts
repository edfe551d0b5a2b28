import type { Clock } from '../../clock.js';
import { AGENT } from '../../http/agent.js';
import { baseUrl, type HostOptions, primaryHost } from '../../http/hosts.js';
import type { Log } from '../../log/log.js';
import type { SecretStore } from '../../redaction/secret-store.js';
import { formOf } from '../../text.js';
import type { ParsedConnectionOptions } from './options.js';
import { connectionParts } from './parts.js';
import type { ProtocolMessage } from './protocol.js';
import type { TransportPorts } from './transport.js';
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

/** The host of a connection, and the parameters in its address. */
export interface UrlOptions extends HostOptions {
  /** The clientId. null or absent: that of the token. @see RTN2d */
  readonly clientId?: string | null;
  /** Whether the client receives its own messages. Default: true. @see RTC1a */
  readonly echoMessages?: boolean;
  /**
   * The programs that use the connection, as `name/version`. They are added to Latchkey's own name.
   * @see RSC7d6
   */
  readonly agent?: string;
  /** More query parameters. @see RTC1f */
  readonly transportParams?: Readonly<Record<string, string | number | boolean>>;
}

/** The credentials and the host of one transport. */
interface Opening {
  /** A token, or an API key. @see RTN2e */
  readonly credentials: { readonly accessToken: string } | { readonly key: string };
  /** The key of the connection that is to be resumed. @see RTN15b1 */
  readonly resume: string | null;
  /** null: the primary host. */
  readonly host: string | null;
}

/** `wss://host`, with the port if it is not the usual one. */
export function realtimeBase(options: UrlOptions, host = primaryHost(options)): string {
  return baseUrl(host, options).replace(/^http/, 'ws');
}

/** The address of a connection. It contains the token, so it is never logged. @see RTN2 */
function connectionUrl(options: UrlOptions, { credentials, resume, host }: Opening): string {
  const { agent, clientId, echoMessages, transportParams = {} } = options;
  const query = {
    v: '6',
    format: 'json',
    heartbeats: 'true',
    agent: agent === undefined ? AGENT : `${AGENT} ${agent}`,
    ...(clientId === undefined || clientId === null ? {} : { clientId }),
    ...(echoMessages === false ? { echo: 'false' } : {}),
    ...Object.fromEntries(Object.entries(transportParams).map(([name, value]) => [name, String(value)])),
    ...(resume === null ? {} : { resume }),
    ...credentials,
  };
  return `${realtimeBase(options, host ?? undefined)}/?${formOf(Object.entries(query))}`;
}
