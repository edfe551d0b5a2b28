import { fieldOf } from './received.js';
import { isSecretName, isSecretNumberName } from './secret-names.js';
import { redactText } from './text.js';

/** The deepest nesting that is shown. */
const DEEPEST = 12;

/** The longest list that is shown. */
const MOST = 200;

/** The highest number of values that are shown in all: nested lists could grow without end. */
const MOST_IN_ALL = 50_000;

/** The longest identity that is shown. */
const LONGEST_IDENTITY = 1_000;

/** The name of an identity, which is not a credential (RSA7): a UUID under this name is not a secret. */
const IDENTITY = /^client_?id$/i;

/** Whether a text that looks like a secret is known not to be one. */
export type Known = (text: string) => boolean;

const none: Known = () => false;

/**
 * A plain copy of any value that is safe to show: without secrets, functions, classes and cycles.
 *
 * - A `Secret` stays hidden.
 * - Texts and names that may be a key, token, mac or nonce are redacted, and every value under a name such as
 *   `token`, `apiKey` or `set-cookie`.
 * - An error becomes its code, message and cause; an actor its id; bytes their class.
 *
 * @example
 * ```ts
 * import { redacted } from 'latchkey/inspect';
 *
 * console.log(redacted({ clientId: 'ada', mac: 'abc=' })); // { clientId: 'ada', mac: '[mac]' }
 * ```
 */
export function redacted(value: unknown): unknown {
  return redactedBut(none, value);
}

/**
 * The same as {@link redacted}, but keeps texts that are known not to be secrets, such as the names of
 * states.
 */
export function redactedBut(isKnown: Known, value: unknown): unknown {
  return new Copier(isKnown).copy(value, '', []);
}

class Copier {
  readonly #isKnown: Known;
  #left = MOST_IN_ALL;

  constructor(isKnown: Known) {
    this.#isKnown = isKnown;
  }

  /** Copies a value. @param name the name of the value; the items of a list have the name of the list */
  copy(value: unknown, name: string, above: readonly object[]): unknown {
    if (typeof value === 'string') return this.#copyText(value, name);
    if (typeof value === 'number') return isSecretNumberName(name) ? `[${this.#mask(name)}]` : value;
    if (typeof value === 'bigint') return this.#copyText(String(value), name);
    if (typeof value === 'function' || typeof value === 'symbol') return undefined;
    if (typeof value !== 'object' || value === null) return value;
    this.#left -= 1;
    if (above.includes(value) || above.length >= DEEPEST || this.#left < 0) return '[…]';
    try {
      return this.#copyObject(value, name, [...above, value]);
    } catch {
      // A getter of a received object may throw.
      return '[…]';
    }
  }

  #copyText(text: string, name: string): string {
    if (isSecretName(name)) return `[${this.#mask(name)}]`;
    return IDENTITY.test(name) ? text.slice(0, LONGEST_IDENTITY) : this.#mask(text);
  }

  #copyObject(value: object, name: string, above: readonly object[]): unknown {
    if (value instanceof Error) return this.#copyError(value, above);
    if (isActor(value))
      return { id: this.copy(value.id, '', above), sessionId: this.copy(value.sessionId, '', above) };
    // The object's own methods are not called: they may have been replaced.
    if (value instanceof Date) return new Date(Date.prototype.getTime.call(value)).toJSON();
    if (Array.isArray(value)) return value.slice(0, MOST).map((item) => this.copy(item, name, above));
    if (value instanceof Map) return this.#copyFields(value.entries(), above);
    if (value instanceof Set) return this.copy([...value], name, above);
    // Buffers are views too, and their toJSON() would show each byte.
    if (ArrayBuffer.isView(value)) return this.#kindOf(value);
    if (hasToJson(value)) return this.copy(value.toJSON(), name, above);
    if (!isPlain(value)) return this.#kindOf(value);
    return this.#copyFields(Object.entries(value), above, name);
  }

  #copyFields(entries: Iterable<readonly [unknown, unknown]>, above: readonly object[], under = ''): object {
    const fields: [string, unknown][] = [];
    for (const [key, value] of entries) {
      if (fields.length === MOST) break;
      const name = nameOf(key);
      // The names under a capability are channels, even if they look like names of secrets.
      const copied = this.copy(value, under === 'capability' ? '' : name, above);
      if (copied !== undefined || value === undefined) fields.push([this.#mask(name), copied]);
    }
    return Object.fromEntries(toldApart(fields));
  }

  /** Copies only the known fields of an error: it may carry any others. */
  #copyError(error: Error, above: readonly object[]): object {
    const told = ERROR_PARTS.map((name) => [name, fieldOf(error, name)] as const);
    return this.#copyFields(
      told.filter(([, value]) => value !== undefined),
      above,
    );
  }

  #kindOf(value: object): string {
    return `[${this.#mask(String(value.constructor?.name ?? 'object'))}]`;
  }

  #mask(text: string): string {
    return this.#isKnown(text) ? text : redactText(text);
  }
}

const ERROR_PARTS = [
  'name',
  'message',
  'code',
  'statusCode',
  'origin',
  'remediation',
  'href',
  'retryAfterMs',
  'cause',
];

/** Two different names can be equal after redaction; a number keeps them apart. */
function toldApart(fields: readonly (readonly [string, unknown])[]): readonly (readonly [string, unknown])[] {
  const times = new Map<string, number>();
  return fields.map(([name, value]) => {
    const time = (times.get(name) ?? 0) + 1;
    times.set(name, time);
    return [time === 1 ? name : `${name} ${time}`, value];
  });
}

/** The name for the key of a Map, which can be any value. */
function nameOf(key: unknown): string {
  if (typeof key === 'string') return key;
  return typeof key === 'number' || typeof key === 'boolean' ? String(key) : `[${typeof key}]`;
}

function isActor(value: object): value is { readonly id: unknown; readonly sessionId: unknown } {
  return 'sessionId' in value && 'getSnapshot' in value && 'id' in value;
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
