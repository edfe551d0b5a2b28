import { invalidArgument } from '../checks/option-checks.js';
import { type Capability, canonicalCapability } from './capability.js';
import { covers, patternOf } from './resource-pattern.js';

/** An operation on a channel, or on all channels of a pattern. */
export interface Permission {
  readonly resource: string;
  readonly operation: string;
}

/**
 * Parses the rights that an app requires. @throws {ErrorInfo} 40003 if it is not a capability, or names no
 * operation
 */
export function parseNeeds(capability: string | Capability): Capability {
  const needs = parseCapability(capability);
  const operations = Object.values(needs);
  if (operations.length > 0 && operations.every(({ length }) => length > 0)) return needs;
  throw invalidArgument(
    `capability ${operations.length === 0 ? 'names no channel' : 'names a channel without an operation'}`,
  );
}

/** Parses a capability. @throws {ErrorInfo} 40003 if it is invalid */
export function parseCapability(capability: string | Capability): Capability {
  return JSON.parse(canonicalCapability(capability)) as Capability;
}

/** The permissions in `needed` that `granted` does not cover, by Ably's rules for patterns. */
export function lackingIn(granted: Capability, needed: Capability): readonly Permission[] {
  const rights = Object.entries(granted).map(([name, operations]) => [patternOf(name), operations] as const);
  return Object.entries(needed).flatMap(([resource, operations]) => {
    const channel = patternOf(resource);
    const allowed = new Set(rights.flatMap(([pattern, all]) => (covers(pattern, channel) ? all : [])));
    return operations
      .filter((operation) => !allowed.has('*') && !allowed.has(operation))
      .map((operation) => ({ resource, operation }));
  });
}

/** `base` with the permissions of `more` that it does not cover. */
export function mergeCapabilities(base: Capability, more: Capability): Capability {
  const merged = new Map(Object.entries(base));
  for (const { resource, operation } of lackingIn(base, more)) {
    const all = new Set([...(merged.get(resource) ?? []), operation]);
    // The service accepts `*` only as the single operation of a channel.
    merged.set(resource, all.has('*') ? ['*'] : [...all]);
  }
  return Object.fromEntries(merged);
}
