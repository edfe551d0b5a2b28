import { fieldOf, parseJson, textIn } from '../redaction/received.js';
import { LONGEST_VALUE } from './longest-value.js';
import type { SharedToken, StoredValue } from './port.js';

/** The version of what members write. Members of other versions do not read it. */
const FORMAT = 1;

/** A value with the epoch that it had when it was read. */
export interface ReadToken extends SharedToken {
  readonly epoch: number;
}

export const writtenToken = ({ details, age }: SharedToken): string =>
  JSON.stringify({ format: FORMAT, details, age });

/**
 * A token that another member wrote, and its age by now. Every program that can write to the store can write anything: the details
 * are checked like an answer of the source, by the client.
 *
 * @returns undefined: it is none, or of another version
 */
export function readToken({ epoch, value, ageMs }: StoredValue): ReadToken | undefined {
  try {
    if (value.length > LONGEST_VALUE) return undefined;
    const written = parseJson(value);
    const details = fieldOf(written, 'details');
    if (fieldOf(written, 'format') !== FORMAT || !textIn(details, 'token')) return undefined;
    const age = ageIn(fieldOf(written, 'age'), ageMs, lifeIn(details));
    return { epoch, details: details as SharedToken['details'], ...(age && { age }) };
  } catch {
    return undefined;
  }
}

/** The ages lie within the lifetime, and only grow: a writer cannot make a token younger than new. */
function ageIn(given: unknown, passedMs: number, lifeMs: number): SharedToken['age'] {
  if (given === undefined) return undefined;
  const numbers = ['lifetimeMs', 'ageMs', 'oldestMs'].map((name) => fieldOf(given, name));
  const [lifetimeMs = 0, ageMs = 0, oldestMs = 0] = numbers.map((number) =>
    typeof number === 'number' && Number.isFinite(number) ? Math.max(0, number) : Number.NaN,
  );
  const passed = Math.max(0, passedMs);
  const isGood = lifetimeMs > 0 && lifetimeMs <= lifeMs && ageMs + oldestMs + passed >= 0;
  return isGood ? { lifetimeMs, ageMs: ageMs + passed, oldestMs: Math.max(ageMs, oldestMs) + passed } : NONE;
}

/** Whatever its times: a token with such an age is too old. */
const NONE = { lifetimeMs: 1, ageMs: 1, oldestMs: 1 };

/** The lifetime that the times of a token state, ms. */
function lifeIn(details: unknown): number {
  const lifeMs = Number(fieldOf(details, 'expires')) - Number(fieldOf(details, 'issued'));
  return Number.isNaN(lifeMs) ? Number.POSITIVE_INFINITY : Math.round(lifeMs);
}
