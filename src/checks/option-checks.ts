import { ErrorInfo } from '../errors/error-info.js';

/** For options of other entries: what to do, and the names of these options, separated by spaces. */
export type Elsewhere = readonly (readonly [remediation: string, names: string])[];

/**
 * Checks the names of options.
 *
 * @throws {ErrorInfo} 40003 for an unknown name; the remediation says where the option belongs, or which name
 *   is similar
 */
export function checkNames(given: object, known: readonly string[], elsewhere: Elsewhere = []): void {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const remediation = remedyFor(name, known, elsewhere);
    throw invalidArgument(`unknown option ${JSON.stringify(name)}`, remediation);
  }
}

/**
 * The remediation for an unknown name: where the option belongs, or a known name that differs in few letters
 * or in case.
 */
function remedyFor(name: string, known: readonly string[], elsewhere: Elsewhere): string | undefined {
  const place = elsewhere.find(([, names]) => names.split(' ').includes(name));
  if (place !== undefined) return place[0];
  const nearest = nearestTo(name, known);
  if (nearest === undefined || nearest.distance > Math.min(3, name.length / 3)) return undefined;
  return didYouMean(nearest.one);
}

/** The known name that a name was probably meant to be: within two letters, and most letters are equal. */
export function mistakenFor(name: string, known: readonly string[]): string | undefined {
  const { one = '', distance = 3 } = nearestTo(name, known) ?? {};
  return distance <= 2 && 2 * distance < Math.max(name.length, one.length) ? one : undefined;
}

export const didYouMean = (name: string): string => `Did you mean ${JSON.stringify(name)}?`;

function nearestTo(name: string, known: readonly string[]) {
  const all = known.map((one) => ({ one, distance: distance(name.toLowerCase(), one.toLowerCase()) }));
  return all.sort((a, b) => a.distance - b.distance)[0];
}

/**
 * The number of letters to insert, remove or replace. Names of very different lengths count as infinitely
 * distant.
 */
function distance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > 3) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 0; i < from.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j += 1) {
      const replaced = (row[j] ?? 0) + (from[i] === to[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** Checks a whole number from 1 on; null counts as absent. */
export function wholeNumber(
  name: string,
  given: unknown,
  most = Number.MAX_SAFE_INTEGER,
): number | undefined {
  if (given === undefined || given === null) return undefined;
  if (Number.isSafeInteger(given) && Number(given) > 0 && Number(given) <= most) return Number(given);
  throw invalidOption(name, `a whole number from 1 to ${most}`, given);
}

/** Options of which none is null. */
export type Present<T> = { readonly [K in keyof T]: Exclude<T[K], null> };

/** The options that have a value, own or inherited; null counts as absent. */
export function given<T extends object>(options: T, names: readonly string[]): Present<T> {
  const all = options as Readonly<Record<string, unknown>>;
  const present = names.filter((name) => all[name] !== undefined && all[name] !== null);
  return Object.fromEntries(present.map((name) => [name, all[name]])) as Present<T>;
}

/** The members that have a value. */
export function defined<T extends object>(all: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const present = Object.entries(all).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** Checks an object with these methods. */
export function port<T extends object>(
  name: string,
  candidate: T | null | undefined,
  methods: readonly (keyof T & string)[],
): T | undefined {
  if (candidate === undefined) return undefined;
  const isFit =
    ((typeof candidate === 'object' && candidate !== null) || typeof candidate === 'function') &&
    methods.every((one) => typeof candidate[one] === 'function');
  if (isFit) return candidate;
  throw invalidOption(name, `an object with ${methods.join('(), ')}()`, candidate);
}

/** Checks an object with named values: not an array, Date, Map or similar. */
export function record<T extends object>(name: string, given: T): T {
  if (Object.prototype.toString.call(given) === '[object Object]') return given;
  throw invalidOption(name, 'an object', given);
}

export function flag(name: string, given: unknown): boolean | undefined {
  if (given === undefined || typeof given === 'boolean') return given;
  throw invalidOption(name, 'true or false', given);
}

export function method<T>(name: string, given: T | undefined): T | undefined {
  if (given === undefined || typeof given === 'function') return given;
  throw invalidOption(name, 'a function', given);
}

/**
 * @returns the listener
 * @throws {ErrorInfo} 40003 the listener is not a function
 */
export function checkListener<T>(listener: T): T & ((...given: never) => unknown) {
  if (typeof listener === 'function') return listener as T & ((...given: never) => unknown);
  throw invalidOption('listener', 'a function', listener);
}

/** @throws {ErrorInfo} 40003: `given` is not one of the names. `what`: what they name */
export function checkName(what: 'event' | 'state', given: unknown, names: readonly string[]): void {
  if (names.some((name) => name === given)) return;
  const shown = typeof given === 'string' ? JSON.stringify(given) : `of type ${typeof given}`;
  throw invalidArgument(`unknown ${what} ${shown}`, `The ${what}s are ${names.join(', ')}.`);
}

/** The error for an invalid argument or option. */
export const invalidArgument = (message: string, remediation?: string): ErrorInfo =>
  new ErrorInfo({ code: 40003, message, remediation });

/** The error for an invalid option. It names the kind of the value; only a number is shown. */
export function invalidOption(name: string, wanted: string, given: unknown): ErrorInfo {
  return invalidArgument(`${name} is ${kindOf(given)}, not ${wanted}`);
}

function kindOf(given: unknown): string {
  if (typeof given === 'number') return String(given);
  if (given === '') return 'empty';
  if (given === null || given === undefined) return String(given);
  if (typeof given !== 'object') return `a ${typeof given}`;
  try {
    if (Array.isArray(given)) return 'an array';
    const kind = Object.prototype.toString.call(given).slice(8, -1);
    return kind === 'Object' ? 'an object' : `of the class ${kind}`;
  } catch {
    return 'an object that cannot be read';
  }
}
