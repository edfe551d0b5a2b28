import { type Capabilities, MOST_RESOURCES } from './capability.js';
import { Fault } from './fault.js';
import { covers, coversPattern, intersectPatterns, split } from './resource-pattern.js';

/**
 * What two capabilities both allow: for each pair of patterns, the channels that both match, with the
 * operations that both name.
 * @throws {Fault} 40000 if the result has too many resources
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

/**
 * Patterns that cross share as many resources as the product of their numbers: beyond the limit, the
 * comparison stops.
 */
const tooMuch = () =>
  new Fault('invalid capability', `what it shares with the key has more than ${MOST_RESOURCES} resources`);

/** Whether `operation` is allowed on this channel. */
export function allows(capabilities: Capabilities, channel: string, operation: string): boolean {
  for (const [pattern, operations] of capabilities) {
    if (has(operations, operation) && covers(pattern, channel)) return true;
  }
  return false;
}

/** Whether any operation is allowed on this channel. */
export function allowsAnything(capabilities: Capabilities, channel: string): boolean {
  for (const pattern of capabilities.keys()) if (covers(pattern, channel)) return true;
  return false;
}

/**
 * Removes entries that follow from a wider entry. Where two patterns cross, the intersection would contain a
 * third one that no capability names. With this step, a capability intersected with itself stays the same.
 */
function tidy(all: Capabilities, a: Capabilities, b: Capabilities): Capabilities {
  const tidied = new Map<string, ReadonlySet<string>>();
  for (const [resource, operations] of all) {
    const kept = [...operations].filter(
      (one) => names(a, resource, one) || names(b, resource, one) || !isWithinWider(all, resource, one),
    );
    if (kept.length > 0) tidied.set(resource, new Set(kept.includes('*') ? ['*'] : kept));
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
