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
  const all = texts.map((text): [string, string] => {
    const end = text.indexOf(between);
    if (end < 1) {
      throw new Misuse(`${option} must have a name and a value`, `Use name${between}value.`);
    }
    return [text.slice(0, end).trim(), text.slice(end + 1).trim()];
  });
  refuseRepeated(
    option,
    all.map(([name]) => name),
  );
  return Object.fromEntries(all);
}

/** Refuses a name that is given twice: only one of the values would be used. Names of headers ignore case. */
export function refuseRepeated(option: string, names: readonly string[]): void {
  const same = (name: string) => (option === '--header' ? name.toLowerCase() : name);
  const twice = names.find((name, index) => names.findIndex((one) => same(one) === same(name)) < index);
  if (twice !== undefined)
    throw new Misuse(`${option} has the name ${JSON.stringify(twice)} twice`, 'Use each name once.');
}

export function httpUrl(what: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.href;
  throw new Misuse(
    `${what} must be a web address`,
    'Use the whole address, such as https://example.com/token.',
  );
}
