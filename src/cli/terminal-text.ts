/** Line ends, escape sequences, marks of direction: not seen, but a terminal obeys them. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * What somebody else wrote, fit for a line of a terminal: what would move the cursor, begin a line or turn
 * letters round is told as `\u001b`, say, and not done.
 */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : String(JSON.stringify(value));
  return text.replace(UNSEEN, escaped);
}

/** The same JSON, also to who parses it, with nothing in it that a terminal would obey but its own line ends. */
export function shownJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent);
  return text.replace(UNSEEN, (unseen) => (unseen === '\n' ? unseen : escaped(unseen)));
}

function escaped(unseen: string): string {
  return unseen
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
