import type { SourceReason } from '../../machines/acquisition-request.js';
import { invalidOption, record } from '../checks/option-checks.js';
import { ErrorInfo, isOwnError } from '../errors/error-info.js';
import { addressOf, baseAddress, hrefIn } from '../platform/address.js';
import { type ApiKey, parseApiKey } from '../token/api-key.js';
import { Secret } from '../token/secret.js';
import { SecretToken } from '../token/secret-token.js';
import { parseTokenDetails, type TokenDetails } from '../token/token-details.js';
import type { TokenParams } from '../token/token-params.js';
import type { TokenRequest } from '../token/token-request.js';
import { readAnswer, tokenFault } from './answer.js';
import { type AuthFields, type AuthFieldsFunction, type CheckedFields, checkFields } from './auth-fields.js';

/** What an `authCallback` may give. */
export type CallbackResult = string | TokenDetails | TokenRequest;

/**
 * The second argument of an `authCallback`: a function to answer through, which also says why it is asked.
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
  /** Aborts when the answer is no longer wanted. */
  readonly signal: AbortSignal;
  /**
   * Why a token is asked for: there was none yet (`first`), the one before expired or is to be renewed (`renewal`), a
   * server refused it (`refused`), {@link Auth.require} needs rights (`capability`), or a caller asks by name
   * (`authorize`).
   */
  readonly reason: SourceReason;
  /** Which try in a row it is, from 1. */
  readonly attempt: number;
  /** Whether a server refused this token: it remembers the last eight. A source with a cache must give another. */
  isRefused(token: string | TokenDetails): boolean;
}

/**
 * Gives a token string, a TokenDetails or a TokenRequest: returned, promised or called back with,
 * whichever comes first. One that calls back may be `async`, or return a timer: that is no answer, but
 * what it throws or rejects with is one.
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
  tokenParams: TokenParams,
  callback: AuthCallbackAnswer,
  // biome-ignore lint/suspicious/noConfusingVoidType: what answers through its argument gives nothing
) => Promise<CallbackResult | void> | CallbackResult | ReturnType<typeof setTimeout> | void;

/**
 * How a client authenticates. Of several means the first of `authCallback`, `authUrl`, `key` is used;
 * a `token` is used first, and once.
 * @see AO1, AO2
 */
export interface AuthOptions {
  /** `appId.keyId:secret`. Not for browsers: there it is public. */
  readonly key?: string | null;
  /** A token, as it is or with what is known about it; or a TokenRequest, exchanged when it is first needed (TO3j2). */
  readonly token?: string | TokenDetails | TokenRequest | null;
  readonly tokenDetails?: TokenDetails | null;
  readonly authCallback?: AuthCallback | null;
  /** An endpoint of yours that answers with a token, a TokenDetails or a TokenRequest. */
  readonly authUrl?: string | URL | null;
  /** `GET` (default) or `POST`. */
  readonly authMethod?: string | null;
  /**
   * Headers for `authUrl`. A function is called for each request, so that it can return the headers of the user who
   * is signed in at that moment. An object is sent for as long as the client lives, also after `forget()`.
   *
   * An error that the function throws or rejects with counts as one of an `authCallback`. `StopRenewing` and an error
   * with `statusCode` 403 end the tries. An error with `statusCode` 401 says that nobody is signed in. After any
   * other error (40170) the client tries again.
   */
  readonly authHeaders?: AuthFields | AuthFieldsFunction | null;
  /** Sent to `authUrl` along with the TokenParams, which win (RSA8c2). An object or a function, as `authHeaders`. */
  readonly authParams?: AuthFields | AuthFieldsFunction | null;
  /**
   * The name of a query parameter that has another value in each `GET` of `authUrl`, so that no cache takes
   * one request for another. Default `_`. `false`: none, for an address that is signed as a whole, or an
   * endpoint that refuses parameters it does not know. One of that name that the request has anyway stays.
   */
  readonly authCacheParam?: string | false | null;
  /**
   * Whether a request to `authUrl` carries cookies: `'include'` also to an endpoint of another origin, which must
   * allow it (its answers have `access-control-allow-credentials`). The service never gets any. Default: what
   * `fetch` does, as with `'same-origin'`.
   */
  readonly authCredentials?: 'include' | 'same-origin' | null;
  /** Sign TokenRequests by the server's time. @see RSA10k */
  readonly queryTime?: boolean | null;
  /** Tokens even where a key alone would do; false: never. @see RSA4 */
  readonly useTokenAuth?: boolean | null;
}

/** Checked, copied, frozen; what is secret is sealed. */
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

/** Most clients have neither: one box of each does for all of them. */
const noHeaders = new Secret<CheckedFields>(Object.freeze({}), 'authHeaders');
const noParams = new Secret<CheckedFields>(Object.freeze({}), 'authParams');

/** @throws {ErrorInfo} 40005 for the key, 40003 naming any other option that cannot be. */
export function parseAuthOptions(given: AuthOptions): ParsedAuthOptions {
  record('authOptions', given);
  const { key, authCallback, authCacheParam, authCredentials } = given;
  const token = parseToken(given);
  const authUrl = parseUrl(given.authUrl);
  const useTokenAuth = parseFlag('useTokenAuth', given.useTokenAuth);
  if (isGiven(authCallback) && typeof authCallback !== 'function') {
    throw invalidOption('authCallback', 'a function', authCallback);
  }
  return Object.freeze({
    ...(isGiven(key) ? { key: new Secret(parseApiKey(key), 'key') } : {}),
    ...token,
    ...(isGiven(authCallback) ? { authCallback } : {}),
    ...(authUrl === undefined ? {} : { authUrl: new Secret(authUrl, 'authUrl') }),
    authMethod: parseMethod(given.authMethod),
    authHeaders: sealedFields('authHeaders', given.authHeaders, noHeaders),
    authParams: sealedFields('authParams', given.authParams, noParams),
    ...(isGiven(authCacheParam) ? { authCacheParam: parseCacheParam(authCacheParam) } : {}),
    ...(isGiven(authCredentials) ? { authCredentials: parseCredentials(authCredentials) } : {}),
    queryTime: parseFlag('queryTime', given.queryTime) ?? false,
    ...(useTokenAuth === undefined ? {} : { useTokenAuth }),
  });
}

/** Whether there is a way to get a token again and again (RSA4a). */
export function isRenewable(options: ParsedAuthOptions): boolean {
  return options.key !== undefined || options.authCallback !== undefined || options.authUrl !== undefined;
}

/** Whether tokens come from a key and from nothing else: a key signs the TokenParams that it knows. */
export const isKeyOnly = ({ key, authCallback, authUrl }: ParsedAuthOptions): boolean =>
  key !== undefined && authCallback === undefined && authUrl === undefined;

/** Whether a token was given, or a TokenRequest to exchange for one. */
export function hasLiteral(options: ParsedAuthOptions): boolean {
  return options.tokenDetails !== undefined || options.tokenRequest !== undefined;
}

/** A token given as it is serves once (RSA10e); the means stay. */
export function withoutLiteral(options: ParsedAuthOptions): ParsedAuthOptions {
  if (!hasLiteral(options)) return options;
  const { tokenDetails: _used, tokenRequest: _exchanged, ...means } = options;
  return Object.freeze(means);
}

function parseToken({
  token,
  tokenDetails,
}: AuthOptions): Pick<ParsedAuthOptions, 'tokenDetails' | 'tokenRequest'> {
  if (isGiven(tokenDetails)) return { tokenDetails: sealedToken('tokenDetails', tokenDetails) };
  if (!isGiven(token)) return {};
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
  if (fault !== undefined) throw new ErrorInfo({ code: 40003, message: `${name} is ${fault}` });
  return new SecretToken(details);
}

/** What is wrong with an option is told as such, with its name. */
function asOption<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const message = isOwnError(cause) ? cause.message : 'it cannot be read';
    throw new ErrorInfo({ code: 40003, message: `${name}: ${message}` });
  }
}

/** What a module meets that makes a client for a page, and is loaded on a server or by a build as well. */
function withoutPage(): ErrorInfo {
  return new ErrorInfo({
    code: 40003,
    message:
      'authUrl is a relative address, and there is no page here: it must be an absolute http(s) address',
    remediation:
      'Make the client only in the browser (in React: in an effect, not where a module is loaded), or pass an absolute address.',
  });
}

function parseUrl(given: AuthOptions['authUrl']): string | undefined {
  if (!isGiven(given)) return undefined;
  const base = baseAddress();
  const text = typeof given === 'string' ? given : hrefIn(given);
  // What cannot be read is never told in the error, for it may hold a secret.
  const url = text === undefined || text === '' ? undefined : addressOf(text, base);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    if (base === undefined && typeof given === 'string' && /^\.{0,2}\//.test(given)) throw withoutPage();
    throw invalidOption(
      'authUrl',
      base === undefined ? 'a whole http(s) address' : 'an http(s) address',
      given,
    );
  }
  // fetch() refuses such an address, only later and in riddles.
  if (url.username === '' && url.password === '') return url.href;
  throw new ErrorInfo({
    code: 40003,
    message: 'authUrl has a user name or a password in it',
    remediation: 'Send them as authHeaders: { authorization: … }.',
  });
}

function parseMethod(given: AuthOptions['authMethod']): 'GET' | 'POST' {
  const method = isGiven(given) ? String(given).toUpperCase() : 'GET';
  if (method === 'GET' || method === 'POST') return method;
  throw invalidOption('authMethod', "'GET' or 'POST'", given);
}

function sealedFields(
  name: 'authHeaders' | 'authParams',
  given: AuthFields | AuthFieldsFunction | null | undefined,
  none: Secret<CheckedFields>,
): ParsedAuthOptions[typeof name] {
  if (!isGiven(given)) return none;
  return new Secret(typeof given === 'function' ? given : checkFields(name, given), name);
}

/** What an endpoint reads of a query: the value that changes would be taken for one of these. */
const TAKEN = new Set(['ttl', 'capability', 'clientId', 'timestamp', 'nonce', 'keyName', 'mac', 'token']);

/** Letters that stand in a query as they are. */
const PARAM_NAME = /^[\w.~-]{1,64}$/;

function parseCacheParam(given: unknown): string | false {
  if (given === false) return given;
  if (typeof given === 'string' && PARAM_NAME.test(given) && !TAKEN.has(given)) return given;
  throw new ErrorInfo({
    code: 40003,
    message:
      typeof given === 'string' && TAKEN.has(given)
        ? `authCacheParam is ${JSON.stringify(given)}, which is a parameter of token requests`
        : 'authCacheParam must be the name of a query parameter, of letters, digits and "-", ".", "_", "~", or false',
    remediation: "Give another name, such as '_'; or false, for no such parameter.",
  });
}

function parseCredentials(given: unknown): 'include' | 'same-origin' {
  if (given === 'include' || given === 'same-origin') return given;
  throw invalidOption('authCredentials', "'include' or 'same-origin'", given);
}

function parseFlag(name: string, given: unknown): boolean | undefined {
  if (!isGiven(given)) return undefined;
  if (typeof given === 'boolean') return given;
  throw invalidOption(name, 'true or false', given);
}

function isGiven<T>(given: T): given is NonNullable<T> {
  return given !== undefined && given !== null;
}
