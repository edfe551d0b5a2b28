import { maskForeign } from '../foreign-text.js';

/** Names under which a text is a secret, whatever it looks like. */
const SECRET_NAMES =
  /^(token|access_?token|id_?token|refresh_?token|key|key_?str|key_?secret|secret|mac|nonce|jwt|password|authorization|cookie)$/i;

/** What lies deeper than this is not shown. */
const DEEPEST = 12;

/** A long list is cut: an inspector is there to be looked at. */
const MOST = 200;

/**
 * A plain copy of anything, fit to be shown: no secret, no function, no class, no cycle.
 *
 * What travels in a box stays in it; texts that might be a key, a token, a mac or a nonce are masked;
 * of an error there is its code, message and cause, of an actor its name.
 *
 * @example
 * ```ts
 * import { redacted } from 'latchkey/inspect';
 *
 * console.log(redacted({ clientId: 'ada', mac: 'abc=' })); // { clientId: 'ada', mac: '[mac]' }
 * ```
 */
export function redacted(value: unknown): unknown {
  return copy(value, '', []);
}

function copy(value: unknown, name: string, above: readonly object[]): unknown {
  if (typeof value === 'string') return SECRET_NAMES.test(name) ? `[${name}]` : maskForeign(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (above.includes(value) || above.length >= DEEPEST) return '[…]';
  try {
    return copyObject(value, [...above, value]);
  } catch {
    // A getter of a foreign object may throw.
    return '[…]';
  }
}

function copyObject(value: object, above: readonly object[]): unknown {
  if (value instanceof Error) return copyError(value, above);
  if (isActor(value)) return { id: value.id, sessionId: value.sessionId };
  if (value instanceof Date) return value.toJSON();
  if (Array.isArray(value)) return value.slice(0, MOST).map((item) => copy(item, '', above));
  if (value instanceof Map) return copyFields(value.entries(), above);
  if (value instanceof Set) return copy([...value], '', above);
  if (hasToJson(value)) return copy(value.toJSON(), '', above);
  if (!isPlain(value)) return `[${value.constructor?.name ?? 'object'}]`;
  return copyFields(Object.entries(value), above);
}

function copyFields(entries: Iterable<readonly [unknown, unknown]>, above: readonly object[]): object {
  const fields: [string, unknown][] = [];
  for (const [name, value] of entries) {
    if (fields.length === MOST) break;
    const copied = copy(value, String(name), above);
    if (copied !== undefined || value === undefined) fields.push([String(name), copied]);
  }
  return Object.fromEntries(fields);
}

/** Of an error nothing is taken over by chance: it may carry whatever its maker put there. */
function copyError(error: Error, above: readonly object[]): object {
  const { name, message, cause } = error;
  const { code, statusCode, remediation, href, retryAfterMs } = error as unknown as Record<string, unknown>;
  const told = { name, message, code, statusCode, remediation, href, retryAfterMs, cause };
  return copyFields(
    Object.entries(told).filter(([, value]) => value !== undefined),
    above,
  );
}

function isActor(value: object): value is { readonly id: string; readonly sessionId: string } {
  return 'sessionId' in value && 'getSnapshot' in value && 'id' in value;
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
