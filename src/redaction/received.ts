/**
 * How values from outside are read: what a server, a source, an adapter or a listener sent or threw may be of
 * any type, may be a trap (a getter, a Proxy), and may be as long as it likes. Nothing here throws.
 */

/** One field of a value; undefined where there is none, or where reading it throws. */
export function fieldOf(from: unknown, name: string): unknown {
  if (typeof from !== 'object' || from === null) return undefined;
  try {
    return (from as Readonly<Record<string, unknown>>)[name];
  } catch {
    return undefined;
  }
}

/** One field that is a text; undefined where it is anything else. */
export function textIn(from: unknown, name: string): string | undefined {
  const value = fieldOf(from, name);
  return typeof value === 'string' ? value : undefined;
}

/** Names and values, at most so many; none where reading them throws. */
export function entriesIn(from: unknown, most: number): readonly (readonly [string, unknown])[] {
  if (typeof from !== 'object' || from === null) return [];
  try {
    return Object.entries(from).slice(0, most);
  } catch {
    return [];
  }
}

/** `instanceof`, also for a Proxy that throws when it is asked. */
export function isA<T>(value: unknown, kind: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof kind;
  } catch {
    return false;
  }
}

/** No message, answer or recording is nested so deep; what is could overflow the stack of whoever reads it. */
const DEEPEST = 100;

/** Whether a JSON text has more brackets inside each other than can be read without harm. */
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
