/** Longer texts from outside tell nothing more. */
const LONGEST = 300;

/** No more of a text is looked at: what a search costs does not grow with what was sent. */
const LONGEST_READ = 4_096;

/** A run like a key, token, mac or nonce: long, and of the letters those are made of. */
const SECRET_LIKE = /[A-Za-z0-9_\-+/=.:%~]{20,}/g;
const RUN_LETTER = /[A-Za-z0-9_\-+/=.:%~]/;

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

/** The same text without these, the longest first: one may be a part of another. What is long is cut. */
export function maskKnown(text: string, known: readonly string[]): string {
  const secrets = known.filter(({ length }) => length >= SHORTEST_KNOWN).sort((a, b) => b.length - a.length);
  const masked = (part: string) =>
    secrets.reduce((rest, one) => rest.replaceAll(one.length < SHORT ? whole(one) : one, '[…]'), part);
  // A cut may go through a secret: so much more is read that none is missed, and left out again.
  const more = secrets[0]?.length ?? 0;
  if (text.length <= LONGEST_READ + more) return masked(text);
  const head = masked(text.slice(0, LONGEST_READ + more));
  return `${withoutLastRun(head.slice(0, Math.max(0, head.length - more)))}…`;
}

/** What the cut left of a run might be too short to look like the secret that it is a part of. */
function withoutLastRun(text: string): string {
  let end = text.length;
  while (end > 0 && RUN_LETTER.test(text.charAt(end - 1))) end -= 1;
  return end === text.length ? text : `${text.slice(0, end)}[…]`;
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
