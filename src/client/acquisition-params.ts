import type { StandardCallback } from '../async/callback.js';
import { checkNames, invalidArgument, record } from '../checks/option-checks.js';
import { ErrorInfo } from '../errors/error-info.js';
import {
  type AuthOptions,
  authOptionNames,
  hasLiteral,
  isKeyOnly,
  isRenewable,
  type ParsedAuthOptions,
  parseAuthOptions,
  withoutLiteral,
} from '../sources/auth-options.js';
import type { Capability } from '../token/capability.js';
import { isSecret, Secret } from '../token/secret.js';
import {
  checkSignedNames,
  type ParsedTokenParams,
  parseTokenParams,
  type TokenParams,
} from '../token/token-params.js';
import type { AuthSnapshot } from './auth-state.js';

/** The TokenParams and AuthOptions of a request for a token. They are stored and replaced together (RSA10g). */
export interface AcquisitionParams {
  readonly tokenParams: ParsedTokenParams;
  readonly authOptions: ParsedAuthOptions;
  /** Whether the AuthOptions are the stored ones: the call had none of its own. */
  readonly areOptionsStored?: boolean;
  /** The rights that this token must have. A token without them is not used. They are not stored. */
  readonly needs?: Capability;
}

/** The parameters of a client before any call has changed them. */
export function firstParams(
  tokenParams: ParsedTokenParams,
  authOptions: ParsedAuthOptions,
): Secret<AcquisitionParams> {
  return secretParams({ tokenParams, authOptions, areOptionsStored: true });
}

export function secretParams(terms: AcquisitionParams): Secret<AcquisitionParams> {
  return new Secret(terms, 'terms');
}

/** RSA7d, RSA10h: the client's own clientId, if the parameters have none. An explicit null stays null. */
export function namedParams(params: ParsedTokenParams, clientId: string | undefined): ParsedTokenParams {
  return clientId === undefined || params.clientId !== undefined ? params : { ...params, clientId };
}

/**
 * The box that holds the parameters of a call. Equal parameters get the same box, so that the machine can compare
 * boxes to find out whether a call may join.
 */
export function boxFor(
  own: AcquisitionParams | null,
  { request, terms }: AuthSnapshot['context'],
): Secret<unknown> {
  if (own === null && (request === null || request.terms === terms)) return terms;
  const asked = own ?? (terms.expose() as AcquisitionParams);
  if (request !== null && areSameParams(asked, request.terms.expose() as AcquisitionParams))
    return request.terms;
  return own === null ? terms : secretParams(own);
}

/**
 * The part of the parameters that is stored: without needs, literal token (RSA10e), timestamp, nonce, and a call's
 * own queryTime (RSA10g).
 */
export function paramsToStore({
  tokenParams,
  authOptions,
  areOptionsStored = false,
}: AcquisitionParams): AcquisitionParams {
  const { timestamp: _once, nonce: _used, ...kept } = tokenParams;
  return {
    tokenParams: Object.freeze(kept),
    authOptions: Object.freeze({
      ...withoutLiteral(authOptions),
      queryTime: areOptionsStored && authOptions.queryTime,
    }),
  };
}

/** Whether two calls ask for the same token. Two functions are the same only if they are one object. */
function areSameParams(a: AcquisitionParams, b: AcquisitionParams): boolean {
  return isSame(opened(a), opened(b));
}

/** Whether two values have equal content. Functions and class instances are compared by identity. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isData(a) || !isData(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length && names.every((name) => name in b && isSame(a[name], b[name]))
  );
}

function isData(value: unknown): value is Readonly<Record<string, unknown>> {
  if (Array.isArray(value)) return true;
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** The content of all boxes. Two boxes with equal content are still two objects. */
function opened({ tokenParams, authOptions, needs }: AcquisitionParams): unknown {
  const options = Object.entries(authOptions).map(([name, value]) => [
    name,
    isSecret(value) ? value.expose() : value,
  ]);
  return { ...Object.fromEntries(options), tokenParams, needs };
}

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

/** The argument at the position of TokenParams or AuthOptions, unless it is the callback. */
function argument<T extends object, R>(given: Maybe<T> | StandardCallback<R>): T | undefined {
  return typeof given === 'function' || given === null ? undefined : given;
}

function noCallback(): ErrorInfo {
  return invalidArgument(
    'the third argument must be a callback function',
    'Pass a callback, or leave the argument out to get a promise.',
  );
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
