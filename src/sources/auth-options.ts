import type { SourceReason } from '../../machines/acquisition.js';
import {
  flag,
  invalidArgument,
  invalidOption,
  method,
  given as optionsIn,
  type Present,
  record,
} from '../checks/option-checks.js';
import { type ErrorInfo, isOwnError } from '../errors/error-info.js';
import { addressOf, baseAddress, hrefIn } from '../platform/address.js';
import { type ApiKey, parseApiKey } from '../token/api-key.js';
import { Secret, SecretToken } from '../token/secret.js';
import { parseTokenDetails, type TokenDetails } from '../token/token-details.js';
import type { RequestedTokenParams } from '../token/token-params.js';
import type { TokenRequest } from '../token/token-request.js';
import { readAnswer, tokenFault } from './answer.js';
import { type AuthFields, type AuthFieldsFunction, type CheckedFields, checkFields } from './auth-fields.js';

/** The answer of an `authCallback`. */
export type CallbackResult = string | TokenDetails | TokenRequest;

/**
 * The second argument of an `authCallback`. It is a function that takes the answer, and it says why a token is
 * requested.
 *
 * @example
 * ```ts
 * import { Auth } from 'latchkey';
 *
 * declare const cache: { get(options: { fresh: boolean }): Promise<string> };
 *
 * const auth = new Auth({
 *   authCallback: async (_params, { reason, isRefused }) => {
 *     const token = await cache.get({ fresh: reason === 'refused' });
 *     return isRefused(token) ? await cache.get({ fresh: true }) : token;
 *   },
 * });
 * console.log(auth.state.value);
 * ```
 */
export interface AuthCallbackAnswer {
  (error: unknown, result?: CallbackResult | null): void;
  /** Aborts when the answer is not needed any more. */
  readonly signal: AbortSignal;
  /**
   * Why a token is requested:
   * - `first`: there was none yet
   * - `renewal`: the token expired, or is to be renewed
   * - `refused`: a server refused the token
   * - `capability`: {@link Auth.require} needs rights
   * - `authorize`: a caller requests a token
   */
  readonly reason: SourceReason;
  /** The number of this try in a row, from 1. */
  readonly attempt: number;
  /**
   * Whether a server refused this token. The last eight refused tokens are remembered. A source with a cache must
   * return another token then.
   */
  isRefused(token: string | TokenDetails): boolean;
}

/**
 * Returns a token string, a TokenDetails or a TokenRequest, or a promise of one, or calls back with one. The first
 * answer counts. A function that calls back may be `async` or return a timer. Such a result is not an answer, but
 * an error that the function throws or rejects with is one.
 *
 * @example
 * ```ts
 * import { Auth } from 'latchkey';
 *
 * const byPromise = new Auth({ authCallback: async () => 'a token' });
 * const byCallback = new Auth({ authCallback: (_params, callback) => callback(null, 'a token') });
 * console.log(byPromise.state.value, byCallback.state.value);
 * ```
 * @see AO2b, RSA8d
 */
export type AuthCallback = (
  tokenParams: RequestedTokenParams,
  callback: AuthCallbackAnswer,
  // biome-ignore lint/suspicious/noConfusingVoidType: what answers through its argument gives nothing
) => Promise<CallbackResult | void> | CallbackResult | ReturnType<typeof setTimeout> | void;

/**
 * The sources of a client. The first of `authCallback`, `authUrl` and `key` is used. A `token` is used before
 * them, once.
 * @see AO1, AO2
 */
export interface AuthOptions {
  /** `appId.keyId:secret`. Do not use it in a browser, where it is public. */
  readonly key?: string | null;
  /**
   * A token string, a TokenDetails, or a TokenRequest, which is exchanged when a token is first needed (TO3j2).
   */
  readonly token?: string | TokenDetails | TokenRequest | null;
  readonly tokenDetails?: TokenDetails | null;
  readonly authCallback?: AuthCallback | null;
  /** Your endpoint, which answers with a token, a TokenDetails or a TokenRequest. */
  readonly authUrl?: string | URL | null;
  /** `GET` (default) or `POST`. */
  readonly authMethod?: string | null;
  /**
   * Headers for `authUrl`. A function is called for each request, so that it can return the headers of the user who
   * is signed in at that moment. An object is sent for as long as the client lives, also after `forget()`.
   *
   * An error that the function throws or rejects with counts as one of an `authCallback`. `StopRenewing` and an error
   * with `statusCode` 403 end the tries. An error with `statusCode` 401 says that no user is signed in. After any
   * other error (40170) the client tries again.
   */
  readonly authHeaders?: AuthFields | AuthFieldsFunction | null;
  /**
   * Parameters that are sent to `authUrl` together with the TokenParams. A TokenParam replaces a parameter of the
   * same name (RSA8c2). An object or a function, like `authHeaders`.
   */
  readonly authParams?: AuthFields | AuthFieldsFunction | null;
  /**
   * The name of a query parameter that has a new value in each `GET` of `authUrl`, so that no cache answers.
   * Default: `_`. `false`: no such parameter, for a signed address or an endpoint that refuses unknown parameters.
   * If the address has a parameter of this name already, it is not changed.
   */
  readonly authCacheParam?: string | false | null;
  /**
   * Whether requests to `authUrl` carry cookies. `'include'`: also to an endpoint of another origin, whose answers
   * must have `access-control-allow-credentials`. Default: that of `fetch`, as with `'same-origin'`. Requests to
   * the service never carry cookies.
   */
  readonly authCredentials?: 'include' | 'same-origin' | null;
  /** Whether TokenRequests are signed with the server's time. @see RSA10k */
  readonly queryTime?: boolean | null;
  /** With a key, `true`: tokens are always used; `false`: tokens are never used. @see RSA4 */
  readonly useTokenAuth?: boolean | null;
}

/** The options after all checks: a frozen copy, with secrets in boxes. */
export interface ParsedAuthOptions {
  readonly key?: Secret<ApiKey>;
  readonly tokenDetails?: Secret<TokenDetails>;
  readonly tokenRequest?: Secret<TokenRequest>;
  readonly authCallback?: AuthCallback;
  readonly authUrl?: Secret<string>;
  readonly authMethod: 'GET' | 'POST';
  readonly authHeaders: Secret<CheckedFields | AuthFieldsFunction>;
  readonly authParams: Secret<CheckedFields | AuthFieldsFunction>;
  /** Absent: the default. */
  readonly authCacheParam?: string | false;
  /** Absent: the platform's default. */
  readonly authCredentials?: 'include' | 'same-origin';
  readonly queryTime: boolean;
  readonly useTokenAuth?: boolean;
}

export const authOptionNames: readonly string[] = [
  'key',
  'token',
  'tokenDetails',
  'authCallback',
  'authUrl',
  'authMethod',
  'authHeaders',
  'authParams',
  'authCacheParam',
  'authCredentials',
  'queryTime',
  'useTokenAuth',
];

/** Most clients have neither, and share these boxes. */
const noHeaders = new Secret<CheckedFields>(Object.freeze({}), 'authHeaders');
const noParams = new Secret<CheckedFields>(Object.freeze({}), 'authParams');

/** @throws {ErrorInfo} 40005: the key is malformed · 40003: another option is invalid; the message names it */
export function parseAuthOptions(options: AuthOptions): ParsedAuthOptions {
  const given = optionsIn(record('authOptions', options), authOptionNames);
  const { key, authCacheParam, authCredentials } = given;
  const token = parseToken(given);
  const authUrl = parseUrl(given.authUrl);
  const useTokenAuth = flag('useTokenAuth', given.useTokenAuth);
  const authCallback = method('authCallback', given.authCallback);
  return Object.freeze({
    ...(key === undefined ? {} : { key: new Secret(parseApiKey(key), 'key') }),
    ...token,
    ...(authCallback === undefined ? {} : { authCallback }),
    ...(authUrl === undefined ? {} : { authUrl: new Secret(authUrl, 'authUrl') }),
    authMethod: parseMethod(given.authMethod),
    authHeaders: sealedFields('authHeaders', given.authHeaders, noHeaders),
    authParams: sealedFields('authParams', given.authParams, noParams),
    ...(authCacheParam === undefined ? {} : { authCacheParam: parseCacheParam(authCacheParam) }),
    ...(authCredentials === undefined ? {} : { authCredentials: parseCredentials(authCredentials) }),
    queryTime: flag('queryTime', given.queryTime) ?? false,
    ...(useTokenAuth === undefined ? {} : { useTokenAuth }),
  });
}

/** Whether there is a source that can give more than one token (RSA4a). */
export function isRenewable(options: ParsedAuthOptions): boolean {
  return options.key !== undefined || options.authCallback !== undefined || options.authUrl !== undefined;
}

/** Whether a key is the only source. A key signs only the TokenParams that it knows. */
export const isKeyOnly = ({ key, authCallback, authUrl }: ParsedAuthOptions): boolean =>
  key !== undefined && authCallback === undefined && authUrl === undefined;

/** Whether the options contain a token or a TokenRequest. */
export function hasLiteral(options: ParsedAuthOptions): boolean {
  return options.tokenDetails !== undefined || options.tokenRequest !== undefined;
}

/** The options without their literal token, which is used only once (RSA10e). */
export function withoutLiteral(options: ParsedAuthOptions): ParsedAuthOptions {
  if (!hasLiteral(options)) return options;
  const { tokenDetails: _used, tokenRequest: _exchanged, ...means } = options;
  return Object.freeze(means);
}

function parseToken({
  token,
  tokenDetails,
}: Present<AuthOptions>): Pick<ParsedAuthOptions, 'tokenDetails' | 'tokenRequest'> {
  if (tokenDetails !== undefined) return { tokenDetails: sealedToken('tokenDetails', tokenDetails) };
  if (token === undefined) return {};
  if (typeof token !== 'object' || isTokenDetails(token))
    return { tokenDetails: sealedToken('token', token) };
  const answer = asOption('token', () => readAnswer(token));
  if (answer.kind === 'request') return { tokenRequest: answer.request };
  throw invalidOption('token', 'a token, a TokenDetails or a TokenRequest', token);
}

function isTokenDetails(given: TokenDetails | TokenRequest): given is TokenDetails {
  return asOption('token', () => 'token' in given);
}

function sealedToken(name: string, given: string | TokenDetails): Secret<TokenDetails> {
  const details =
    typeof given === 'string'
      ? Object.freeze({ token: given })
      : asOption(name, () => parseTokenDetails(given));
  const fault = tokenFault(details.token);
  if (fault !== undefined) throw invalidArgument(`${name} is ${fault}`);
  return new SecretToken(details);
}

/** Adds the name of the option to an error. */
function asOption<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const message = isOwnError(cause) ? cause.message : 'it cannot be read';
    throw invalidArgument(`${name}: ${message}`);
  }
}

/**
 * The error for a relative address in a module that makes a client for a page, if a server or a build loads the
 * module too.
 */
function withoutPage(): ErrorInfo {
  return invalidArgument(
    'authUrl is a relative address, and there is no page here: it must be an absolute http(s) address',
    'Make the client only in the browser (in React: in an effect, not where a module is loaded), or pass an absolute address.',
  );
}

function parseUrl(given: Present<AuthOptions>['authUrl']): string | undefined {
  if (given === undefined) return undefined;
  const base = baseAddress();
  const text = typeof given === 'string' ? given : hrefIn(given);
  // An invalid address is not shown in the error, because it may contain a secret.
  const url = text === undefined || text === '' ? undefined : addressOf(text, base);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    if (base === undefined && typeof given === 'string' && /^\.{0,2}\//.test(given)) throw withoutPage();
    throw invalidOption(
      'authUrl',
      base === undefined ? 'a whole http(s) address' : 'an http(s) address',
      given,
    );
  }
  // fetch() would refuse such an address later, with an error that is hard to understand.
  if (url.username === '' && url.password === '') return url.href;
  throw invalidArgument(
    'authUrl has a user name or a password in it',
    'Send them as authHeaders: { authorization: … }.',
  );
}

function parseMethod(given: unknown): 'GET' | 'POST' {
  const name = String(given ?? 'GET').toUpperCase();
  if (name === 'GET' || name === 'POST') return name;
  throw invalidOption('authMethod', "'GET' or 'POST'", given);
}

function sealedFields(
  name: 'authHeaders' | 'authParams',
  given: AuthFields | AuthFieldsFunction | undefined,
  none: Secret<CheckedFields>,
): ParsedAuthOptions[typeof name] {
  if (given === undefined) return none;
  return new Secret(typeof given === 'function' ? given : checkFields(name, given), name);
}

/**
 * The parameters that an endpoint may read from the query. The changing value must not have one of these names.
 */
const TAKEN = new Set(['ttl', 'capability', 'clientId', 'timestamp', 'nonce', 'keyName', 'mac', 'token']);

/** Characters that need no encoding in a query. */
const PARAM_NAME = /^[\w.~-]{1,64}$/;

function parseCacheParam(given: unknown): string | false {
  if (given === false) return given;
  if (typeof given === 'string' && PARAM_NAME.test(given) && !TAKEN.has(given)) return given;
  throw invalidArgument(
    typeof given === 'string' && TAKEN.has(given)
      ? `authCacheParam is ${JSON.stringify(given)}, which is a parameter of token requests`
      : 'authCacheParam must be the name of a query parameter, of letters, digits and "-", ".", "_", "~", or false',
    "Pass another name, such as '_', or false for no such parameter.",
  );
}

function parseCredentials(given: unknown): 'include' | 'same-origin' {
  if (given === 'include' || given === 'same-origin') return given;
  throw invalidOption('authCredentials', "'include' or 'same-origin'", given);
}
