/** Longer texts from outside tell nothing more. */
const LONGEST = 300;

/** A run like a key, token, mac or nonce: long, and of the letters those are made of. */
const SECRET_LIKE = /[A-Za-z0-9_\-+/=.:%~]{20,}/g;

/** Shorter ones would take words out of any text. */
const SHORTEST_KNOWN = 4;

/**
 * A message that came from a server or an application's callback, fit to be shown: what might be a
 * secret is taken out, the rest stays readable.
 * @param known secrets that the other party was sent, and might repeat, whatever they look like
 */
export function maskForeign(text: string, known: readonly string[] = []): string {
  const masked = maskKnown(text, known).replace(SECRET_LIKE, (run) => (isPlain(run) ? run : '[…]'));
  return masked.length > LONGEST ? `${masked.slice(0, LONGEST)}…` : masked;
}

/** The same text without these, the longest first: one may be a part of another. */
export function maskKnown(text: string, known: readonly string[]): string {
  return known
    .filter(({ length }) => length >= SHORTEST_KNOWN)
    .sort((a, b) => b.length - a.length)
    .reduce((rest, secret) => rest.replaceAll(secret, '[…]'), text);
}

/** A web address without a query, or words joined by punctuation, may stay. */
function isPlain(run: string): boolean {
  if (/^https?:\/\/[a-z0-9.\-:]+(\/[a-z-]{0,24})*$/.test(run)) return true;
  return run
    .split(/[_\-+/=.:]/)
    .every((word) => word.length < 20 && /^([a-z]*|[A-Z][a-z]+|\d{1,6})$/.test(word));
}
