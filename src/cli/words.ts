import { Misuse } from './failure.js';

/** For options that may be given several times. */
export function gathered(value: string, all: readonly string[] = []): readonly string[] {
  return [...all, value];
}

/** `name=value` or `name: value`, each. */
export function pairs(
  option: string,
  between: string,
  texts: readonly string[] = [],
): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const end = text.indexOf(between);
      if (end < 1) {
        throw new Misuse(`${option} has no name and value`, `Give it as name${between}value.`);
      }
      return [text.slice(0, end).trim(), text.slice(end + 1).trim()];
    }),
  );
}

export function httpUrl(what: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.href;
  throw new Misuse(`${what} is not a web address`, 'Give it whole, as https://example.com/token.');
}
