import { type ParsedAuthOptions, withoutLiteral } from '../sources/auth-options.js';
import type { Capability } from '../token/capability.js';
import { isSecret, Secret } from '../token/secret.js';
import type { ParsedTokenParams } from '../token/token-params.js';
import type { AuthSnapshot } from './auth-state.js';

/** What tokens are asked by: TokenParams and AuthOptions, stored and replaced together (RSA10g). */
export interface AcquisitionParams {
  readonly tokenParams: ParsedTokenParams;
  readonly authOptions: ParsedAuthOptions;
  /** The options are the stored ones already: none came with the call. */
  readonly areOptionsStored?: boolean;
  /** What the token must allow, for this once: it is not taken otherwise. */
  readonly needs?: Capability;
}

/** The terms of a client that no call has changed. */
export function firstParams(
  tokenParams: ParsedTokenParams,
  authOptions: ParsedAuthOptions,
): Secret<AcquisitionParams> {
  return secretParams({ tokenParams, authOptions, areOptionsStored: true });
}

export function secretParams(terms: AcquisitionParams): Secret<AcquisitionParams> {
  return new Secret(terms, 'terms');
}

/** RSA7d, RSA10h: the client's own name, where none is given; an explicit null stays. */
export function namedParams(params: ParsedTokenParams, clientId: string | undefined): ParsedTokenParams {
  return clientId === undefined || params.clientId !== undefined ? params : { ...params, clientId };
}

/** The box of a call's terms. Equal terms are the same box, so that the machine can tell a call that may join. */
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

/** What of `terms` is kept for later: no needs, no literal token (RSA10e), timestamp, nonce, nor a call's queryTime (RSA10g). */
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

/** Whether two calls ask for the same thing. Functions are the same only if they are one. */
function areSameParams(a: AcquisitionParams, b: AcquisitionParams): boolean {
  return isSame(opened(a), opened(b));
}

/** Whether two values look alike. Functions and class instances do only if they are one. */
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

/** Boxes look alike from outside: compare what is in them, whichever options have one. */
function opened({ tokenParams, authOptions, needs }: AcquisitionParams): unknown {
  const options = Object.entries(authOptions).map(([name, value]) => [
    name,
    isSecret(value) ? value.expose() : value,
  ]);
  return { ...Object.fromEntries(options), tokenParams, needs };
}
