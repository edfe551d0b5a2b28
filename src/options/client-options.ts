import type { RenewalPolicy } from '../../machines/policy.js';
import {
  checkNames,
  type Elsewhere,
  flag,
  invalidOption,
  method,
  given as optionsIn,
  wholeNumber,
} from '../checks/option-checks.js';
import { type Clock, systemClock } from '../clock.js';
import type { ConnectionAdapter } from '../connection/port.js';
import { type Environment, platformEnvironment } from '../environment.js';
import { ErrorInfo, isOwnError } from '../errors/error-info.js';
import { checkHosts, type HostOptions, hostOptionNames } from '../http/hosts.js';
import type { HttpOptions } from '../http/send.js';
import type { InspectionTarget } from '../inspection/inspector.js';
import { type LogHandler, type LogOptions, logIn } from '../log/log.js';
import { checkFetch, type FetchFunction, platformFetch } from '../platform/fetch.js';
import { checkPlatform } from '../platform/globals.js';
import { checkRandomBytes, type RandomBytes } from '../platform/random-bytes.js';
import { SecretStore } from '../redaction/secret-store.js';
import {
  type AuthOptions,
  authOptionNames,
  hasLiteral,
  isKeyOnly,
  isRenewable,
  type ParsedAuthOptions,
  parseAuthOptions,
} from '../sources/auth-options.js';
import { secretsOf } from '../sources/auth-secrets.js';
import { checkClientId, checkIdentity } from '../token/identity.js';
import {
  checkSignedNames,
  type ParsedTokenParams,
  parseTokenParams,
  type TokenParams,
} from '../token/token-params.js';
import { checkClock, checkEnvironment, checkInspect } from './option-ports.js';
import { parseRenewal, type RenewalOptions } from './renewal-options.js';

/**
 * What a client is made with: Ably's names, and a few of ours.
 * @see TO3, AO1, https://ably.com/docs/api/realtime-sdk#client-options
 */
export interface ClientOptions<Connection extends ConnectionAdapter = ConnectionAdapter>
  extends AuthOptions,
    HostOptions,
    HttpOptions,
    LogOptions {
  /** Who this client is: any non-empty string without `*`. @see RSA7c */
  readonly clientId?: string | null;
  /** TokenParams to use where a call gives none. @see TO3j11 */
  readonly defaultTokenParams?: TokenParams | null;
  /** Budget of one acquisition, source and exchange and re-authentication together, ms. Default 10,000. @see TO3l11 */
  readonly realtimeRequestTimeout?: number;
  /**
   * The realtime connection to hand tokens to. An adapter is yours: you end it. A function makes one that is the
   * client's: {@link Auth.dispose} closes it.
   */
  readonly connection?: Connection | (() => Connection);
  /**
   * When to renew. `'in use'`: ahead of time, but only while the token is in use: there is a subscriber or a
   * connection, or a call came within the life of a token. `'server'`: only when the server asks. `'off'`: not then
   * either, only when a token is needed and there is none. A fetch that failed is tried again with all of them.
   */
  readonly renewal?: RenewalOptions | 'in use' | 'server' | 'off';
  /**
   * Instead of the platform's `fetch`, for authUrl and for Ably's REST API alike. It is called with an address and
   * an object, never with a `Request`.
   */
  readonly fetch?: FetchFunction;
  /**
   * Whether the client keeps the process alive while somebody waits for it: a caller, a connection or a
   * subscriber without a token. A renewal ahead of time never does. Default true; where timers keep no
   * process alive, as in a page, it says nothing.
   */
  readonly keepAlive?: boolean;
  /** Instead of the machine's own clock. */
  readonly clock?: Clock;
  /** Instead of `Math.random`: a number in [0, 1). Only spreads renewals and retries; never for nonces. */
  readonly random?: () => number;
  /**
   * Instead of the platform's random bytes, which nonces of TokenRequests are made of: for platforms without
   * `crypto.getRandomValues`. It must return so many bytes, fit for secrets.
   */
  readonly randomBytes?: RandomBytes;
  /** Instead of what the page or worker knows of network and attention. */
  readonly environment?: Environment;
  /** An XState inspector, or any function that takes inspection events. Nothing secret reaches it. */
  readonly inspect?: InspectionTarget;
}

/** Checked, copied and defaulted options. */
export interface ParsedClientOptions {
  readonly authOptions: ParsedAuthOptions;
  readonly tokenParams: ParsedTokenParams;
  readonly clientId: string | undefined;
  readonly hosts: HostOptions;
  readonly http: HttpOptions;
  readonly deadlineMs: number;
  readonly connection: ConnectionAdapter | undefined;
  /** The connection was made for this client, which ends it. */
  readonly ownsConnection: boolean;
  readonly renewal: RenewalPolicy;
  readonly keepAlive: boolean;
  readonly fetch: FetchFunction;
  readonly clock: Clock;
  readonly random: () => number;
  /** undefined: the platform's. */
  readonly randomBytes: RandomBytes | undefined;
  readonly environment: Environment;
  readonly inspect: InspectionTarget | undefined;
  readonly log: LogHandler;
  /** The secrets that no error and no log line may show. */
  readonly secrets: SecretStore;
}

const httpOptionNames = [
  'httpOpenTimeout',
  'httpRequestTimeout',
  'httpMaxRetryCount',
  'httpMaxRetryDuration',
  'fallbackRetryTimeout',
] as const;

/** What most clients have: one of each does for all of them. */
const defaultHosts: HostOptions = Object.freeze({ tls: true });
const defaultHttp: HttpOptions = Object.freeze({});
const defaultTokenParams: ParsedTokenParams = Object.freeze({});

const names: readonly string[] = [
  ...authOptionNames,
  'clientId',
  'defaultTokenParams',
  ...hostOptionNames,
  ...httpOptionNames,
  'realtimeRequestTimeout',
  'connection',
  'renewal',
  'keepAlive',
  'fetch',
  'clock',
  'random',
  'randomBytes',
  'environment',
  'inspect',
  'logLevel',
  'logHandler',
];

/** Options of Ably's SDK, and of other parts of Latchkey, that users give here. */
const elsewhere: Elsewhere = [
  ['Put it into defaultTokenParams.', 'ttl capability'],
  ['Put it into the TokenParams of the call that it is for.', 'timestamp nonce'],
  [
    'It is an option of the connection: new RealtimeConnection({ … }).',
    'autoConnect disconnectedRetryTimeout suspendedRetryTimeout connectionStateTtl connectivityCheckUrl WebSocket transportParams agent recover',
  ],
  [
    "It is an option of Ably's SDK, which sends and receives messages.",
    'echoMessages queueMessages idempotentRestPublishing useBinaryProtocol maxMessageSize plugins transports channelRetryTimeout',
  ],
  ['Use logLevel and logHandler.', 'log'],
  ['Use endpoint.', 'host wsHost'],
];

/**
 * @param options options, or a key (`name:secret`) or token as a string (RSC1)
 * @throws {ErrorInfo} 40003, 40005, 40012, 40102, 40103, 40106
 */
export function parseClientOptions(options: ClientOptions | string): ParsedClientOptions {
  const all = typeof options === 'string' ? fromString(options) : (options ?? {});
  if (typeof all !== 'object' || Array.isArray(all)) {
    throw invalidOption('options', 'an object, a key or a token', all);
  }
  checkNames(all, names, elsewhere);
  const given = optionsIn(all, names);
  const authOptions = parseAuthOptions(given);
  const clientId =
    given.clientId === undefined || given.clientId === null ? undefined : checkClientId(given.clientId);
  checkIdentity(clientId, (authOptions.tokenDetails ?? authOptions.tokenRequest)?.expose().clientId);
  const tls = flag('tls', given.tls) ?? true;
  checkScheme(authOptions, tls);
  checkNeeds(authOptions, given);
  const secrets = new SecretStore(() => secretsOf(authOptions));
  return Object.freeze({
    authOptions,
    tokenParams: parseDefaults(given.defaultTokenParams, clientId, isKeyOnly(authOptions)),
    clientId,
    hosts: isNamed(given, hostOptionNames) ? { ...parseHosts(given), tls } : defaultHosts,
    http: isNamed(given, httpOptionNames) ? parseHttp(given) : defaultHttp,
    deadlineMs: wholeNumber('realtimeRequestTimeout', given.realtimeRequestTimeout) ?? 10_000,
    renewal: parseRenewal(given.renewal),
    keepAlive: flag('keepAlive', given.keepAlive) ?? true,
    fetch: method('fetch', given.fetch) ?? platformFetch,
    clock: checkClock(given.clock) ?? systemClock,
    random: method('random', given.random) ?? Math.random,
    randomBytes: method('randomBytes', given.randomBytes),
    environment: checkEnvironment(given.environment) ?? platformEnvironment,
    inspect: checkInspect(given.inspect),
    log: logIn(given, secrets),
    secrets,
    ownsConnection: isMaker(given.connection),
    // The last one: where another option cannot be, no connection is made.
    connection: connectionIn(given.connection),
  });
}

/** RSA7a4: the client's own name comes first. TK2d: what is for one request is for no other. */
function parseDefaults(
  given: TokenParams | null | undefined,
  clientId: string | undefined,
  isSigned: boolean,
): ParsedTokenParams {
  if ((given ?? undefined) === undefined && clientId === undefined) return defaultTokenParams;
  const params = parseTokenParams(given ?? {}, 'defaultTokenParams');
  if (isSigned) checkSignedNames(params);
  for (const name of ['timestamp', 'nonce'] as const) {
    if (params[name] === undefined) continue;
    throw new ErrorInfo({
      code: 40003,
      message: `defaultTokenParams has a ${name}`,
      remediation: `Leave it out: each TokenRequest needs its own ${name}, and gets one.`,
    });
  }
  return clientId === undefined ? params : Object.freeze({ ...params, clientId });
}

function isNamed(given: ClientOptions, names: readonly (keyof ClientOptions)[]): boolean {
  return names.some((name) => given[name] !== undefined);
}

/** RSC1a, RSC1c: what has a colon is a key, anything else a token. */
function fromString(text: string): ClientOptions {
  return text.includes(':') ? { key: text } : { token: text };
}

/** RSC1b, RSA1, RSA4, RSA14, RSC18: there is a way to authenticate, and it is safe. */
function checkScheme(options: ParsedAuthOptions, tls: boolean): void {
  const none =
    options.useTokenAuth === false
      ? options.key === undefined
      : !hasLiteral(options) && !isRenewable(options);
  if (none) {
    const what =
      options.useTokenAuth === false
        ? 'useTokenAuth is false, and Basic authentication needs a key'
        : 'the options must have a key, a token, an authUrl or an authCallback';
    throw new ErrorInfo({ code: 40106, message: what });
  }
  if (!tls && isBasic(options)) {
    throw new ErrorInfo({ code: 40103, message: 'the key would be sent without TLS' });
  }
}

/** What the platform lacks is told when the client is made. */
function checkNeeds(options: ParsedAuthOptions, { fetch, randomBytes }: ClientOptions): void {
  checkPlatform();
  const { authCallback, authUrl, key, tokenRequest, useTokenAuth } = options;
  if (authCallback !== undefined) return;
  if (fetch === undefined && (authUrl ?? key ?? tokenRequest) !== undefined) checkFetch();
  if (randomBytes === undefined && authUrl === undefined && key !== undefined && useTokenAuth !== false)
    checkRandomBytes();
}

/** RSA4: whether REST requests carry the key itself. */
export function isBasic(options: ParsedAuthOptions): boolean {
  if (options.useTokenAuth !== undefined) return !options.useTokenAuth;
  return (
    options.key !== undefined &&
    !hasLiteral(options) &&
    options.authCallback === undefined &&
    options.authUrl === undefined
  );
}

function parseHosts(given: ClientOptions): HostOptions {
  const { endpoint, restHost, realtimeHost, fallbackHosts } = given;
  if (fallbackHosts !== undefined && !Array.isArray(fallbackHosts)) {
    throw invalidOption('fallbackHosts', 'a list of hosts', fallbackHosts);
  }
  const port = wholeNumber('port', given.port, 65_535);
  const tlsPort = wholeNumber('tlsPort', given.tlsPort, 65_535);
  const hosts: HostOptions = Object.freeze({
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(restHost === undefined ? {} : { restHost }),
    ...(realtimeHost === undefined ? {} : { realtimeHost }),
    ...(fallbackHosts === undefined ? {} : { fallbackHosts: [...fallbackHosts] }),
    ...(port === undefined ? {} : { port }),
    ...(tlsPort === undefined ? {} : { tlsPort }),
  });
  checkHosts(hosts);
  return hosts;
}

function parseHttp(given: ClientOptions): HttpOptions {
  const parsed: { -readonly [K in keyof HttpOptions]: HttpOptions[K] } = {};
  for (const name of httpOptionNames) {
    const value = given[name];
    if (value === undefined) continue;
    if (name === 'httpMaxRetryCount' && value === 0) parsed[name] = 0;
    else Object.assign(parsed, { [name]: wholeNumber(name, value) });
  }
  return Object.freeze(parsed);
}

/** A function that is an adapter itself makes none. */
const isMaker = (given: unknown): given is () => unknown =>
  typeof given === 'function' && typeof (given as Partial<ConnectionAdapter>).push !== 'function';

function connectionIn(given: ClientOptions['connection']): ConnectionAdapter | undefined {
  if (!isMaker(given)) return checkConnection('connection', given);
  try {
    return checkConnection('what the function connection returns', given() ?? null);
  } catch (cause) {
    if (isOwnError(cause)) throw cause;
    const message = 'the function connection failed: it must make a connection and return it';
    throw new ErrorInfo({ code: 40003, message, cause });
  }
}

function checkConnection(name: string, given: unknown): ConnectionAdapter | undefined {
  if (given === undefined) return undefined;
  const { push, attach, port = 1 } = (given ?? {}) as Partial<ConnectionAdapter>;
  if (port !== 1) throw unknownPort(name, port);
  if (typeof push === 'function' && typeof attach === 'function') return given as ConnectionAdapter;
  throw invalidOption(name, 'a connection adapter, with push() and attach()', given);
}

const unknownPort = (name: string, version: unknown): ErrorInfo =>
  new ErrorInfo({
    code: 40003,
    message: `${name} is an adapter for version ${typeof version === 'number' ? version : `of type ${typeof version}`} of the connection port, and this Latchkey knows version 1`,
    remediation: 'Use versions of the adapter and of Latchkey that belong together.',
  });
