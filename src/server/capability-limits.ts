import type { Capability } from '../token/capability.js';

/** How large a capability may be. */
export interface CapabilityLimits {
  /** The number of channels and patterns. */
  readonly resources: number;
  /** The number of operations on each channel or pattern. */
  readonly operations: number;
  /** UTF-16 units of all names and operations together. */
  readonly characters: number;
}

/** For the capability that a client requests. */
export const ASKED_LIMITS: CapabilityLimits = { resources: 256, operations: 64, characters: 32_768 };

/**
 * For the capability of a grant. A larger one makes tokens that are too long for clients and for the service.
 */
export const GRANTED_LIMITS: CapabilityLimits = { resources: 2_048, operations: 64, characters: 65_536 };

/** The limit that a capability exceeds, as the end of a sentence; undefined if it exceeds none. */
export function excessOf(capability: Capability, limits: CapabilityLimits): string | undefined {
  const names = Object.keys(capability);
  if (names.length > limits.resources) return `names more than ${limits.resources} channels`;
  let characters = 0;
  for (const name of names) {
    const operations = capability[name] ?? [];
    if (operations.length > limits.operations) {
      return `names more than ${limits.operations} operations on one channel`;
    }
    characters += name.length;
    for (const operation of operations) characters += operation.length;
    if (characters > limits.characters) return `has more than ${limits.characters} characters`;
  }
  return undefined;
}
