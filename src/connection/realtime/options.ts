import { WebSocketImpl } from '#websocket';
import type { ConnectionTimes } from '../../../machines/connection-context.js';
import {
  checkNames,
  type Elsewhere,
  flag,
  invalidOption,
  method,
  given as optionsIn,
  record,
  wholeNumber,
} from '../../checks/option-checks.js';
import { type Clock, systemClock } from '../../clock.js';
import { type Environment, platformEnvironment } from '../../environment.js';
import { ErrorInfo } from '../../errors/error-info.js';
import { fallbackHosts } from '../../http/fallback-hosts.js';
import { checkHosts, hostOptionNames } from '../../http/hosts.js';
import type { InspectionTarget } from '../../inspection/inspector.js';
import { warnOfKey } from '../../log/key-warning.js';
import { type Log, type LogOptions, logIn } from '../../log/log.js';
import { sdkOptions } from '../../options/elsewhere.js';
import { checkClock, checkEnvironment, checkInspect } from '../../options/option-ports.js';
import { addressOf } from '../../platform/address.js';
import { type FetchFunction, platformFetch } from '../../platform/fetch.js';
import { checkPlatform } from '../../platform/globals.js';
import { lacking } from '../../platform/lacking.js';
import { SecretStore } from '../../redaction/secret-store.js';
import { parseApiKey } from '../../token/api-key.js';
import { clientTypeIn } from '../../token/client-type.js';
import { checkClientId } from '../../token/identity.js';
import { Secret } from '../../token/secret.js';
import { realtimeBase, type UrlOptions } from './url.js';
import type { WebSocketClass } from './websocket.js';

/** The options of a {@link RealtimeConnection}. Times are whole ms. The tokens come from its Auth. */
export interface RealtimeConnectionOptions extends UrlOptions, LogOptions {
  /**
   * Connects with an API key, without an Auth. This is for backends that you trust. A token of an Auth replaces
   * the key for good.
   * @see RTN2e, RSA10a
   */
  readonly key?: string;
  /**
   * A recovery key: the connection of an earlier client is continued, for example after a page was loaded again. It is
   * used until the connection is connected, closed or failed. It is a secret. null: a new connection.
   * @see {@link RealtimeConnection.createRecoveryKey}, RTN16, TO3i
   */
  readonly recover?: string | null;
  /** Whether to connect as soon as there is an Auth. Default: true. @see RTC1b */
  readonly autoConnect?: boolean;
  /** The time limit for each answer of the server, and for opening a transport. Default: 10,000. @see TO3l11 */
  readonly realtimeRequestTimeout?: number;
  /** The wait between tries to connect while the server keeps the connection. Default: 15,000. @see TO3l1 */
  readonly disconnectedRetryTimeout?: number;
  /** The wait between tries to connect after that. Default: 30,000. @see TO3l2 */
  readonly suspendedRetryTimeout?: number;
  /** How long the server keeps a lost connection. The server may say another time. Default: 120,000. @see DF1a */
  readonly connectionStateTtl?: number;
  /**
   * The address of a page that says `yes`. It is requested before fallback hosts are tried, to find out whether
   * there is a network.
   * @see REC3
   */
  readonly connectivityCheckUrl?: string;
  /** Replaces the platform's `fetch` for that request. It is called with an address and an object. */
  readonly fetch?: FetchFunction;
  /** Replaces the platform's `WebSocket`. */
  readonly WebSocket?: WebSocketClass;
  /** Replaces what the page or worker reports about the network. @see RTN20 */
  readonly environment?: Environment;
  /**
   * Whether the connection keeps the process alive while it waits to connect again, or for the answer to a ping.
   * An open socket does so anyway. Default: true. Without effect where timers keep no process alive, for example
   * in a page.
   */
  readonly keepAlive?: boolean;
  /** Replaces the clock of the platform. */
  readonly clock?: Clock;
  /** Replaces `Math.random`: returns a number in [0, 1). It only spreads reconnections. */
  readonly random?: () => number;
  /** An XState inspector, or any function that receives inspection events. The events contain no secret. */
  readonly inspect?: InspectionTarget;
}

/** The options after all checks, with defaults. */
export interface ParsedConnectionOptions {
  readonly url: UrlOptions;
  readonly fallbackHosts: readonly string[];
  readonly key: Secret<string> | undefined;
  readonly autoConnect: boolean;
  /** undefined: that of the service. */
  readonly connectivityCheckUrl: string | undefined;
  readonly fetch: FetchFunction;
  readonly environment: Environment;
  readonly times: ConnectionTimes;
  readonly WebSocket: WebSocketClass;
  readonly keepAlive: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly inspect: InspectionTarget | undefined;
  readonly log: Log;
  /** The secrets that no error and no log line may show. */
  readonly secrets: SecretStore;
}

const urlNames = [
  ...hostOptionNames,
  'clientId',
  'clientType',
  'echoMessages',
  'agent',
  'transportParams',
] as const satisfies readonly (keyof UrlOptions)[];

const names: readonly string[] = [
  ...urlNames,
  'key',
  'recover',
  'autoConnect',
  'connectivityCheckUrl',
  'fetch',
  'environment',
  'realtimeRequestTimeout',
  'disconnectedRetryTimeout',
  'suspendedRetryTimeout',
  'connectionStateTtl',
  'WebSocket',
  'keepAlive',
  'clock',
  'random',
  'inspect',
  'logLevel',
  'logHandler',
];

const elsewhere: Elsewhere = [
  [
    'A connection gets its tokens from an Auth: new Auth({ …, connection }).',
    'token tokenDetails authCallback authUrl authMethod authHeaders authParams authCacheParam authCredentials queryTime useTokenAuth defaultTokenParams renewal randomBytes',
  ],
  sdkOptions,
];

/** @throws {ErrorInfo} 40003, 40005, 40012, 40103 */
export function parseConnectionOptions(options: RealtimeConnectionOptions): ParsedConnectionOptions {
  checkNames(record('options', options), names, elsewhere);
  const given = optionsIn(options, names);
  checkPlatform();
  const url = parseUrlOptions(given);
  const key = parseKey(given);
  const secrets = new SecretStore({ key, url }, secretsOf);
  const log = logIn(given, secrets);
  warnOfKey(given.key, log);
  return Object.freeze({
    url,
    fallbackHosts: Object.freeze([...fallbackHosts(url)]),
    key,
    connectivityCheckUrl: checkUrl(given.connectivityCheckUrl),
    fetch: method('fetch', given.fetch) ?? platformFetch,
    environment: checkEnvironment(given.environment) ?? platformEnvironment,
    autoConnect: flag('autoConnect', given.autoConnect) ?? true,
    times: Object.freeze({
      requestTimeoutMs: wholeNumber('realtimeRequestTimeout', given.realtimeRequestTimeout) ?? 10_000,
      disconnectedRetryMs: wholeNumber('disconnectedRetryTimeout', given.disconnectedRetryTimeout) ?? 15_000,
      suspendedRetryMs: wholeNumber('suspendedRetryTimeout', given.suspendedRetryTimeout) ?? 30_000,
      stateTtlMs: wholeNumber('connectionStateTtl', given.connectionStateTtl) ?? 120_000,
    }),
    WebSocket: webSocketClass(given.WebSocket),
    keepAlive: flag('keepAlive', given.keepAlive) ?? true,
    clock: checkClock(given.clock) ?? systemClock,
    random: method('random', given.random) ?? Math.random,
    inspect: checkInspect(given.inspect),
    log,
    secrets,
  });
}

/** The key, its secret, and what may be a secret in `transportParams`: not `true`. */
function secretsOf({ key, url }: Pick<ParsedConnectionOptions, 'key' | 'url'>): readonly string[] {
  const { transportParams = {} } = url;
  const pair = key === undefined ? [] : [key.expose(), parseApiKey(key.expose()).secret];
  return [
    ...pair,
    ...Object.values(transportParams)
      .map(String)
      .filter(({ length }) => length >= 8),
  ];
}

function parseKey({ key, tls }: RealtimeConnectionOptions): Secret<string> | undefined {
  if (key === undefined) return undefined;
  parseApiKey(key);
  if (tls !== false) return new Secret(key, 'key');
  throw new ErrorInfo({ code: 40103, message: 'the key would be sent without TLS' });
}

function checkUrl(given: unknown): string | undefined {
  if (given === undefined) return given;
  if (typeof given === 'string' && /^https?:/.test(addressOf(given)?.protocol ?? '')) return given;
  throw invalidOption('connectivityCheckUrl', 'an http or https address', given);
}

function parseUrlOptions(given: RealtimeConnectionOptions): UrlOptions {
  const { clientId, transportParams } = given;
  checkHosts(given);
  flag('tls', given.tls);
  flag('echoMessages', given.echoMessages);
  for (const name of ['agent', 'recover'] as const)
    if (given[name] !== undefined && typeof given[name] !== 'string')
      throw invalidOption(name, 'a string', given[name]);
  clientTypeIn(given.clientType);
  if (transportParams !== undefined) record('transportParams', transportParams);
  if (clientId !== undefined && clientId !== null) checkClientId(clientId);
  const url: UrlOptions = Object.fromEntries(
    urlNames.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]),
  );
  try {
    realtimeBase(url);
  } catch {
    throw invalidOption('endpoint', 'the name of a host', given.endpoint);
  }
  return Object.freeze(
    transportParams === undefined ? url : { ...url, transportParams: { ...transportParams } },
  );
}

function webSocketClass(given: WebSocketClass | undefined): WebSocketClass {
  const found = method('WebSocket', given) ?? WebSocketImpl;
  if (found !== undefined) return found;
  throw lacking('WebSocket', 'WebSocket');
}
