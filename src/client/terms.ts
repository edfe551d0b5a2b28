import type { AuthSnapshot } from '../auth-state.js';
import { type ParsedAuthOptions, withoutLiteral } from '../sources/auth-options.js';
import type { Capability } from '../token/capability.js';
import { isSealed, Sealed } from '../token/sealed.js';
import type { ParsedTokenParams } from '../token/token-params.js';

/** What tokens are asked by: TokenParams and AuthOptions, stored and replaced together (RSA10g). */
export interface Terms {
  readonly tokenParams: ParsedTokenParams;
  readonly authOptions: ParsedAuthOptions;
  /** The options are the stored ones already: none came with the call. */
  readonly areOptionsStored?: boolean;
  /** What the token must allow, for this once: it is not taken otherwise. */
  readonly needs?: Capability;
}

export function sealTerms(terms: Terms): Sealed<Terms> {
  return new Sealed(terms, 'terms');
}

/** The box of a call's terms. Equal terms are the same box, so that the machine can tell a call that may join. */
export function boxFor(own: Terms | null, { request, terms }: AuthSnapshot['context']): Sealed<unknown> {
  if (own === null && (request === null || request.terms === terms)) return terms;
  const asked = own ?? (terms.open() as Terms);
  if (request !== null && areSameTerms(asked, request.terms.open() as Terms)) return request.terms;
  return own === null ? terms : sealTerms(own);
}

/** What of `terms` is kept for later: no needs, no literal token (RSA10e), timestamp, nonce, nor a call's queryTime (RSA10g). */
export function termsToStore({ tokenParams, authOptions, areOptionsStored = false }: Terms): Terms {
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
function areSameTerms(a: Terms, b: Terms): boolean {
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
function opened({ tokenParams, authOptions, needs }: Terms): unknown {
  const options = Object.entries(authOptions).map(([name, value]) => [
    name,
    isSealed(value) ? value.open() : value,
  ]);
  return { ...Object.fromEntries(options), tokenParams, needs };
}
