/** Longer texts from outside tell nothing more. */
const LONGEST = 300;

/** No more of a text is looked at: what a search costs does not grow with what was sent. */
const LONGEST_READ = 4_096;

/** A run like a key, token, mac or nonce: long, and of the letters those are made of. */
const SECRET_LIKE = /[A-Za-z0-9_\-+/=.:%~]{20,}/g;
const UP_TO_THE_LAST_RUN = /^.*[^A-Za-z0-9_\-+/=.:%~]/s;

/** Shorter ones would take words out of any text. */
const SHORTEST_KNOWN = 4;

/**
 * A message that came from a server or an application's callback, fit to be shown: what might be a
 * secret is taken out, the rest stays readable.
 * @param known secrets that the other party was sent, and might repeat, whatever they look like
 */
export function redactText(text: string, known: readonly string[] = []): string {
  const masked = redactKnown(text, known).replace(SECRET_LIKE, (run) => (isPlain(run) ? run : '[…]'));
  return masked.length > LONGEST ? `${masked.slice(0, LONGEST)}…` : masked;
}

/** The same text without these, the longest first: one may be a part of another. What is long is cut. */
export function redactKnown(text: string, known: readonly string[]): string {
  const secrets = known.filter(({ length }) => length >= SHORTEST_KNOWN).sort((a, b) => b.length - a.length);
  const masked = (part: string) => secrets.reduce(without, part);
  if (text.length <= LONGEST_READ) return masked(text);
  // The cut may go through a secret, and what it leaves of it is not found: it is left out as well.
  const more = Math.min(secrets[0]?.length ?? 0, LONGEST_SOUGHT);
  const head = masked(text.slice(0, LONGEST_READ + more));
  return `${withoutLastRun(head.slice(0, Math.max(0, head.length - more)))}…`;
}

/** A long secret is known by its beginning: what a search costs is not for whoever made the secret to say. */
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

/** What the cut left of a run might be too short to look like the secret that it is a part of. */
function withoutLastRun(text: string): string {
  const before = UP_TO_THE_LAST_RUN.exec(text)?.[0] ?? '';
  return before.length === text.length ? text : `${before}[…]`;
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
