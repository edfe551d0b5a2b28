import leven from 'leven';
import { ErrorInfo } from './errors.js';

/** @throws {ErrorInfo} 40003 for a name there is none of, naming the nearest one there is. */
export function checkNames(given: object, known: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const nearest = [...known].sort((a, b) => leven(name, a) - leven(name, b))[0];
    throw new ErrorInfo({
      code: 40003,
      message: `unknown option ${JSON.stringify(name)}`,
      remediation: `Did you mean ${JSON.stringify(nearest)}?`,
    });
  }
}

/** A whole number above zero; null is nothing given. */
export function wholeNumber(
  name: string,
  given: unknown,
  most = Number.MAX_SAFE_INTEGER,
): number | undefined {
  if (given === undefined || given === null) return undefined;
  if (Number.isSafeInteger(given) && Number(given) > 0 && Number(given) <= most) return Number(given);
  throw invalidOption(name, `a whole number from 1 to ${most}`, given);
}

/** The options that are there: null is nothing given, wherever in the prototype chain it stands. */
export function given<T extends object>(options: T, names: readonly string[]): T {
  const all = options as Readonly<Record<string, unknown>>;
  const present = names.filter((name) => all[name] !== undefined && all[name] !== null);
  return Object.fromEntries(present.map((name) => [name, all[name]])) as T;
}

/** Something with these methods. */
export function port<T extends object>(
  name: string,
  candidate: T | undefined,
  methods: readonly (keyof T & string)[],
): T | undefined {
  if (candidate === undefined) return undefined;
  const isFit =
    (typeof candidate === 'object' || typeof candidate === 'function') &&
    methods.every((one) => typeof candidate[one] === 'function');
  if (isFit) return candidate;
  throw invalidOption(name, `something with ${methods.map((one) => `${one}()`).join(', ')}`, candidate);
}

export function flag(name: string, given: unknown): boolean | undefined {
  if (given === undefined || typeof given === 'boolean') return given;
  throw invalidOption(name, 'true or false', given);
}

export function method<T>(name: string, given: T | undefined): T | undefined {
  if (given === undefined || typeof given === 'function') return given;
  throw invalidOption(name, 'a function', given);
}

/** Names the kind of what was given; a number is shown, any other content is not. */
export function invalidOption(name: string, wanted: string, given: unknown): ErrorInfo {
  return new ErrorInfo({ code: 40003, message: `${name} is ${kindOf(given)}, not ${wanted}` });
}

function kindOf(given: unknown): string {
  if (typeof given === 'number') return String(given);
  if (given === '') return 'empty';
  if (Array.isArray(given)) return 'an array';
  return given === null ? 'null' : given === undefined ? 'undefined' : `a ${typeof given}`;
}
