import { hideKnown } from '../redaction/known-secrets.js';
import { fieldOf, isA, textIn } from '../redaction/received.js';
import { redactKnown, redactText } from '../redaction/text.js';
import { MOST_CAUSES, noteOriginal, originalOf } from './originals.js';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/**
 * A copy of a foreign cause that any logger may print: it has the class, name, message, stack, numeric codes
 * and causes of the original, without secrets, and no other members. A text is redacted; a function has no
 * content.
 *
 * @param own what to use for a cause that is an ErrorInfo; undefined: it is none
 * @param known secrets that are always replaced
 * @param depth the number of errors that it is a cause of
 */
export function safeCause(
  given: unknown,
  own: (given: unknown, depth: number) => unknown,
  known: readonly string[] = [],
  depth = 1,
): unknown {
  if (depth > MOST_CAUSES) return undefined;
  if (typeof given === 'string') return redactText(given, known);
  if (typeof given === 'symbol') return Symbol();
  if (typeof given === 'function') return () => {};
  if (!isObject(given)) return given;
  const found = own(given, depth);
  if (found !== undefined) return found;
  const isError = isA(given, Error);
  const [told, code] = [textIn(given, 'message'), fieldOf(given, 'code')];
  const message = told === undefined && !isError ? undefined : redactText(told ?? '', known);
  const name = shownName(fieldOf(given, 'name'), known) ?? (isError ? 'Error' : undefined);
  const line = `${name}: ${message}`;
  const texts = {
    name,
    message,
    stack: isError ? line + framesOf(textIn(given, 'stack') ?? '', told ?? '', known) : undefined,
    cause: safeCause(fieldOf(given, 'cause'), own, known, depth + 1) ?? undefined,
  };
  const isSafe =
    originalOf(given) !== undefined &&
    Object.keys(given).every((key) => SHOWN.includes(key)) &&
    Object.entries(texts).every(([key, text]) => fieldOf(given, key) === text);
  if (isSafe) return given;
  const hidden: Record<PropertyKey, unknown> = texts;
  const copy: object = isError ? new Error() : {};
  try {
    const prototype = classOf(given);
    // A method of the class may need the members that are left out.
    if (prototype?.toJSON !== undefined) hidden.toJSON = () => ({ name, message });
    if (![Error.prototype.toString, Object.prototype.toString, undefined].includes(prototype?.toString))
      hidden.toString = () => line;
    if (prototype?.[INSPECT] !== undefined) hidden[INSPECT] = () => line;
    if (Symbol.toStringTag in (prototype ?? {})) hidden[Symbol.toStringTag] = 'Error';
    Object.setPrototypeOf(copy, prototype);
  } catch {
    // A Proxy may throw. Then the copy is a plain error.
  }
  const shown = {
    code: isSystemCode(code) ? code : numberIn(code),
    statusCode: numberIn(fieldOf(given, 'statusCode')),
  };
  for (const [enumerable, members] of [
    [false, hidden],
    [true, shown],
  ] as const)
    for (const key of Reflect.ownKeys(members)) {
      const value = (members as typeof hidden)[key];
      if (value !== undefined)
        Object.defineProperty(copy, key, { value, enumerable, configurable: true, writable: true });
    }
  noteOriginal(copy, given);
  return copy;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** The members of a copy that are shown. */
const SHOWN = ['code', 'statusCode'];

/** The prototype of the value's class. Other objects in the prototype chain may contain anything. */
function classOf(given: object): (object & Readonly<Record<PropertyKey, unknown>>) | null {
  let prototype = Object.getPrototypeOf(given);
  while (prototype !== null && !Object.hasOwn(prototype, 'constructor'))
    prototype = Object.getPrototypeOf(prototype);
  return prototype;
}

const numberIn = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** A code as Node has them: ECONNREFUSED, UND_ERR_SOCKET. */
export const isSystemCode = (code: unknown): code is string =>
  typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code) && redactText(code) === code;

/** The name of an error, safe to show. It may be long: PrismaClientKnownRequestError. */
export function shownName(name: unknown, known: readonly string[] = []): string | undefined {
  if (typeof name !== 'string' && typeof name !== 'number') return undefined;
  const text = redactKnown(String(name), known);
  return text.length <= LONGEST_NAME && CLASS_NAME.test(text) ? text : redactText(text);
}

const LONGEST_NAME = 100;

const CLASS_NAME = /^([A-Z][a-z]{2,18})+$/;

/** The calls in a stack, each with a line break before it. */
export function framesOf(stack: string, message: string, known: readonly string[] = []): string {
  const lines = stack
    .slice(0, LONGEST_STACK)
    .replace(message, '')
    .split('\n')
    .filter((line) => FRAME.test(line));
  const calls = lines.join('\n');
  // Each part is searched only if a known secret is in one of them.
  const sought = hideKnown(calls, known) === calls ? [] : known;
  return lines
    .map(
      (line) => `\n${line.replace(/\?[^:)\s]*/g, '').replace(PATH_PART, (part) => frameText(part, sought))}`,
    )
    .join('');
}

const LONGEST_STACK = 8_192;

/** A call, as V8 and as other engines write it. */
const FRAME = /^ +at .{1,400}$|^[^\s@]{0,100}@.{1,400}:\d+:\d+$/;

const PATH_PART = /[^\s/\\()]+/g;

/** The names of files can look like secrets: index-B3xK9a.js:1:2. */
const frameText = (part: string, known: readonly string[]): string =>
  /^[\w@.+~-]{1,60}\.[cm]?[jt]sx?(:\d+){0,2}$/.test(part)
    ? redactKnown(part, known)
    : redactText(part, known);
