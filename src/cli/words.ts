import { Misuse } from './failure.js';

/** Collects the values of an option that can be repeated. */
export function gathered(value: string, all: readonly string[] = []): readonly string[] {
  return [...all, value];
}

/** Parses values of the form `name=value` or `name: value`. */
export function pairs(
  option: string,
  between: string,
  texts: readonly string[] = [],
): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const end = text.indexOf(between);
      if (end < 1) {
        throw new Misuse(`${option} must have a name and a value`, `Use name${between}value.`);
      }
      return [text.slice(0, end).trim(), text.slice(end + 1).trim()];
    }),
  );
}

export function httpUrl(what: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.href;
  throw new Misuse(
    `${what} must be a web address`,
    'Use the whole address, such as https://example.com/token.',
  );
}
