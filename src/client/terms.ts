import { dequal } from 'dequal';
import type { AuthSnapshot } from '../auth-state.js';
import { type ParsedAuthOptions, withoutLiteral } from '../sources/auth-options.js';
import type { Capability } from '../token/capability.js';
import { Sealed } from '../token/sealed.js';
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
export function boxFor(own: Terms | null, { ask, terms }: AuthSnapshot['context']): Sealed<unknown> {
  if (own === null && (ask === null || ask.terms === terms)) return terms;
  const asked = own ?? (terms.open() as Terms);
  if (ask !== null && areSameTerms(asked, ask.terms.open() as Terms)) return ask.terms;
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
export function areSameTerms(a: Terms, b: Terms): boolean {
  return dequal(opened(a), opened(b));
}

/** Boxes look alike from outside: compare what is in them, whichever options have one. */
function opened({ tokenParams, authOptions, needs }: Terms): unknown {
  const options = Object.entries(authOptions).map(([name, value]) => [
    name,
    value instanceof Sealed ? value.open() : value,
  ]);
  return { ...Object.fromEntries(options), tokenParams, needs };
}
