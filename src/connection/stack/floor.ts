import { invalidArgument, invalidOption } from '../../checks/option-checks.js';

/** The oldest release of a library that an adapter works with, by the members that it needs. */
export interface Floor<T> {
  /** The name of the value, such as `socket`. */
  readonly name: string;
  /** What the value is, such as `a socket of socket.io-client 3.1 or newer`. */
  readonly wanted: string;
  /** The members that older releases lack, and their types. */
  readonly members: readonly (readonly [path: string, type: 'function' | 'boolean' | 'object'])[];
  /** Whether the value is made by the library, of whatever release. */
  isOfLibrary(value: T): boolean;
}

/**
 * @throws {ErrorInfo} 40003: the value is not made by the library, or by a release that is too old: the message names
 * the member that is missing
 */
export function checkFloor<T extends object>(value: T, { name, wanted, members, isOfLibrary }: Floor<T>): T {
  if (typeof value !== 'object' || value === null || !isOfLibrary(value))
    throw invalidOption(name, wanted, value);
  for (const [path, type] of members) {
    if (typeof memberOf(value, path) === type) continue;
    throw invalidArgument(`${name} is not ${wanted}: it has no ${path}`, `Pass ${wanted}.`);
  }
  return value;
}

function memberOf(value: unknown, path: string): unknown {
  return path.split('.').reduce((part: unknown, member) => Object(part)[member], value);
}
