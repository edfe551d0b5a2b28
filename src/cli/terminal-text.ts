/**
 * Control characters, escape sequences and direction marks: they are invisible, but a terminal acts on them.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * A text from outside, safe to print on one line of a terminal: control characters are written as `\u001b`,
 * for example.
 */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : String(JSON.stringify(value));
  return text.replace(UNSEEN, escaped);
}

/**
 * JSON that is safe to print: it has the same value when parsed, and its only control characters are line
 * breaks.
 */
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
