/** The parts of the query of an address. */
export const partsOf = (url: string): string[] => (/\?([^#]*)/.exec(url)?.[1] ?? '').split('&');

/** The name and the value in one part of a query; unchanged if they cannot be decoded. */
export function formPair(part: string): readonly [name: string, value: string] {
  const at = `${part}=`.indexOf('=');
  return [fromForm(part.slice(0, at)), fromForm(part.slice(at + 1))];
}

function fromForm(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '));
  } catch {
    return text;
  }
}
