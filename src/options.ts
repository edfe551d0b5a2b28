import leven from 'leven';
import { defaultRenewal, type RenewalPolicy } from '../machines/policy.js';
import { type Clock, systemClock } from './clock.js';
import type { ConnectionAdapter } from './connection/port.js';
import { type Environment, platformEnvironment } from './environment.js';
import { ErrorInfo } from './errors.js';
import { checkHosts, type HostOptions } from './http/hosts.js';
import type { HttpOptions } from './http/send.js';
import type { InspectionTarget } from './inspect.js';
import {
  type AuthOptions,
  authOptionNames,
  isRenewable,
  type ParsedAuthOptions,
  parseAuthOptions,
} from './sources/auth-options.js';
import { checkClientId, checkIdentity } from './token/identity.js';
import { type ParsedTokenParams, parseTokenParams, type TokenParams } from './token/token-params.js';

/** How tokens are renewed ahead of their death. Times are ms, shares are of the token's lifetime. */
export interface RenewalOptions {
  /** The longest time ahead of death at which to renew, ms. Default 60,000. */
  readonly lead?: number;
  /** The lead as a share of a short life, 0–0.9. Default 0.2. */
  readonly share?: number;
  /** How far the renewals of many clients are spread, as a share, 0–0.9. Default 0.1. */
  readonly jitter?: number;
  /** First and longest wait between failed tries, ms. Default 1,000 and 30,000. */
  readonly retry?: { readonly base?: number; readonly cap?: number };
}

/**
 * What a client is made with: Ably's names, and a few of ours.
 * @see TO3, AO1, https://ably.com/docs/api/realtime-sdk#client-options
 */
export interface ClientOptions extends AuthOptions, HostOptions, HttpOptions {
  /** Who this client is: any non-empty string without `*`. @see RSA7c */
  readonly clientId?: string | null;
  /** TokenParams to use where a call gives none. @see TO3j11 */
  readonly defaultTokenParams?: TokenParams | null;
  /** Budget of one acquisition, source and exchange and re-authentication together, ms. Default 10,000. @see TO3l11 */
  readonly realtimeRequestTimeout?: number;
  /** The realtime connection to hand tokens to. */
  readonly connection?: ConnectionAdapter;
  /** When to renew; `'server'`: only when the server asks; `'off'`: never by itself. */
  readonly renewal?: RenewalOptions | 'server' | 'off';
  /** Instead of the platform's `fetch`, for authUrl and for Ably's REST API alike. */
  readonly fetch?: typeof fetch;
  /** Instead of the machine's own clock. */
  readonly clock?: Clock;
  /** Instead of `Math.random`: a number in [0, 1). Only spreads renewals and retries; never for nonces. */
  readonly random?: () => number;
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
  readonly renewal: RenewalPolicy;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly random: () => number;
  readonly environment: Environment;
  readonly inspect: InspectionTarget | undefined;
}

const hostOptionNames = [
  'endpoint',
  'restHost',
  'realtimeHost',
  'fallbackHosts',
  'port',
  'tlsPort',
  'tls',
] as const;

const httpOptionNames = [
  'httpOpenTimeout',
  'httpRequestTimeout',
  'httpMaxRetryCount',
  'httpMaxRetryDuration',
  'fallbackRetryTimeout',
] as const;

const names: readonly string[] = [
  ...authOptionNames,
  'clientId',
  'defaultTokenParams',
  ...hostOptionNames,
  ...httpOptionNames,
  'realtimeRequestTimeout',
  'connection',
  'renewal',
  'fetch',
  'clock',
  'random',
  'environment',
  'inspect',
];

/**
 * @param options options, or a key (`name:secret`) or token as a string (RSC1)
 * @throws {ErrorInfo} 40003, 40005, 40012, 40102, 40103, 40106
 */
export function parseClientOptions(options: ClientOptions | string): ParsedClientOptions {
  const given = typeof options === 'string' ? fromString(options) : options;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalid('options', 'an object, a key or a token', given);
  }
  checkNames(given, names);
  const authOptions = parseAuthOptions(given);
  const clientId =
    given.clientId === undefined || given.clientId === null ? undefined : checkClientId(given.clientId);
  checkIdentity(clientId, authOptions.tokenDetails?.open().clientId);
  const tls = flag('tls', given.tls) ?? true;
  checkScheme(authOptions, tls);
  return Object.freeze({
    authOptions,
    tokenParams: parseTokenParams(named(given.defaultTokenParams ?? {}, clientId)),
    clientId,
    hosts: { ...parseHosts(given), tls },
    http: parseHttp(given),
    deadlineMs: wholeNumber('realtimeRequestTimeout', given.realtimeRequestTimeout) ?? 10_000,
    connection: checkConnection(given.connection),
    renewal: renewalPolicy(given.renewal),
    fetch: method('fetch', given.fetch) ?? ((input, init) => globalThis.fetch(input, init)),
    clock: given.clock ?? systemClock,
    random: method('random', given.random) ?? Math.random,
    environment: given.environment ?? platformEnvironment,
    inspect: given.inspect,
  });
}

/** @throws {ErrorInfo} 40003 naming the nearest option there is. */
export function checkNames(given: object, known: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const nearest = [...known].sort((a, b) => leven(name, a) - leven(name, b))[0];
    throw new ErrorInfo({
      code: 40003,
      message: `unknown option ${JSON.stringify(name)}`,
      remediation: `Did you mean ${JSON.stringify(nearest)}?`,
    });
  }
}

/** RSA7a4: the client's own name comes first. */
function named(params: TokenParams, clientId: string | undefined): TokenParams {
  return clientId === undefined ? params : { ...params, clientId };
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
      : options.tokenDetails === undefined && !isRenewable(options);
  if (none) {
    const what =
      options.useTokenAuth === false
        ? 'useTokenAuth is false and there is no key'
        : 'there is no key, no token and no means to get one';
    throw new ErrorInfo({ code: 40106, message: what });
  }
  if (!tls && isBasic(options)) {
    throw new ErrorInfo({ code: 40103, message: 'the key would be sent without TLS' });
  }
}

/** RSA4: whether REST requests carry the key itself. */
export function isBasic(options: ParsedAuthOptions): boolean {
  if (options.useTokenAuth !== undefined) return !options.useTokenAuth;
  return (
    options.key !== undefined &&
    options.tokenDetails === undefined &&
    options.authCallback === undefined &&
    options.authUrl === undefined
  );
}

function parseHosts(given: ClientOptions): HostOptions {
  const { endpoint, restHost, realtimeHost, fallbackHosts } = given;
  if (fallbackHosts !== undefined && !Array.isArray(fallbackHosts)) {
    throw invalid('fallbackHosts', 'a list of hosts', fallbackHosts);
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

function renewalPolicy(given: ClientOptions['renewal']): RenewalPolicy {
  if (given === undefined) return defaultRenewal;
  if (given === 'server') return { ...defaultRenewal, by: 'server' };
  if (given === 'off') return { ...defaultRenewal, by: 'nobody' };
  if (typeof given !== 'object' || given === null)
    throw invalid('renewal', "an object, 'server' or 'off'", given);
  checkNames(given, ['lead', 'share', 'jitter', 'retry']);
  if (given.retry !== undefined) checkNames(given.retry, ['base', 'cap']);
  const base = wholeNumber('renewal.retry.base', given.retry?.base) ?? defaultRenewal.retry.baseMs;
  const cap = wholeNumber('renewal.retry.cap', given.retry?.cap) ?? defaultRenewal.retry.capMs;
  return {
    by: 'client',
    leadMs: wholeNumber('renewal.lead', given.lead) ?? defaultRenewal.leadMs,
    share: share('renewal.share', given.share) ?? defaultRenewal.share,
    jitter: share('renewal.jitter', given.jitter) ?? defaultRenewal.jitter,
    retry: { baseMs: base, capMs: Math.max(base, cap) },
  };
}

function checkConnection(given: ConnectionAdapter | undefined): ConnectionAdapter | undefined {
  if (given === undefined) return undefined;
  if (typeof given?.push === 'function' && typeof given.attach === 'function') return given;
  throw invalid('connection', 'a connection adapter, with push() and attach()', given);
}

function wholeNumber(name: string, given: unknown, most = Number.MAX_SAFE_INTEGER): number | undefined {
  if (given === undefined || given === null) return undefined;
  if (Number.isSafeInteger(given) && Number(given) > 0 && Number(given) <= most) return Number(given);
  throw invalid(name, `a whole number from 1 to ${most}`, given);
}

function share(name: string, given: unknown): number | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'number' && given >= 0 && given <= 0.9) return given;
  throw invalid(name, 'a number from 0 to 0.9', given);
}

function flag(name: string, given: unknown): boolean | undefined {
  if (given === undefined || typeof given === 'boolean') return given;
  throw invalid(name, 'true or false', given);
}

function method<T>(name: string, given: T | undefined): T | undefined {
  if (given === undefined || typeof given === 'function') return given;
  throw invalid(name, 'a function', given);
}

function invalid(name: string, wanted: string, got: unknown): ErrorInfo {
  const shown = typeof got === 'number' ? String(got) : got === null ? 'null' : `a ${typeof got}`;
  return new ErrorInfo({ code: 40003, message: `${name} is ${shown}, not ${wanted}` });
}
