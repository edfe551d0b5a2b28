import { fieldOf } from './received.js';
import { isSecretName, isSecretNumberName } from './secret-names.js';
import { redactText } from './text.js';

/** What lies deeper than this is not shown. */
const DEEPEST = 12;

/** A long list is cut: an inspector is there to be looked at. */
const MOST = 200;

/** So many values are shown in all: lists of lists of the same lists would have no end. */
const MOST_IN_ALL = 50_000;

/** A longer name of somebody is cut. */
const LONGEST_IDENTITY = 1_000;

/** Says who somebody is, and gives nobody any right (RSA7): a UUID there is no secret. */
const IDENTITY = /^client_?id$/i;

/** Whether a text that looks like a secret is known to be none. */
export type Known = (text: string) => boolean;

const none: Known = () => false;

/**
 * A plain copy of anything, fit to be shown: no secret, no function, no class, no cycle.
 *
 * What travels in a box stays in it; texts that might be a key, a token, a mac or a nonce are masked, and
 * so are names that look like one, and what stands under a name such as `token`, `apiKey` or
 * `set-cookie`; of an error there is its code, message and cause, of an actor its name, of bytes their
 * kind.
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

/** As {@link redacted}; texts that are known to be no secrets stay as they are, as the names of states do. */
export function redactedBut(isKnown: Known, value: unknown): unknown {
  return new Copier(isKnown).copy(value, '', []);
}

class Copier {
  readonly #isKnown: Known;
  #left = MOST_IN_ALL;

  constructor(isKnown: Known) {
    this.#isKnown = isKnown;
  }

  /** @param name what it stands under; the items of a list stand under the list's */
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
      // A getter of a foreign object may throw.
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
    // Its own methods are not asked: they may have been put there, and say anything.
    if (value instanceof Date) return new Date(Date.prototype.getTime.call(value)).toJSON();
    if (Array.isArray(value)) return value.slice(0, MOST).map((item) => this.copy(item, name, above));
    if (value instanceof Map) return this.#copyFields(value.entries(), above);
    if (value instanceof Set) return this.copy([...value], name, above);
    // Buffers are among them, and have a toJSON() that tells each byte.
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
      // What is under a capability are channels, whatever they are called.
      const copied = this.copy(value, under === 'capability' ? '' : name, above);
      if (copied !== undefined || value === undefined) fields.push([this.#mask(name), copied]);
    }
    return Object.fromEntries(toldApart(fields));
  }

  /** Of an error nothing is taken over by chance: it may carry whatever its maker put there. */
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

/** Names that are masked may be the same then: none takes the place of another. */
function toldApart(fields: readonly (readonly [string, unknown])[]): readonly (readonly [string, unknown])[] {
  const times = new Map<string, number>();
  return fields.map(([name, value]) => {
    const time = (times.get(name) ?? 0) + 1;
    times.set(name, time);
    return [time === 1 ? name : `${name} ${time}`, value];
  });
}

/** Keys of a Map may be anything, and say anything of themselves. */
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
