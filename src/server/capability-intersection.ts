import { ErrorInfo } from '../errors/error-info.js';
import type { Capability } from '../token/capability.js';
import { type Pattern, patternOf, sharedName } from '../token/resource-pattern.js';
import { excessOf, GRANTED_LIMITS } from './capability-limits.js';
import { PatternTree } from './pattern-tree.js';

/** The effort that the comparison of two small capabilities may cost. */
const LEAST_EFFORT = 262_144;

/** The effort that each character of a capability adds to the limit. */
const EFFORT_PER_CHARACTER = 24;

/**
 * The effort of one step through the tree of patterns, and of one pair that overlaps, without the characters
 * of its names.
 */
const EFFORT_OF_A_STEP = 16;
const EFFORT_OF_A_PAIR = 64;

/**
 * Counts the work of a comparison, and stops it when it is too much for the size of both sides. Patterns that
 * cross, such as `a:*` and `*:b`, have as many channels in common as the product of their numbers.
 */
export class Effort {
  #spent = 0;
  #most = LEAST_EFFORT;

  get spent(): number {
    return this.#spent;
  }

  /** Raises the limit by the size of a capability. */
  allow(characters: number): void {
    this.#most += characters * EFFORT_PER_CHARACTER;
  }

  /** @throws {ErrorInfo} 40003 beyond the limit */
  spend(effort: number): void {
    this.#spent += effort;
    if (this.#spent > this.#most) throw tooMuch('its patterns cross those that are granted too often');
  }
}

interface Right {
  readonly pattern: Pattern;
  readonly operations: ReadonlySet<string>;
}

/**
 * What two capabilities both allow: for each pair of patterns that overlap, the narrower pattern with the
 * operations that both name.
 *
 * @returns an empty object if they have nothing in common
 * @throws {ErrorInfo} 40003 if the result exceeds the limits of a capability
 * @see https://ably.com/docs/auth/capabilities
 */
export function intersection(one: Capability, other: Capability, effort = new Effort()): Capability {
  const tree = new PatternTree<Right>();
  for (const right of rightsOf(other, effort)) tree.add(right);
  const both = new Map<string, Set<string>>();
  for (const { pattern, operations } of rightsOf(one, effort)) {
    for (const candidate of tree.overlapping(pattern, () => effort.spend(EFFORT_OF_A_STEP))) {
      effort.spend(EFFORT_OF_A_PAIR + operations.size + candidate.operations.size);
      const shared = sharedOperations(operations, candidate.operations);
      if (shared.length === 0) continue;
      effort.spend(pattern.name.length + candidate.pattern.name.length);
      const resource = sharedName(pattern, candidate.pattern);
      // Two pairs can lead to the same pattern. Then it allows what either pair allows.
      if (resource !== undefined) both.set(resource, new Set([...(both.get(resource) ?? []), ...shared]));
    }
  }
  const capability = capabilityOf(both);
  const excess = excessOf(capability, GRANTED_LIMITS);
  if (excess !== undefined) throw tooMuch(`what it has in common with the grant ${excess}`);
  return capability;
}

/** The rights of a capability. Its size raises the limit. */
function rightsOf(capability: Capability, effort: Effort): readonly Right[] {
  return Object.entries(capability).map(([name, operations]) => {
    effort.allow(name.length + operations.length);
    return { pattern: patternOf(name), operations: new Set(operations) };
  });
}

function sharedOperations(one: ReadonlySet<string>, other: ReadonlySet<string>): readonly string[] {
  if (one.has('*')) return [...other];
  if (other.has('*')) return [...one];
  return [...one].filter((operation) => other.has(operation));
}

function capabilityOf(rights: ReadonlyMap<string, ReadonlySet<string>>): Capability {
  // The object has no prototype, because a channel may be named "__proto__".
  const capability: Record<string, readonly string[]> = Object.create(null);
  // `*` is the only entry of its list; any other operation is in it once.
  for (const [name, operations] of rights) capability[name] = operations.has('*') ? ['*'] : [...operations];
  return capability;
}

function tooMuch(why: string): ErrorInfo {
  return new ErrorInfo({
    code: 40003,
    message: `capability asks for too much at once: ${why}`,
    remediation: 'Ask for fewer channels, or leave capability out to get everything that is granted.',
  });
}
