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
    .reduce((rest, secret) => rest.replaceAll(secret.length < SHORT ? whole(secret) : secret, '[…]'), text);
}

/** A short one is looked for as a word: it may be a part of others by chance. */
const SHORT = 12;

const whole = (secret: string): RegExp =>
  new RegExp(`(?<![A-Za-z0-9])${secret.replace(/[^A-Za-z0-9]/g, '\\$&')}(?![A-Za-z0-9])`, 'g');

/** A web address without a query, or words joined by punctuation, may stay. */
function isPlain(run: string): boolean {
  if (/^https?:\/\/[a-z0-9.\-:]+(\/[a-z-]{0,24})*$/.test(run)) return true;
  return run.split(/[_\-+/=.:]/).every((word) => isWord(word) || isCamelCase(word));
}

const isWord = (word: string): boolean =>
  word.length < 20 && /^([a-z]*|[A-Z][a-z]+|[A-Z]{1,12}|\d{1,6})$/.test(word);

/** Words joined by capitals, as in the names of states and options; chance makes shorter ones. */
function isCamelCase(word: string): boolean {
  if (!/^[a-z]+([A-Z][a-z]+)+$/.test(word)) return false;
  const parts = word.split(/(?=[A-Z])/);
  return word.length >= 4 * parts.length && parts.every(isWord);
}
