import { invalidOption } from '../checks/option-checks.js';

/** Checks a finite number; null counts as absent. */
export function finite(name: string, given: unknown, wanted = 'a number'): number | undefined {
  if (given === undefined || given === null) return undefined;
  if (Number.isFinite(given)) return Number(given);
  throw invalidOption(name, wanted, given);
}

/** Checks a number of ms, 0 or more; null counts as absent. */
export function span(name: string, given: unknown): number | undefined {
  if (finite(name, given, 'a number of ms') === undefined || Number(given) >= 0) return given as number;
  throw invalidOption(name, 'a number of ms, 0 or more', given);
}

/** Checks that a value is present. */
export function required<T>(name: string, wanted: string, given: T | null | undefined): T {
  if (given !== undefined && given !== null) return given;
  throw invalidOption(name, wanted, given);
}

/** Checks one of a few words; null counts as absent. */
export function oneOf<Word extends string>(
  name: string,
  words: readonly Word[],
  given: Word | null | undefined,
): Word | undefined {
  if (given === undefined || given === null) return undefined;
  if (words.includes(given)) return given;
  throw invalidOption(name, `one of ${words.join(', ')}`, given);
}
