import type { StandardCallback } from '../async/callback.js';
import { checkNames, record } from '../checks/option-checks.js';
import { ErrorInfo } from '../errors/error-info.js';
import { hrefIn } from '../platform/address.js';
import { copyOfInit } from '../platform/fetch.js';
import {
  type AuthOptions,
  authOptionNames,
  hasLiteral,
  isKeyOnly,
  isRenewable,
  parseAuthOptions,
} from '../sources/auth-options.js';
import { checkSignedNames, parseTokenParams, type TokenParams } from '../token/token-params.js';
import type { AcquisitionParams } from './acquisition-params.js';

/** An argument that may be null or undefined, which both mean "absent". */
export type Maybe<T> = T | null | undefined;

/** The arguments of a call, in any of its forms. */
export type CallArguments<T> = readonly [
  tokenParams?: Maybe<TokenParams> | StandardCallback<T>,
  authOptions?: Maybe<AuthOptions> | StandardCallback<T>,
  callback?: Maybe<StandardCallback<T>>,
];

/** The callback, at whichever position. */
export function callbackIn<T>([first, second, third]: CallArguments<T>): StandardCallback<T> | undefined {
  return [third, second, first].find((one) => typeof one === 'function');
}

/**
 * The parameters of a call: each argument replaces the stored value as a whole (RSA10j, RSA8e). null: the call has
 * no arguments.
 * @throws {ErrorInfo} 40003, 40005, 40012, 40106
 */
export function acquisitionParamsIn<T>(
  [first, second, third]: CallArguments<T>,
  stored: AcquisitionParams,
): AcquisitionParams | null {
  if (third !== undefined && third !== null && typeof third !== 'function') throw noCallback();
  const tokenParams = argument(first);
  const authOptions = argument(second);
  if (tokenParams === undefined && authOptions === undefined) return null;
  const params = tokenParams === undefined ? stored.tokenParams : parseTokenParams(tokenParams);
  const options = authOptions === undefined ? stored.authOptions : checkMeans(authOptions);
  if (isKeyOnly(options)) checkSignedNames(params);
  return authOptions === undefined
    ? { tokenParams: params, authOptions: options, areOptionsStored: true }
    : { tokenParams: params, authOptions: options };
}

/** A copy of the request's arguments: the caller may change these objects afterwards. */
export function requestArguments(
  input: string | URL | Request,
  init: RequestInit | undefined,
): [string | URL | Request, RequestInit | undefined] {
  const target = hrefIn(input) ?? input;
  if (!isPlain(init)) return [target, init];
  return [target, copyOfInit(init)];
}

function isPlain(given: RequestInit | undefined): given is RequestInit {
  return typeof given === 'object' && given !== null && Object.getPrototypeOf(given) === Object.prototype;
}

/** The argument at the position of TokenParams or AuthOptions, unless it is the callback. */
function argument<T extends object, R>(given: Maybe<T> | StandardCallback<R>): T | undefined {
  return typeof given === 'function' || given === null ? undefined : given;
}

function noCallback(): ErrorInfo {
  return new ErrorInfo({
    code: 40003,
    message: 'the third argument must be a callback function',
    remediation: 'Pass a callback, or leave the argument out to get a promise.',
  });
}

/** @throws {ErrorInfo} 40106: the new options contain no way to get a token (RSA10j). */
function checkMeans(given: AuthOptions): AcquisitionParams['authOptions'] {
  checkNames(record('authOptions', given), authOptionNames, [
    ['Put it into the first argument, the TokenParams.', 'ttl capability clientId timestamp nonce'],
  ]);
  const parsed = parseAuthOptions(given);
  if (hasLiteral(parsed) || isRenewable(parsed)) return parsed;
  throw new ErrorInfo({
    code: 40106,
    message: 'authOptions must have a key, a token, an authUrl or an authCallback',
    remediation:
      'They are used instead of the stored ones, not merged with them: repeat the key, authUrl or authCallback, or pass null.',
  });
}
