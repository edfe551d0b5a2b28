import type { RenewalPolicy } from '../../machines/policy.js';
import {
  checkNames,
  type Elsewhere,
  flag,
  invalidArgument,
  invalidOption,
  method,
  given as optionsIn,
  port,
  wholeNumber,
} from '../checks/option-checks.js';
import { type Clock, systemClock } from '../clock.js';
import type { ConnectionAdapter } from '../connection/port.js';
import { type Environment, platformEnvironment } from '../environment.js';
import { ErrorInfo, isOwnError, toErrorInfo } from '../errors/error-info.js';
import { secretsOf } from '../errors/redaction.js';
import { checkHosts, type HostOptions, hostOptionNames } from '../http/hosts.js';
import type { HttpOptions } from '../http/send.js';
import type { InspectionTarget } from '../inspection/inspector.js';
import { type Log, type LogOptions, logIn } from '../log/log.js';
import { checkFetch, type FetchFunction, platformFetch } from '../platform/fetch.js';
import { checkPlatform } from '../platform/globals.js';
import { checkRandomBytes, type RandomBytes } from '../platform/random-bytes.js';
import { SecretStore } from '../redaction/secret-store.js';
import type { TokenSharing } from '../sharing/port.js';
import {
  type AuthOptions,
  authOptionNames,
  hasLiteral,
  isKeyOnly,
  isRenewable,
  type ParsedAuthOptions,
  parseAuthOptions,
} from '../sources/auth-options.js';
import { expectFailures } from '../sources/late-failures.js';
import { type ClientType, clientTypeIn } from '../token/client-type.js';
import { checkClientId, checkIdentity } from '../token/identity.js';
import {
  checkSignedNames,
  type ParsedTokenParams,
  parseTokenParams,
  type TokenParams,
} from '../token/token-params.js';
import { type Agents, parseAgents } from './agents.js';
import { connectionOptions, sdkOptions } from './elsewhere.js';
import { checkAudience, fetchOriginsIn } from './fetch-origins.js';
import { checkClock, checkEnvironment, checkInspect } from './option-ports.js';
import { parseRenewal, type RenewalOptions } from './renewal-options.js';

/**
 * The options of a client. They have Ably's names, apart from a few of Latchkey's own.
 * @see TO3, AO1, https://ably.com/docs/api/realtime-sdk#client-options
 */
export interface ClientOptions<Connection extends ConnectionAdapter = ConnectionAdapter>
  extends AuthOptions,
    HostOptions,
    HttpOptions,
    LogOptions {
  /** The clientId of this client: any non-empty string without `*`. @see RSA7c */
  readonly clientId?: string | null;
  /**
   * Whether this client is a user's device or one of your servers. An account that is billed by monthly active users
   * refuses clients that do not say it (40168), devices without a clientId, and servers whose token is not a JWT with
   * the claim `x-ably-clientType: "server"` (40167). The connection and REST requests declare it. Default: `'device'`
   * in a page, its workers and React Native; elsewhere nothing is declared.
   * @see https://ably.com/docs/platform/errors/codes/40167-untrusted-client-type-declaration
   */
  readonly clientType?: ClientType | null;
  /**
   * The programs that use this client: names and versions, such as `{ 'my-app': '1.0.0' }`. `''`: without a version.
   * The connection and REST requests name them, after Latchkey's own name.
   * @see RSC7d6
   */
  readonly agents?: Agents | null;
  /** The TokenParams of a call that has none. @see TO3j11 */
  readonly defaultTokenParams?: TokenParams | null;
  /**
   * The deadline for a new token, ms: asking the source, exchanging a TokenRequest and re-authenticating together.
   * Default: 10,000.
   * @see TO3l11
   */
  readonly realtimeRequestTimeout?: number;
  /**
   * The realtime connection that gets the tokens. If you pass an adapter, you close it. If you pass a function,
   * the client calls it, and the connection belongs to the client: {@link Auth.dispose} closes it.
   */
  readonly connection?: Connection | (() => Connection);
  /**
   * When tokens are renewed:
   * - an object: ahead of time, with these settings
   * - `'in use'`: ahead of time, but only while the token is in use: there is a subscriber or a connection, or a
   *   call was made within the life of a token
   * - `'server'`: only when the server asks
   * - `'off'`: only when a token is needed and there is none
   *
   * With each of these, a failed request for a token is tried again.
   */
  readonly renewal?: RenewalOptions | 'in use' | 'server' | 'off';
  /**
   * Shares the tokens with other clients: one of them asks the source, and each uses the token. From
   * `latchkey/sharing/web`, `/redis`, `/host`, or of your own with `latchkey/sharing`.
   */
  readonly sharing?: TokenSharing;
  /**
   * Replaces the platform's `fetch`, for `authUrl` and for Ably's REST API. It is called with an address and an
   * object, never with a `Request`.
   */
  readonly fetch?: FetchFunction;
  /**
   * The origins of your own servers that {@link Auth.fetch} sends requests to, in place of the service: such as
   * `https://api.example.com`. The tokens must be for these servers. A key, a TokenRequest and a token of Ably are
   * refused, because no other server may get them.
   */
  readonly fetchOrigins?: readonly string[] | null;
  /**
   * Whether the client keeps the process alive while a caller waits, or while a connection or a subscriber waits
   * for a token. A renewal ahead of time never keeps it alive. Default: true. Without effect where timers keep no
   * process alive, for example in a page.
   */
  readonly keepAlive?: boolean;
  /** Replaces the clock of the platform. */
  readonly clock?: Clock;
  /**
   * Replaces `Math.random`: returns a number in [0, 1). It spreads renewals and retries, and is never used for
   * nonces.
   */
  readonly random?: () => number;
  /**
   * Replaces the platform's random bytes, of which the nonces of TokenRequests are made. It is for platforms
   * without `crypto.getRandomValues`. It must return the requested number of bytes, and they must be good enough
   * for secrets.
   */
  readonly randomBytes?: RandomBytes;
  /** Replaces what the page or worker reports about the network and about the user's return. */
  readonly environment?: Environment;
  /** An XState inspector, or any function that receives inspection events. The events contain no secret. */
  readonly inspect?: InspectionTarget;
}

/** The options after all checks, with defaults. */
export interface ParsedClientOptions {
  readonly authOptions: ParsedAuthOptions;
  readonly tokenParams: ParsedTokenParams;
  readonly clientId: string | undefined;
  readonly clientType: ClientType | undefined;
  /** As `name/version`, separated by spaces. */
  readonly agents: string | undefined;
  readonly hosts: HostOptions;
  readonly http: HttpOptions;
  readonly deadlineMs: number;
  readonly connection: ConnectionAdapter | undefined;
  /** The connection was made for this client, which must close it. */
  readonly ownsConnection: boolean;
  readonly renewal: RenewalPolicy;
  readonly keepAlive: boolean;
  readonly sharing: TokenSharing | undefined;
  readonly fetch: FetchFunction;
  /** undefined: `auth.fetch()` is for the service. */
  readonly fetchOrigins: readonly string[] | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  /** undefined: those of the platform. */
  readonly randomBytes: RandomBytes | undefined;
  readonly environment: Environment;
  readonly inspect: InspectionTarget | undefined;
  readonly log: Log;
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

/** The values of most clients: all clients share these objects. */
const defaultHosts: HostOptions = Object.freeze({ tls: true });
const defaultHttp: HttpOptions = Object.freeze({});
const defaultTokenParams: ParsedTokenParams = Object.freeze({});

const names: readonly string[] = [
  ...authOptionNames,
  'clientId',
  'clientType',
  'agents',
  'defaultTokenParams',
  ...hostOptionNames,
  ...httpOptionNames,
  'realtimeRequestTimeout',
  'connection',
  'renewal',
  'keepAlive',
  'sharing',
  'fetch',
  'fetchOrigins',
  'clock',
  'random',
  'randomBytes',
  'environment',
  'inspect',
  'logLevel',
  'logHandler',
];

/** Options of Ably's SDK and of other parts of Latchkey. For each of them the error says where it belongs. */
const elsewhere: Elsewhere = [
  ['Put it into defaultTokenParams.', 'ttl capability'],
  ['Put it into the TokenParams of the call that it is for.', 'timestamp nonce'],
  connectionOptions,
  sdkOptions,
  ['Use logLevel and logHandler.', 'log'],
  ['Use endpoint.', 'host wsHost'],
];

/**
 * @param options options, or a key (`name:secret`) or a token as a string (RSC1)
 * @throws {ErrorInfo} 40003, 40005, 40012, 40102, 40103, 40106
 */
export function parseClientOptions(options: ClientOptions | string): ParsedClientOptions {
  try {
    return parsed(options);
  } catch (thrown) {
    // Its cause can be shown then.
    expectFailures();
    const remediation = 'Pass an object whose members can be read.';
    throw toErrorInfo(thrown, { code: 40003, message: 'the options cannot be read', remediation });
  }
}

function parsed(options: ClientOptions | string): ParsedClientOptions {
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
  const secrets = new SecretStore(authOptions, secretsOf);
  const fetchOrigins = fetchOriginsIn(given.fetchOrigins, authOptions);
  return Object.freeze({
    authOptions,
    tokenParams: parseDefaults(given.defaultTokenParams, clientId, isKeyOnly(authOptions)),
    clientId,
    clientType: clientTypeIn(given.clientType),
    agents: parseAgents(given.agents),
    hosts: isNamed(given, hostOptionNames) ? { ...parseHosts(given), tls } : defaultHosts,
    http: isNamed(given, httpOptionNames) ? parseHttp(given) : defaultHttp,
    deadlineMs: wholeNumber('realtimeRequestTimeout', given.realtimeRequestTimeout) ?? 10_000,
    renewal: parseRenewal(given.renewal),
    keepAlive: flag('keepAlive', given.keepAlive) ?? true,
    sharing: port('sharing', given.sharing, ['addMember']),
    fetch: method('fetch', given.fetch) ?? platformFetch,
    fetchOrigins,
    clock: checkClock(given.clock) ?? systemClock,
    random: method('random', given.random) ?? Math.random,
    randomBytes: method('randomBytes', given.randomBytes),
    environment: checkEnvironment(given.environment) ?? platformEnvironment,
    inspect: checkInspect(given.inspect),
    log: logIn(given, secrets),
    secrets,
    ownsConnection: isMaker(given.connection),
    // The last check: if another option is invalid, no connection is made.
    connection: checkAudience(fetchOrigins, connectionIn(given.connection), isMaker(given.connection)),
  });
}

/** RSA7a4: the client's own clientId comes first. TK2d: a timestamp or nonce is for one request only. */
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
    throw invalidArgument(
      `defaultTokenParams has a ${name}`,
      `Leave it out: each TokenRequest needs its own ${name}, and gets one.`,
    );
  }
  return clientId === undefined ? params : Object.freeze({ ...params, clientId });
}

function isNamed(given: ClientOptions, names: readonly (keyof ClientOptions)[]): boolean {
  return names.some((name) => given[name] !== undefined);
}

/** RSC1a, RSC1c: a string with a colon is a key, any other string is a token. */
function fromString(text: string): ClientOptions {
  return text.includes(':') ? { key: text } : { token: text };
}

/** Checks that there is a way to authenticate, and that it is safe (RSC1b, RSA1, RSA4, RSA14, RSC18). */
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

/** Functions that the platform lacks are reported when the client is made. */
function checkNeeds(options: ParsedAuthOptions, { fetch, randomBytes }: ClientOptions): void {
  checkPlatform();
  const { authCallback, authUrl, key, tokenRequest, useTokenAuth } = options;
  if (authCallback !== undefined) return;
  if (fetch === undefined && (authUrl ?? key ?? tokenRequest) !== undefined) checkFetch();
  if (randomBytes === undefined && authUrl === undefined && key !== undefined && useTokenAuth !== false)
    checkRandomBytes();
}

/** Whether REST requests carry the key itself (RSA4). */
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
  checkHosts(given);
  const hosts = optionsIn(given, hostOptionNames);
  return given.fallbackHosts ? { ...hosts, fallbackHosts: [...given.fallbackHosts] } : hosts;
}

function parseHttp(given: ClientOptions): HttpOptions {
  for (const name of httpOptionNames)
    if (name !== 'httpMaxRetryCount' || given[name] !== 0) wholeNumber(name, given[name]);
  return Object.freeze(optionsIn(given, httpOptionNames));
}

/** Whether the option is a function that makes a connection. An adapter that is a function makes none. */
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
  invalidArgument(
    `${name} is an adapter for version ${typeof version === 'number' ? version : `of type ${typeof version}`} of the connection port, and this Latchkey knows version 1`,
    'Install versions of the adapter and of Latchkey that match.',
  );
