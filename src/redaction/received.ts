/**
 * How received values are read. A value from a server, a source, an adapter or a listener can have any type
 * and any length, and can run code when it is read (a getter, a Proxy). These functions never throw.
 */

/** One field of a value; undefined if it is absent or reading it throws. */
export function fieldOf(from: unknown, name: string): unknown {
  if (typeof from !== 'object' || from === null) return undefined;
  try {
    return (from as Readonly<Record<string, unknown>>)[name];
  } catch {
    return undefined;
  }
}

/** One field that is a string; undefined if it is anything else. */
export function textIn(from: unknown, name: string): string | undefined {
  const value = fieldOf(from, name);
  return typeof value === 'string' ? value : undefined;
}

/** The statuses in the fields that errors of HTTP libraries have. */
export const statusesIn = (thrown: unknown): unknown[] => [
  fieldOf(thrown, 'statusCode'),
  fieldOf(thrown, 'status'),
  fieldOf(fieldOf(thrown, 'response'), 'status'),
];

/** The names and values of an object, at most `most` of them; none if reading them throws. */
export function entriesIn(from: unknown, most: number): readonly (readonly [string, unknown])[] {
  if (typeof from !== 'object' || from === null) return [];
  try {
    return Object.entries(from).slice(0, most);
  } catch {
    return [];
  }
}

/** `instanceof`, also for a Proxy that throws. */
export function isA<T>(value: unknown, kind: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof kind;
  } catch {
    return false;
  }
}

/** The size of a text in letters, or of an ArrayBuffer, a view or a Blob in bytes; 0 for any other value. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  const size = fieldOf(value, 'byteLength') ?? fieldOf(value, 'size');
  return typeof size === 'number' ? size : 0;
}

/**
 * A JSON text as a value. Its depth is checked first.
 * @throws {SyntaxError} not JSON, or nested too deep
 */
export function parseJson(text: string): unknown {
  if (isTooDeep(text)) throw new SyntaxError('the text is nested too deep');
  return JSON.parse(text);
}

/** The deepest nesting of a message, answer or recording. Deeper values could overflow the stack. */
const DEEPEST = 100;

/** Whether a JSON text is nested too deeply to be read safely. */
export function isTooDeep(json: string): boolean {
  let [depth, isInText] = [0, false];
  for (let at = 0; at < json.length; at += 1) {
    switch (json.charCodeAt(at)) {
      case 0x22: // "
        isInText = !isInText;
        break;
      case 0x5c: // \
        at += 1;
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (!isInText) depth += 1;
        if (depth > DEEPEST) return true;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        if (!isInText) depth -= 1;
    }
  }
  return false;
}
