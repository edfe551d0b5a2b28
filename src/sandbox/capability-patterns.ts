import { type Capabilities, MOST_RESOURCES } from './capability.js';
import { Fault } from './fault.js';
import { covers, coversPattern, intersectPatterns, split } from './resource-pattern.js';

/**
 * What both allow: for each pair of patterns what both match, with the operations both name.
 * @throws {Fault} 40000 when that comes to too many resources
 */
export function intersect(a: Capabilities, b: Capabilities): Capabilities {
  const both = new Map<string, ReadonlySet<string>>();
  const rights = [...b].map(([pattern, operations]) => [split(pattern), operations] as const);
  for (const [pattern, leftOps] of a) {
    const left = split(pattern);
    for (const [right, rightOps] of rights) {
      const operations = intersectOperations(leftOps, rightOps);
      const resource = operations.size === 0 ? undefined : intersectPatterns(left, right);
      if (resource === undefined) continue;
      both.set(resource, new Set([...(both.get(resource) ?? []), ...operations]));
      if (both.size > MOST_RESOURCES) throw tooMuch();
    }
  }
  return tidy(both, a, b);
}

/** Patterns that cross share as many resources as the product of their numbers: the rest is not compared. */
const tooMuch = () =>
  new Fault('invalid capability', `what it shares with the key has more than ${MOST_RESOURCES} resources`);

/** Whether `operation` is allowed on a channel of this name. */
export function allows(capabilities: Capabilities, channel: string, operation: string): boolean {
  for (const [pattern, operations] of capabilities) {
    if (has(operations, operation) && covers(pattern, channel)) return true;
  }
  return false;
}

/** Whether anything at all is allowed on a channel of this name. */
export function allowsAnything(capabilities: Capabilities, channel: string): boolean {
  for (const pattern of capabilities.keys()) if (covers(pattern, channel)) return true;
  return false;
}

/**
 * Without what only follows from something wider: where two patterns cross, a third would appear that
 * nobody has named. So a capability shared with itself is the same, to the letter.
 */
function tidy(all: Capabilities, a: Capabilities, b: Capabilities): Capabilities {
  const tidied = new Map<string, ReadonlySet<string>>();
  for (const [resource, operations] of all) {
    const told = [...operations].filter(
      (one) => names(a, resource, one) || names(b, resource, one) || !isWithinWider(all, resource, one),
    );
    if (told.length > 0) tidied.set(resource, new Set(told.includes('*') ? ['*'] : told));
  }
  return tidied;
}

function names(capabilities: Capabilities, resource: string, operation: string): boolean {
  const operations = capabilities.get(resource);
  return operations !== undefined && has(operations, operation);
}

function isWithinWider(all: Capabilities, resource: string, operation: string): boolean {
  for (const [other, operations] of all) {
    if (other !== resource && has(operations, operation) && coversPattern(other, resource)) return true;
  }
  return false;
}

const has = (operations: ReadonlySet<string>, one: string): boolean =>
  operations.has('*') || operations.has(one);

function intersectOperations(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  if (a.has('*')) return b;
  if (b.has('*')) return a;
  return new Set([...a].filter((one) => b.has(one)));
}
