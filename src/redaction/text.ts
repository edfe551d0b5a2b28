/** The longest text from outside that is shown; the rest is cut off. */
const LONGEST = 300;

/** The longest text that is searched, so that the cost does not depend on the sender. */
const LONGEST_READ = 4_096;

/** A sequence that looks like a key, token, mac or nonce: long, and made of their characters. */
const SECRET_LIKE = /[A-Za-z0-9_\-+/=.:%~]{20,}/g;
const UP_TO_THE_LAST_RUN = /^.*[^A-Za-z0-9_\-+/=.:%~]/s;

/** Shorter secrets would remove words from ordinary texts. */
const SHORTEST_KNOWN = 4;

/**
 * Redacts a message from a server or a user callback: replaces what may be a secret, and keeps the rest
 * readable.
 * @param known secrets that were sent to the other side, which may repeat them; these are always replaced
 */
export function redactText(text: string, known: readonly string[] = []): string {
  const masked = redactKnown(text, known).replace(SECRET_LIKE, (run) => (isPlain(run) ? run : '[…]'));
  return masked.length > LONGEST ? `${masked.slice(0, LONGEST)}…` : masked;
}

/** Replaces known secrets, the longest first, because one may contain another. A long text is cut. */
export function redactKnown(text: string, known: readonly string[]): string {
  const secrets = known.filter(({ length }) => length >= SHORTEST_KNOWN).sort((a, b) => b.length - a.length);
  const masked = (part: string) => secrets.reduce(without, part);
  if (text.length <= LONGEST_READ) return masked(text);
  // The cut can split a secret, whose rest would not be found. So more is searched, and the last sequence is
  // removed.
  const more = Math.min(secrets[0]?.length ?? 0, LONGEST_SOUGHT);
  const head = masked(text.slice(0, LONGEST_READ + more));
  return `${withoutLastRun(head.slice(0, Math.max(0, head.length - more)))}…`;
}

/**
 * A long secret is found by its beginning, so that the cost does not depend on the length that its issuer
 * chose.
 */
const LONGEST_SOUGHT = 1_024;

function without(text: string, secret: string): string {
  if (secret.length < SHORT) return text.replaceAll(whole(secret), '[…]');
  const sought = secret.slice(0, LONGEST_SOUGHT);
  let [rest, from] = ['', 0];
  for (let at = text.indexOf(sought); at !== -1; at = text.indexOf(sought, from)) {
    rest += `${text.slice(from, at)}[…]`;
    from = at + sought.length;
    while (from - at < secret.length && text[from] === secret[from - at]) from += 1;
  }
  return rest + text.slice(from);
}

/**
 * Removes the last sequence of a cut text: it may be the beginning of a secret, and too short to look like
 * one.
 */
function withoutLastRun(text: string): string {
  const before = UP_TO_THE_LAST_RUN.exec(text)?.[0] ?? '';
  return before.length === text.length ? text : `${before}[…]`;
}

/** A shorter secret is searched as a whole word: it could be part of other words by chance. */
const SHORT = 12;

const whole = (secret: string): RegExp =>
  new RegExp(`(?<![A-Za-z0-9])${secret.replace(/[^A-Za-z0-9]/g, '\\$&')}(?![A-Za-z0-9])`, 'g');

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
