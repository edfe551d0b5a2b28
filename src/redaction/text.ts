import { hideKnown } from './known-secrets.js';

/** The longest text from outside that is shown; the rest is cut off. */
const LONGEST = 300;

/** The longest text that is searched, so that the cost does not depend on the sender. */
const LONGEST_READ = 4_096;

/** How many letters after the cut may belong to a known secret: 512 letters, and an encoding may write each as six. */
const LONGEST_ENCODED = 3_072;

/** A sequence that looks like a key, token, mac or nonce: long, and made of their characters. */
const SECRET_LIKE = /[A-Za-z0-9_\-+/=.:%~]{20,}/g;
const UP_TO_THE_LAST_RUN = /^.*[^A-Za-z0-9_\-+/=.:%~]/s;

/**
 * Redacts a message from a server or a user callback: replaces what may be a secret, and keeps the rest
 * readable.
 * @param known secrets that were sent to the other side, which may repeat them; these are always replaced
 */
export function redactText(text: string, known: readonly string[] = []): string {
  const masked = redactKnown(text, known).replace(SECRET_LIKE, (run) => (isPlain(run) ? run : '[…]'));
  return masked.length > LONGEST ? `${withoutLastRun(masked.slice(0, LONGEST))}…` : masked;
}

/** Replaces known secrets, in each encoding. A long text is cut. */
export function redactKnown(text: string, known: readonly string[]): string {
  if (text.length <= LONGEST_READ) return hideKnown(text, known);
  // The cut can split a secret, whose rest would not be found. So more is searched, and the last sequence is
  // removed.
  return `${withoutLastRun(hideKnown(text.slice(0, LONGEST_READ + LONGEST_ENCODED), known, LONGEST_READ))}…`;
}

/**
 * Removes the last sequence of a cut text: it may be the beginning of a secret, and too short to be recognised.
 */
function withoutLastRun(text: string): string {
  const end = text.slice(-LONGEST_END);
  const before = UP_TO_THE_LAST_RUN.exec(end)?.[0] ?? '';
  return before.length === end.length ? text : `${text.slice(0, before.length - end.length)}[…]`;
}

const LONGEST_END = 64;

/** Whether a sequence may stay: a web address without a query, or words joined by punctuation. */
function isPlain(run: string): boolean {
  if (/^https?:\/\/[a-z0-9.\-:]+(\/[a-z-]{0,24})*$/.test(run)) return true;
  return run.split(/[_\-+/=.:]/).every((word) => isWord(word) || isCamelCase(word));
}

const isWord = (word: string): boolean =>
  word.length < 20 && /^([a-z]*|[A-Z][a-z]+|[A-Z]{1,12}|\d{1,6})$/.test(word);

/**
 * Whether a word is made of words joined by capitals, as in names of states and options. Random texts have
 * shorter parts.
 */
function isCamelCase(word: string): boolean {
  if (!/^[a-z]+([A-Z][a-z]+)+$/.test(word)) return false;
  const parts = word.split(/(?=[A-Z])/);
  return word.length >= 4 * parts.length && parts.every(isWord);
}
