import { ErrorInfo } from '../errors.js';
import { type ApiKey, parseApiKey } from '../token/api-key.js';
import { Sealed } from '../token/sealed.js';
import { parseTokenDetails, type TokenDetails } from '../token/token-details.js';
import type { TokenParams } from '../token/token-params.js';
import type { TokenRequest } from '../token/token-request.js';

/** What an `authCallback` may give. */
export type CallbackResult = string | TokenDetails | TokenRequest;

/**
 * The second argument of an `authCallback`: a function to answer through, which also carries the
 * signal that aborts when the answer is no longer wanted.
 */
export interface AuthCallbackAnswer {
  (error: unknown, result?: CallbackResult | null): void;
  readonly signal: AbortSignal;
}

/**
 * Gives a token string, a TokenDetails or a TokenRequest: returned, promised or called back with,
 * whichever comes first.
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
  // biome-ignore lint/suspicious/noConfusingVoidType: a callback that answers through its argument returns nothing
) => Promise<CallbackResult> | CallbackResult | void;

/**
 * How a client authenticates. Of several means the first of `authCallback`, `authUrl`, `key` is used;
 * a `token` is used first, and once.
 * @see AO1, AO2
 */
export interface AuthOptions {
  /** `appId.keyId:secret`. Not for browsers: there it is public. */
  readonly key?: string | null;
  readonly token?: string | TokenDetails | null;
  readonly tokenDetails?: TokenDetails | null;
  readonly authCallback?: AuthCallback | null;
  /** An endpoint of yours that answers with a token, a TokenDetails or a TokenRequest. */
  readonly authUrl?: string | URL | null;
  /** `GET` (default) or `POST`. */
  readonly authMethod?: string | null;
  readonly authHeaders?: Readonly<Record<string, string | number | boolean>> | null;
  /** Sent to `authUrl` along with the TokenParams, which win (RSA8c2). */
  readonly authParams?: Readonly<Record<string, string | number | boolean>> | null;
  /** Sign TokenRequests by the server's time. @see RSA10k */
  readonly queryTime?: boolean | null;
  /** Tokens even where a key alone would do; false: never. @see RSA4 */
  readonly useTokenAuth?: boolean | null;
}

/** Checked, copied, frozen; what is secret is sealed. */
export interface ParsedAuthOptions {
  readonly key?: Sealed<ApiKey>;
  readonly tokenDetails?: Sealed<TokenDetails>;
  readonly authCallback?: AuthCallback;
  readonly authUrl?: Sealed<string>;
  readonly authMethod: 'GET' | 'POST';
  readonly authHeaders: Sealed<Readonly<Record<string, string>>>;
  readonly authParams: Sealed<Readonly<Record<string, string>>>;
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
  'queryTime',
  'useTokenAuth',
];

/** @throws {ErrorInfo} 40005 for the key, 40003 naming any other option that cannot be. */
export function parseAuthOptions(given: AuthOptions): ParsedAuthOptions {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalid('authOptions', 'an object', given);
  }
  const { key, authCallback } = given;
  const token = parseToken(given);
  const authUrl = parseUrl(given.authUrl);
  const useTokenAuth = parseFlag('useTokenAuth', given.useTokenAuth);
  if (isGiven(authCallback) && typeof authCallback !== 'function') {
    throw invalid('authCallback', 'a function', authCallback);
  }
  return Object.freeze({
    ...(isGiven(key) ? { key: new Sealed(parseApiKey(key), 'key') } : {}),
    ...(token === undefined ? {} : { tokenDetails: new Sealed(token, 'token') }),
    ...(isGiven(authCallback) ? { authCallback } : {}),
    ...(authUrl === undefined ? {} : { authUrl: new Sealed(authUrl, 'authUrl') }),
    authMethod: parseMethod(given.authMethod),
    authHeaders: new Sealed(parseTexts('authHeaders', given.authHeaders), 'authHeaders'),
    authParams: new Sealed(parseTexts('authParams', given.authParams), 'authParams'),
    queryTime: parseFlag('queryTime', given.queryTime) ?? false,
    ...(useTokenAuth === undefined ? {} : { useTokenAuth }),
  });
}

/** Whether there is a way to get a token again and again (RSA4a). */
export function isRenewable(options: ParsedAuthOptions): boolean {
  return options.key !== undefined || options.authCallback !== undefined || options.authUrl !== undefined;
}

/** A token given as it is serves once (RSA10e); the means stay. */
export function withoutLiteral(options: ParsedAuthOptions): ParsedAuthOptions {
  const { tokenDetails: _used, ...means } = options;
  return Object.freeze(means);
}

function parseToken({ token, tokenDetails }: AuthOptions): TokenDetails | undefined {
  const given = tokenDetails ?? token;
  if (!isGiven(given)) return undefined;
  if (given === '') throw invalid('token', 'a token', given);
  if (typeof given === 'string') return Object.freeze({ token: given });
  try {
    return parseTokenDetails(given);
  } catch (cause) {
    const { message } = cause as Error;
    throw new ErrorInfo({
      code: 40003,
      message: `${isGiven(tokenDetails) ? 'tokenDetails' : 'token'}: ${message}`,
    });
  }
}

function parseUrl(given: AuthOptions['authUrl']): string | undefined {
  if (!isGiven(given)) return undefined;
  const base: string | undefined = globalThis.location?.href;
  try {
    const url = new URL(String(given), base);
    if (url.protocol === 'http:' || url.protocol === 'https:') return url.href;
  } catch {
    // Told below, without the text: it may hold a secret.
  }
  throw invalid('authUrl', base === undefined ? 'a whole http(s) address' : 'an http(s) address', given);
}

function parseMethod(given: AuthOptions['authMethod']): 'GET' | 'POST' {
  const method = isGiven(given) ? String(given).toUpperCase() : 'GET';
  if (method === 'GET' || method === 'POST') return method;
  throw invalid('authMethod', "'GET' or 'POST'", given);
}

function parseTexts(name: string, given: AuthOptions['authHeaders']): Readonly<Record<string, string>> {
  if (!isGiven(given)) return Object.freeze({});
  if (typeof given !== 'object' || Array.isArray(given)) throw invalid(name, 'an object of strings', given);
  const texts: Record<string, string> = {};
  for (const [key, value] of Object.entries(given)) {
    if (!['string', 'number', 'boolean'].includes(typeof value))
      throw invalid(`${name}.${key}`, 'a string', value);
    texts[key] = String(value);
  }
  return Object.freeze(texts);
}

function parseFlag(name: string, given: unknown): boolean | undefined {
  if (!isGiven(given)) return undefined;
  if (typeof given === 'boolean') return given;
  throw invalid(name, 'true or false', given);
}

function isGiven<T>(given: T): given is NonNullable<T> {
  return given !== undefined && given !== null;
}

/** Names the kind of what was given, never its content. */
function invalid(name: string, wanted: string, given: unknown): ErrorInfo {
  const shown = given === '' ? 'empty' : Array.isArray(given) ? 'an array' : `a ${typeof given}`;
  return new ErrorInfo({ code: 40003, message: `${name} is ${shown}, not ${wanted}` });
}
