import fc from 'fast-check';
import { parseCapability } from '../../src/sandbox/capability.js';
import { allows } from '../../src/sandbox/capability-patterns.js';
import type { Capability } from '../../src/token/capability.js';

export const OPERATIONS = ['publish', 'subscribe', 'presence', 'history'] as const;

/** Few words, so that patterns meet. */
const word = fc.constantFrom('a', 'b', 'c', 'a*', '');
const kind = fc.constantFrom('', '', '', '[meta]', '[queue]', '[*]');
const pattern = fc
  .tuple(kind, fc.array(fc.oneof(word, fc.constant('*')), { minLength: 1, maxLength: 4 }))
  .map(([brackets, segments]) => `${brackets}${segments.join(':')}`)
  .filter((name) => name !== '');

const operations = fc.oneof(
  { weight: 1, arbitrary: fc.constant<string[]>(['*']) },
  { weight: 3, arbitrary: fc.uniqueArray(fc.constantFrom<string[]>(...OPERATIONS), { minLength: 1 }) },
);

/** Capabilities whose patterns often meet. */
export const someCapability: fc.Arbitrary<Record<string, string[]>> = fc.dictionary(pattern, operations, {
  minKeys: 1,
  maxKeys: 4,
  noNullPrototype: true,
});

/** Names of channels, which those patterns may cover. */
export const someChannel = fc
  .tuple(fc.constantFrom('', '', '[meta]', '[queue]'), fc.array(word, { minLength: 1, maxLength: 5 }))
  .map(([brackets, segments]) => `${brackets}${segments.join(':')}`);

/** What the sandbox, which has rules of its own, would allow. */
export function isAllowed(capability: Capability | string, channel: string, operation: string): boolean {
  return allows(parseCapability(capability), channel, operation);
}
