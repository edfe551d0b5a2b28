import { type ParsedAuthOptions, withoutLiteral } from '../sources/auth-options.js';
import type { Capability } from '../token/capability.js';
import { isSecret, Secret } from '../token/secret.js';
import type { ParsedTokenParams } from '../token/token-params.js';
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
